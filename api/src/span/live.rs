//! A live span, as its backend sees it.

use std::{
    any::Any,
    error::Error,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::{
    Context, End, Event, Link, Name, Operation, SpanRef, StartedSpan, Status, Tag, TextMapWriter, Value,
};

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

    /// The span becomes current on this thread. A backend with a context of its own attaches it and returns a token
    /// for it, [`Entered::NOTHING`] where it could not; one without returns none, and may not be told again.
    fn enter(&self, context: &Context) -> Option<Entered> {
        let _ = context;
        None
    }

    /// The span is no longer current where `entered` was returned: on the same thread, in whatever order. Not called
    /// for [`Entered::NOTHING`].
    fn leave(&self, entered: Entered) {
        let _ = entered;
    }

    /// Whether the backend's own context has moved on since `entered`. Not called for [`Entered::NOTHING`].
    fn native_since(&self, entered: Entered) -> Native {
        let _ = entered;
        Native::Unchanged
    }

    /// The backend's own form of `context`, this span's, for code that knows the backend.
    fn native(&self, context: &Context) -> Option<Box<dyn Any>> {
        let _ = context;
        None
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
/// assert_eq!(anytrace_api::unsupported_updates(), 0);
/// ```
pub fn unsupported_updates() -> u64 {
    UNSUPPORTED.load(Ordering::Relaxed)
}

pub(crate) fn update(live: &dyn Span, update: Update<'_>) {
    if live.update(update).is_err() {
        UNSUPPORTED.fetch_add(1, Ordering::Relaxed);
    }
}

/// What [`Span::enter`] returns and gets back: whatever the backend needs to leave again.
///
/// ```
/// use anytrace_api::Entered;
///
/// assert!(Entered::new([0, 0]).is_nothing());
/// assert!(!Entered::new([1, 0]).is_nothing());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Entered([u64; 2]);

impl Entered {
    /// Nothing is attached: nothing to leave, nothing to ask.
    pub const NOTHING: Self = Entered([0, 0]);

    /// A token; two zeros are [`NOTHING`](Self::NOTHING).
    pub const fn new(token: [u64; 2]) -> Self {
        Entered(token)
    }

    /// The two words of the token.
    pub const fn token(self) -> [u64; 2] {
        self.0
    }

    /// Whether it is [`NOTHING`](Self::NOTHING).
    pub const fn is_nothing(self) -> bool {
        self.0[0] == 0 && self.0[1] == 0
    }
}

/// What a backend's own context says since a span was entered.
#[derive(Debug)]
#[non_exhaustive]
pub enum Native {
    /// The span is still what is current.
    Unchanged,
    /// Nothing is current any more.
    Nothing,
    /// Another span is.
    Moved(SpanRef),
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
