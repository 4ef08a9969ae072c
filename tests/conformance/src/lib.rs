//! What every backend of [`anytrace_api`] has to do, as checks that its author runs in one call.
//!
//! A backend says what it can ([`Capabilities`]), makes a fresh tracer for each check, and shows what it has recorded
//! ([`Recorded`]). [`check`] does the rest, and the [`Report`] has one line for each rule: held, broken, or not looked at
//! because the backend does not claim that capability. The last is never counted as the first.
//!
//! ```
//! use anytrace_api::TracerHandle;
//! use anytrace_conformance::{Capabilities, Capability, Subject, check};
//! # use anytrace_noop::NoopTracer as MyTracer;
//!
//! // In a test. A backend that records has something to show in place of `Vec::new`.
//! let can = Capabilities::NONE.with(&[Capability::Propagation, Capability::BaggagePropagation]);
//! let report = check("mine", can, || Subject::new(TracerHandle::new(MyTracer::new()), Vec::new));
//! report.assert_held();
//! ```
//!
//! The checks use the public API alone, put their tracer in force by scopes, wait for nothing but the backend's own
//! flush, and need no runtime. So they run in any test, beside others.

mod areas;
mod capability;
mod case;
mod recorded;
mod report;
mod subject;

pub use self::{
    capability::{Capabilities, Capability},
    recorded::{Recorded, RecordedEvent, RecordedLink, RecordedStatus, Said},
    report::{Area, Outcome, Report, Verdict},
    subject::{Subject, check, check_only},
};
