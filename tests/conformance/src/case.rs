//! The environment of one check.

use anytrace_api::TracerHandle;

use crate::{Capabilities, Capability, RecordedSpan, Subject};

/// The fresh subject of one check. Its tracer is the current tracer while the check runs.
pub(crate) struct Case {
    subject: Subject,
    capabilities: Capabilities,
}

/// The result of a check. `Err` says why the rule does not hold.
pub(crate) type Checked = Result<(), String>;

impl Case {
    pub(crate) fn new(subject: Subject, capabilities: Capabilities) -> Self {
        Case { subject, capabilities }
    }

    pub(crate) fn tracer(&self) -> &TracerHandle {
        &self.subject.tracer
    }

    /// Returns true if the backend claims a capability, for checks that then verify more.
    pub(crate) fn can(&self, capability: Capability) -> bool {
        self.capabilities.has(capability)
    }

    /// Returns all spans recorded so far.
    pub(crate) fn recorded(&self) -> Vec<RecordedSpan> {
        (self.subject.recorded)()
    }

    /// Returns the spans with these names. `Err` unless each is recorded once and no other span is.
    pub(crate) fn spans<const N: usize>(&self, names: [&str; N]) -> Result<[RecordedSpan; N], String> {
        let mut all = self.recorded();
        let mut found = Vec::with_capacity(N);
        for name in names {
            let Some(index) = all.iter().position(|span| span.name == name) else {
                return Err(format!("{name:?} is not recorded"));
            };
            found.push(all.swap_remove(index));
        }
        match all.first() {
            None => found.try_into().map_err(|_| "the number of spans differs".to_owned()),
            Some(other) => {
                Err(format!("{:?} is recorded as well; {} spans in total", other.name, N + all.len()))
            }
        }
    }

    /// Returns the only recorded span. `Err` if there are others.
    pub(crate) fn span(&self, name: &str) -> Result<RecordedSpan, String> {
        self.spans([name]).map(|[span]| span)
    }

    /// Checks that no span was recorded.
    pub(crate) fn no_spans(&self) -> Checked {
        self.spans([]).map(|[]| ())
    }
}

/// Fails the check unless the condition holds.
macro_rules! ensure {
    ($condition:expr, $($reason:tt)+) => {
        if !$condition {
            return Err(format!($($reason)+));
        }
    };
}

/// Fails the check unless the found value equals the expected one.
macro_rules! ensure_eq {
    ($found:expr, $expected:expr, $($what:tt)+) => {
        match (&$found, &$expected) {
            (found, expected) => {
                if found != expected {
                    return Err(format!("{}: {found:?}, expected {expected:?}", format_args!($($what)+)));
                }
            }
        }
    };
}

pub(crate) use {ensure, ensure_eq};
