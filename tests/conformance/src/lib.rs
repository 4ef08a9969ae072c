//! A conformance suite for backends of [`anytrace_api`]: checks every rule of the API against your `Tracer` in one call.
//!
//! To test a backend:
//!
//! 1. List its abilities in a [`Capabilities`] set. Rules that need other capabilities are skipped.
//! 2. Write a closure that returns a [`Subject`]: a fresh tracer, and a closure that reads the spans it has recorded as
//!    [`RecordedSpan`]s. Each rule gets its own subject.
//! 3. Call [`check`] in a test. The [`Report`] has one [`RuleResult`] per rule: passed, failed with the reason, or
//!    skipped with the missing capability.
//! 4. Call [`Report::assert_passed`], which panics with the whole report if a rule failed.
//!
//! ```
//! use anytrace_api::TracerHandle;
//! use anytrace_conformance::{Capabilities, Capability, Subject, check};
//! # use anytrace_noop::NoopTracer as MyTracer;
//!
//! let capabilities = Capabilities::NONE.with(&[Capability::Propagation, Capability::BaggagePropagation]);
//! // This tracer records nothing. One that records reads its spans in place of `Vec::new`.
//! let report = check("mine", capabilities, || Subject::new(TracerHandle::new(MyTracer::new()), Vec::new));
//! report.assert_passed();
//! ```
//!
//! The name of a rule states it, such as `a_child_continues_the_trace_of_its_parent`. While you work on one rule, run it
//! alone with [`check_only`].
//!
//! The checks use only the public API and make their tracer current with a scope, so they can run beside other tests of
//! the same process. They need no async runtime and never sleep to wait for a result.

mod areas;
mod capability;
mod case;
mod recorded;
mod report;
mod subject;

pub use self::{
    capability::{Capabilities, Capability},
    recorded::{RecordedEvent, RecordedLink, RecordedSpan, RecordedStatus, RecordedValue},
    report::{Area, Outcome, Report, RuleResult},
    subject::{Subject, check, check_only},
};
