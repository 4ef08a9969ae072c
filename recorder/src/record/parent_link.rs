//! The parent of a span, and the relation to it.

use anytrace_api::SpanId;

/// The parent of a span, and the relation to it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ParentLink {
    /// `None` for a root.
    pub(crate) parent: Option<SpanId>,
    /// The parent is a span of another process.
    pub(crate) is_remote: bool,
    /// The span is the server's half of its caller's span.
    pub(crate) is_shared: bool,
}
