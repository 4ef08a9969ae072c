//! The rules, by area.

mod after_end;
mod baggage;
mod current;
mod events;
mod executor;
mod flush;
mod futures;
mod other_tracer;
mod propagation;
mod sampling;
mod scenarios;
mod spans;
mod tags;
mod threads;
mod times;

use crate::{
    Area, Capability,
    case::{Case, Checked},
};

/// A rule and the function that checks it.
pub(crate) struct Check {
    pub(crate) area: Area,
    /// The name of the rule in the report: the name of the function.
    pub(crate) rule: &'static str,
    /// The required capabilities. If one is missing, the rule is skipped.
    pub(crate) needs: &'static [Capability],
    pub(crate) run: fn(&Case) -> Checked,
}

/// Returns all rules, in the order of the report.
pub(crate) fn all() -> impl Iterator<Item = &'static Check> {
    [
        spans::CHECKS,
        tags::CHECKS,
        tags::values::CHECKS,
        events::CHECKS,
        events::links::CHECKS,
        times::CHECKS,
        after_end::CHECKS,
        current::CHECKS,
        current::parents::CHECKS,
        current::guards::CHECKS,
        current::scoped_tracers::CHECKS,
        current::suppression::CHECKS,
        current::snapshots::CHECKS,
        futures::CHECKS,
        futures::spawned::CHECKS,
        futures::coroutines::CHECKS,
        futures::cancellation::CHECKS,
        futures::polled_span::CHECKS,
        baggage::CHECKS,
        baggage::shared::CHECKS,
        baggage::propagation::CHECKS,
        propagation::CHECKS,
        propagation::foreign_contexts::CHECKS,
        propagation::malformed::CHECKS,
        sampling::CHECKS,
        threads::CHECKS,
        flush::CHECKS,
        flush::shutdown::CHECKS,
        scenarios::requests::CHECKS,
        scenarios::callbacks::CHECKS,
        scenarios::tasks::CHECKS,
        scenarios::failures::CHECKS,
    ]
    .into_iter()
    .flatten()
}

/// Declares the rules of an area, each as `function [required capabilities];`.
macro_rules! checks {
    ($area:ident: $($rule:ident [$($needs:ident),*];)+) => {
        pub(crate) const CHECKS: &[$crate::areas::Check] = &[$(
            $crate::areas::Check {
                area: $crate::Area::$area,
                rule: stringify!($rule),
                needs: &[$($crate::Capability::$needs),*],
                run: $rule,
            },
        )+];
    };
}

pub(crate) use checks;
