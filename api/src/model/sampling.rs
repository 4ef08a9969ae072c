//! What was decided about recording a trace.

/// Whether a trace is recorded, as far as anybody has said.
///
/// ```
/// use anytrace_api::Sampling;
///
/// assert_eq!(Sampling::default(), Sampling::Defer);
/// assert_eq!(Sampling::Debug.is_sampled(), Some(true));
/// assert_eq!(Sampling::Defer.is_sampled(), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Sampling {
    /// Nobody has decided yet: the next tracer does.
    #[default]
    Defer,
    /// Not recorded.
    Drop,
    /// Recorded.
    Record,
    /// Recorded, whatever samplers say.
    Debug,
}

impl Sampling {
    /// The decision, where there is one.
    pub const fn is_sampled(self) -> Option<bool> {
        match self {
            Sampling::Defer => None,
            Sampling::Drop => Some(false),
            Sampling::Record | Sampling::Debug => Some(true),
        }
    }
}
