//! How far callers are trusted.

use anytrace_api::{Context, Sampling};

/// What becomes of the trace context that a request brings along.
///
/// ```
/// use anytrace_instrumentation::{Inbound, ServerPolicy};
///
/// // At the edge, where anybody can send anything:
/// let policy = ServerPolicy::new().inbound(Inbound::Link);
/// # let _ = policy;
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Inbound {
    /// The caller's trace goes on, with its baggage and its decision about recording. A wish to be recorded whatever
    /// samplers say is refused: the tracer decides instead.
    #[default]
    Continue,
    /// The same, and that wish is granted: for callers of one's own.
    ContinueDebug,
    /// A new trace begins, with a link to the caller's span and without its baggage.
    Link,
    /// A new trace begins, as if the request had brought nothing.
    Ignore,
}

impl Inbound {
    /// What the request's span hangs on, and what it is linked to.
    pub(crate) fn admit(self, found: Context) -> (Context, Option<Context>) {
        match self {
            Inbound::Continue if found.sampling() == Sampling::Debug => {
                (found.with_sampling(Sampling::Defer), None)
            }
            Inbound::Continue | Inbound::ContinueDebug => (found, None),
            Inbound::Link => (Context::EMPTY, found.ids().is_some().then_some(found)),
            Inbound::Ignore => (Context::EMPTY, None),
        }
    }
}
