//! What vendors carry along beside the identity.

/// The `tracestate` of W3C Trace Context.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TraceState {
    members: Vec<(Box<str>, Box<str>)>,
}

impl TraceState {
    /// None at all.
    pub const fn new() -> Self {
        TraceState { members: Vec::new() }
    }

    /// Is there no member?
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }
}
