//! How far callers are trusted.

/// What becomes of the trace context that a request brings along.
///
/// Whoever can send a request can send a context. Continued, a stranger's writes into traces of others, fills the
/// baggage that is handed on to all services behind, and has recorded what it likes: [W3C Trace Context], sections
/// "Privacy considerations" and "Security considerations". At the edge, where strangers are, a context is linked or
/// ignored; behind it, it is continued. One server that has both decides [by request](crate::ServerPolicy::inbound_by).
///
/// ```
/// use anytrace_instrumentation::{Inbound, ServerPolicy};
///
/// // At the edge, where anybody can send anything:
/// let policy = ServerPolicy::new().inbound(Inbound::Link);
/// # let _ = policy;
/// ```
///
/// [W3C Trace Context]: https://www.w3.org/TR/trace-context-2/#security-considerations
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Inbound {
    /// The caller's trace goes on, with its baggage and its decision about recording. A wish to be recorded whatever
    /// samplers say is refused: with a trace it is as if it said that it is sampled, and without one the tracer
    /// decides.
    #[default]
    Continue,
    /// The same, and that wish is granted: for callers of one's own.
    ContinueDebug,
    /// A new trace begins, with a link to the caller's span and without its baggage.
    Link,
    /// A new trace begins, as if the request had brought nothing.
    Ignore,
}
