//! A backend under test, and the one call that tests it.

use std::{
    any::Any,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
};

use anytrace_api::{TracerHandle, current_ids, with_tracer};

use crate::{
    Capabilities, Outcome, Recorded, Report, Verdict,
    areas::{self, Check},
    case::Case,
};

/// A fresh tracer that records everything, and what it has recorded.
///
/// It records each root, and each child as its parent was decided. Names that checks use are in lower case.
pub struct Subject {
    pub(crate) tracer: TracerHandle,
    pub(crate) recorded: Box<dyn Fn() -> Vec<Recorded>>,
}

impl Subject {
    /// `recorded` is called on the thread of the check, any number of times, and shows everything that has finished so
    /// far: it flushes first, where that is needed.
    pub fn new(tracer: TracerHandle, recorded: impl Fn() -> Vec<Recorded> + 'static) -> Self {
        Subject { tracer, recorded: Box::new(recorded) }
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject").finish_non_exhaustive()
    }
}

/// Checks every rule, each with a fresh subject. Tracers may panic: that breaks the rule, and no more.
///
/// ```
/// use anytrace_api::TracerHandle;
/// use anytrace_conformance::{Capabilities, Subject, check};
/// use anytrace_noop::NoopTracer;
///
/// let fresh = || Subject::new(TracerHandle::new(NoopTracer::new()), Vec::new);
/// let report = check("noop", Capabilities::NONE, fresh);
/// println!("{report}");
/// report.assert_held();
/// ```
pub fn check(name: &str, can: Capabilities, fresh: impl Fn() -> Subject) -> Report {
    check_only(name, can, fresh, |_| true)
}

/// Checks the rules that `wanted` picks by name: while one is being mended.
///
/// ```
/// use anytrace_api::TracerHandle;
/// use anytrace_conformance::{Capabilities, Subject, check_only};
/// use anytrace_noop::NoopTracer;
///
/// let fresh = || Subject::new(TracerHandle::new(NoopTracer::new()), Vec::new);
/// let report = check_only("noop", Capabilities::NONE, fresh, |rule| rule.contains("empty"));
/// assert!(report.verdicts().iter().all(|one| one.rule.contains("empty")));
/// ```
pub fn check_only(
    name: &str,
    can: Capabilities,
    fresh: impl Fn() -> Subject,
    wanted: impl Fn(&str) -> bool,
) -> Report {
    let checks = areas::all().filter(|check| wanted(check.rule));
    let verdict = |check: &Check| Verdict {
        area: check.area,
        rule: check.rule,
        outcome: match check.needs.iter().find(|needed| !can.has(**needed)) {
            Some(lacking) => Outcome::Lacking(*lacking),
            None => run(check, can, &fresh),
        },
    };
    Report::new(name, checks.map(verdict).collect())
}

fn run(check: &Check, can: Capabilities, fresh: impl Fn() -> Subject) -> Outcome {
    let run = || {
        let case = Case::new(fresh(), can);
        with_tracer(case.tracer(), || {
            (check.run)(&case)?;
            match current_ids() {
                None => Ok(()),
                Some((_, span)) => Err(format!("{span} is still current afterwards")),
            }
        })
    };
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(())) => Outcome::Held,
        Ok(Err(why)) => Outcome::Broken(why),
        Err(panic) => Outcome::Broken(format!("panicked: {}", said(&*panic))),
    }
}

fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("something else than text")
}
