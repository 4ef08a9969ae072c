//! The trait that a backend's live spans implement.

use std::{
    error::Error,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{End, NativeContext, reference::SpanRef, started::StartedSpan};
use crate::model::{Context, Event, Link, Name, Operation, Status, Tag, TextMapWriter, Value};

/// A live span of a backend.
///
/// Callers hold it in a [`StartedSpan`] and in [`SpanRef`]s. A span that is not recorded has no live span, unless the
/// backend's native context needs one.
///
/// No method may panic, wait for a network, or call back into its caller while it holds a lock. Calls after
/// [`finish`](Self::finish) change nothing; a backend may count them.
///
/// ```
/// use anytrace_api::{
///     Context, Name, Operation, StartedSpan, Tag, TracerHandle, Value,
///     backend::{End, Span, Tracer, Unsupported, Update},
///     propagation::{Propagator, TextMapWriter, W3C},
/// };
/// use std::sync::Arc;
///
/// /// Prints its tags.
/// struct Printed;
///
/// impl Span for Printed {
///     fn set_tag(&self, key: Name<'_>, value: Value<'_>) {
///         println!("{key}={value}");
///     }
///     fn update(&self, _: Update<'_>) -> Result<(), Unsupported> {
///         Err(Unsupported)
///     }
///     fn start_child(&self, _: &Operation<'_>, context: &Context) -> StartedSpan {
///         // A backend that records spans creates a new span id here: see `Context::child`.
///         StartedSpan::new(context.clone(), Some(Arc::new(Printed)))
///     }
///     fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter) {
///         W3C.inject(context, carrier);
///     }
///     fn finish(self: Arc<Self>, _: End) {}
/// }
///
/// StartedSpan::new(Context::EMPTY, Some(Arc::new(Printed))).tag("rows", 3).finish();
/// ```
pub trait Span: Send + Sync + 'static {
    /// Sets a tag. A tag with an equal key is replaced, and an absent value changes nothing.
    fn set_tag(&self, key: Name<'_>, value: Value<'_>);

    /// Sets several tags. A backend overrides the default if it can set several tags at a lower cost.
    fn set_tags(&self, tags: &[Tag<'_>]) {
        for tag in tags {
            self.set_tag(tag.key, tag.value);
        }
    }

    /// Applies any other change.
    ///
    /// # Errors
    ///
    /// [`Unsupported`] if the backend does not know this kind of update. The caller counts the lost update
    /// ([`unsupported_updates`](crate::counters::unsupported_updates)).
    fn update(&self, update: Update<'_>) -> Result<(), Unsupported>;

    /// Starts a child with the same backend. `context` is the context of this span, with the baggage set so far.
    fn start_child(&self, operation: &Operation<'_>, context: &Context) -> StartedSpan;

    /// Writes `context`, the context of this span, into `carrier`, like [`Tracer::inject`](super::Tracer::inject).
    fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter);

    /// Ends the span. Called exactly once, by the owner of the span. References may outlive the span.
    ///
    /// A span that ends as [`EndReason::Discarded`](crate::EndReason::Discarded) is counted and not recorded. Every
    /// other reason than `Finished` is recorded, as a tag with the key [`EndReason::KEY`](crate::EndReason::KEY) if the
    /// backend has no field for the reason.
    fn finish(self: Arc<Self>, end: End);

    /// Returns true if the span is recorded; false if it lives only because the native context needs it.
    fn is_recording(&self) -> bool {
        true
    }

    /// Returns the span's native context, if the backend has one. The answer is the same for the whole life of a span.
    fn native_context(&self) -> Option<&dyn NativeContext> {
        None
    }

    /// Returns `found`, a span that was found in this span's native context. A span that wraps another backend's span
    /// wraps `found` in the same way, so that its children pass through the wrapper; every other span keeps the default.
    fn adopt(&self, found: SpanRef) -> SpanRef {
        found
    }
}

/// A change to a span other than a tag. A backend answers [`Unsupported`] to variants that it does not know.
///
/// ```
/// use anytrace_api::backend::Update;
///
/// fn describe(update: &Update<'_>) -> String {
///     match update {
///         Update::Name(name) => format!("renamed to {name}"),
///         Update::Event(event) => format!("event {}", event.name),
///         _ => "other".to_owned(),
///     }
/// }
/// assert_eq!(describe(&Update::Name("GET /".into())), "renamed to GET /");
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Update<'a> {
    /// Another name.
    Name(Name<'a>),
    /// An event within the span.
    Event(Event<'a>),
    /// A link to another span.
    Link(Link<'a>),
    /// Another status.
    Status(Status<'a>),
}

/// An error that says that the backend does not know a kind of [`Update`].
///
/// ```
/// use anytrace_api::backend::Unsupported;
///
/// assert_eq!(Unsupported.to_string(), "the backend does not support this kind of update");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsupported;

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the backend does not support this kind of update")
    }
}

impl Error for Unsupported {}

static UNSUPPORTED: AtomicU64 = AtomicU64::new(0);

/// Returns how many updates this process has lost because a backend did not support their kind.
///
/// ```
/// assert_eq!(anytrace_api::counters::unsupported_updates(), 0);
/// ```
pub fn unsupported_updates() -> u64 {
    UNSUPPORTED.load(Ordering::Relaxed)
}

pub(crate) fn record_update(live: &dyn Span, update: Update<'_>) {
    if live.update(update).is_err() {
        UNSUPPORTED.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_an_object() {
        fn object(_: Option<Arc<dyn Span>>) {}
        object(None);
    }
}
