//! The back ends of this project, as subjects.

mod recording;

use anytrace_api::TracerHandle;
use anytrace_conformance::{Capabilities, Capability, Report, Subject, check};
use anytrace_noop::NoopTracer;
use anytrace_recorder::MockTracer;

/// A back end and what it can.
pub(crate) struct BackEnd {
    pub(crate) name: &'static str,
    can: Capabilities,
    fresh: fn() -> Subject,
}

/// All of them.
pub(crate) const ALL: &[BackEnd] = &[NOOP, MEMORY];

const NOOP: BackEnd = BackEnd {
    name: "noop",
    can: Capabilities::NONE.with(&[
        Capability::Propagation,
        Capability::BaggagePropagation,
        Capability::TraceStatePropagation,
        Capability::SampledFlag,
    ]),
    fresh: || Subject::new(TracerHandle::new(NoopTracer::new()), Vec::new),
};

const MEMORY: BackEnd = BackEnd {
    name: "memory",
    can: Capabilities::ALL,
    fresh: || {
        let mock = MockTracer::new();
        Subject::new(mock.handle(), move || mock.finished().iter().map(recording::recorded).collect())
    },
};

impl BackEnd {
    pub(crate) fn check(&self) -> Report {
        check(self.name, self.can, self.fresh)
    }
}
