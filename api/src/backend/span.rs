//! A live span, as its backend sees it.

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

/// A live span of a backend. A span that is not recorded has none, unless the backend's own context must know it.
///
/// Callers hold it in a [`StartedSpan`] and in [`SpanRef`]s. No method may panic, wait for a network or call back
/// into what it was called from with a lock held. What comes after the end is counted, not recorded.
pub trait Span: Send + Sync + 'static {
    /// Sets a tag; an equal key is replaced, an absent value changes nothing.
    fn set_tag(&self, key: Name<'_>, value: Value<'_>);

    /// Sets several at the price of one.
    fn set_tags(&self, tags: &[Tag<'_>]);

    /// Everything rarer.
    ///
    /// # Errors
    ///
    /// When this backend does not know this kind of update: the caller's side counts it.
    fn update(&self, update: Update<'_>) -> Result<(), Unsupported>;

    /// Starts a child by the same backend. `context` is this span's, with the baggage set so far.
    fn start_child(&self, operation: &Operation<'_>, context: &Context) -> StartedSpan;

    /// Writes `context`, this span's, into `carrier`, as [`Tracer::inject`](crate::Tracer::inject) does.
    fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter);

    /// Called exactly once, by the span's one owner. References may outlive it.
    fn finish(self: Arc<Self>, end: End);

    /// False where the span lives for the sake of the backend's own context only.
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

/// A rarer change to a span. Kinds of updates that come later reach older backends as [`Unsupported`].
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Update<'a> {
    /// Another name.
    Name(Name<'a>),
    /// Something happened.
    Event(Event<'a>),
    /// It has to do with another span.
    Link(Link<'a>),
    /// How it went.
    Status(Status<'a>),
}

/// The backend does not know this kind of update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsupported;

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the backend does not know this kind of update")
    }
}

impl Error for Unsupported {}

static UNSUPPORTED: AtomicU64 = AtomicU64::new(0);

/// How many updates were lost in this process because a backend did not know their kind.
///
/// ```
/// assert_eq!(anytrace_api::backend::unsupported_updates(), 0);
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
    fn is_an_object() {
        fn object(_: Option<Arc<dyn Span>>) {}
        object(None);
    }
}
