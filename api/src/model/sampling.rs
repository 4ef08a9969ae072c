//! The sampling decision.

/// The decision whether a trace is recorded. Default: [`Defer`](Sampling::Defer).
///
/// A context carries the decision to child spans and to other processes.
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
    /// No decision yet: the next tracer decides.
    #[default]
    Defer,
    /// Not sampled: spans are not recorded.
    Drop,
    /// Sampled: spans are recorded.
    Record,
    /// Recorded, regardless of samplers: a debugging request, such as B3's debug flag.
    Debug,
}

impl Sampling {
    /// Returns true if the trace is sampled, false if not, and `None` without a decision.
    pub const fn is_sampled(self) -> Option<bool> {
        match self {
            Sampling::Defer => None,
            Sampling::Drop => Some(false),
            Sampling::Record | Sampling::Debug => Some(true),
        }
    }
}
