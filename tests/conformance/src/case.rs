//! What a check works with.

use anytrace_api::TracerHandle;

use crate::{Capabilities, Capability, Recorded, Subject};

/// One check's own tracer, which is in force while the check runs.
pub(crate) struct Case {
    subject: Subject,
    can: Capabilities,
}

/// What a check says: nothing when the rule holds, else why it does not.
pub(crate) type Checked = Result<(), String>;

impl Case {
    pub(crate) fn new(subject: Subject, can: Capabilities) -> Self {
        Case { subject, can }
    }

    pub(crate) fn tracer(&self) -> &TracerHandle {
        &self.subject.tracer
    }

    /// For checks that can say more where the backend can do more.
    pub(crate) fn can(&self, capability: Capability) -> bool {
        self.can.has(capability)
    }

    /// What has finished so far.
    pub(crate) fn recorded(&self) -> Vec<Recorded> {
        (self.subject.recorded)()
    }

    /// Spans of these names, each of which was recorded once, and nothing else was.
    pub(crate) fn spans<const N: usize>(&self, names: [&str; N]) -> Result<[Recorded; N], String> {
        let mut all = self.recorded();
        let mut found = Vec::with_capacity(N);
        for name in names {
            let Some(place) = all.iter().position(|span| span.name == name) else {
                return Err(format!("{name:?} is not recorded"));
            };
            found.push(all.swap_remove(place));
        }
        match all.first() {
            None => found.try_into().map_err(|_| "as many as were asked for".to_owned()),
            Some(other) => Err(format!("{:?} is recorded besides, {} in all", other.name, N + all.len())),
        }
    }

    /// The only span that was recorded.
    pub(crate) fn span(&self, name: &str) -> Result<Recorded, String> {
        self.spans([name]).map(|[span]| span)
    }

    /// Nothing was recorded.
    pub(crate) fn nothing(&self) -> Checked {
        self.spans([]).map(|[]| ())
    }
}

/// Ends a check unless the condition holds.
macro_rules! ensure {
    ($condition:expr, $($why:tt)+) => {
        if !$condition {
            return Err(format!($($why)+));
        }
    };
}

/// Ends a check unless both are equal.
macro_rules! ensure_eq {
    ($left:expr, $right:expr, $($why:tt)+) => {
        match (&$left, &$right) {
            (left, right) => {
                if left != right {
                    return Err(format!("{}: {left:?}, and not {right:?}", format_args!($($why)+)));
                }
            }
        }
    };
}

pub(crate) use {ensure, ensure_eq};
