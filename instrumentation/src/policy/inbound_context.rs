//! [`InboundContext`]: the treatment of trace contexts that requests bring.

/// The treatment of the trace context that an incoming request brings.
///
/// Default: [`Continue`](Self::Continue).
///
/// Anyone who can send a request can send a trace context. If a server continues it, a stranger adds spans to traces of
/// others, fills the baggage that is sent to all downstream services, and decides which requests are recorded: see
/// [W3C Trace Context], sections "Privacy considerations" and "Security considerations". Public servers should link or
/// ignore contexts, and internal servers continue them. A server that has both kinds of callers decides
/// [per request](crate::ServerPolicy::inbound_context_by).
///
/// ```
/// use anytrace_instrumentation::{InboundContext, ServerPolicy};
///
/// // For a public server:
/// let policy = ServerPolicy::new().inbound_context(InboundContext::Link);
/// # let _ = policy;
/// ```
///
/// [W3C Trace Context]: https://www.w3.org/TR/trace-context-2/#security-considerations
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum InboundContext {
    /// Continues the caller's trace, with its baggage and its sampling decision, but refuses debug requests.
    ///
    /// A refused debug request that belongs to a trace counts as sampled. Without a trace, the tracer decides.
    #[default]
    Continue,
    /// Continues the caller's trace and grants debug requests: for trusted callers.
    ///
    /// A debug request asks to be recorded regardless of samplers, as B3's debug flag does.
    ContinueDebug,
    /// Starts a new trace that has a link to the caller's span. The caller's baggage is ignored.
    Link,
    /// Starts a new trace, as if the request had brought no context.
    Ignore,
}
