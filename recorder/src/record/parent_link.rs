//! How a span relates to its parent.

use anytrace_api::SpanId;

/// How a span relates to its parent.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ParentLink {
    /// `None` for a root.
    pub(crate) parent: Option<SpanId>,
    /// The parent is a span of another process.
    pub(crate) is_remote: bool,
    /// The span is the server's half of its caller's span.
    pub(crate) is_shared: bool,
}
