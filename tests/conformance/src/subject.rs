//! The tracer under test, and the functions that check it.

use std::{
    any::Any,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
};

use anytrace_api::{TracerHandle, current_ids, with_tracer};

use crate::{
    Capabilities, Outcome, RecordedSpan, Report, RuleResult,
    areas::{self, Check},
    case::Case,
};

/// A fresh tracer to test, and a closure that reads the spans it has recorded.
///
/// The tracer must record every root, and every child of a sampled parent; configure its sampler accordingly. Span names
/// in the checks are lower case, for formats that do not preserve case.
pub struct Subject {
    pub(crate) tracer: TracerHandle,
    pub(crate) recorded: Box<dyn Fn() -> Vec<RecordedSpan>>,
}

impl Subject {
    /// Creates a subject from a new tracer and a closure that returns all spans that have finished so far.
    ///
    /// `recorded` may be called any number of times, always on the thread that called [`check`]. If the tracer exports
    /// in the background, flush it there first.
    pub fn new(tracer: TracerHandle, recorded: impl Fn() -> Vec<RecordedSpan> + 'static) -> Self {
        Subject { tracer, recorded: Box::new(recorded) }
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject").finish_non_exhaustive()
    }
}

/// Checks every rule, each with a fresh subject from `fresh`.
///
/// `name` is the title of the report. Rules that need a capability outside `capabilities` are skipped. A panic fails the
/// rule, and the remaining rules are still checked.
///
/// ```
/// use anytrace_api::TracerHandle;
/// use anytrace_conformance::{Capabilities, Subject, check};
/// use anytrace_noop::NoopTracer;
///
/// let fresh = || Subject::new(TracerHandle::new(NoopTracer::new()), Vec::new);
/// let report = check("noop", Capabilities::NONE, fresh);
/// println!("{report}");
/// report.assert_passed();
/// ```
pub fn check(name: &str, capabilities: Capabilities, fresh: impl Fn() -> Subject) -> Report {
    check_only(name, capabilities, fresh, |_| true)
}

/// Checks only the rules whose names `select` accepts.
///
/// Use this function while you work on a rule.
///
/// ```
/// use anytrace_api::TracerHandle;
/// use anytrace_conformance::{Capabilities, Subject, check_only};
/// use anytrace_noop::NoopTracer;
///
/// let fresh = || Subject::new(TracerHandle::new(NoopTracer::new()), Vec::new);
/// let report = check_only("noop", Capabilities::NONE, fresh, |rule| rule.contains("empty"));
/// assert!(report.results().iter().all(|result| result.rule.contains("empty")));
/// ```
pub fn check_only(
    name: &str,
    capabilities: Capabilities,
    fresh: impl Fn() -> Subject,
    select: impl Fn(&str) -> bool,
) -> Report {
    let checks = areas::all().filter(|check| select(check.rule));
    let result = |check: &Check| RuleResult {
        area: check.area,
        rule: check.rule,
        outcome: match check.needs.iter().find(|needed| !capabilities.has(**needed)) {
            Some(missing) => Outcome::Skipped(*missing),
            None => run(check, capabilities, &fresh),
        },
    };
    Report::new(name, checks.map(result).collect())
}

fn run(check: &Check, capabilities: Capabilities, fresh: impl Fn() -> Subject) -> Outcome {
    let run = || {
        let case = Case::new(fresh(), capabilities);
        with_tracer(case.tracer(), || {
            (check.run)(&case)?;
            match current_ids() {
                None => Ok(()),
                Some((_, span)) => Err(format!("{span} is still current after the check")),
            }
        })
    };
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(())) => Outcome::Passed,
        Ok(Err(why)) => Outcome::Failed(why),
        Err(panic) => Outcome::Failed(format!("panicked: {}", panic_message(&*panic))),
    }
}

fn panic_message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a payload that is not text")
}
