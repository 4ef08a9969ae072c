//! The rules, by area.

mod callbacks;
mod cancellation;
mod carried;
mod carrying;
mod coroutines;
mod current;
mod executor;
mod failures;
mod flush;
mod futures;
mod guards;
mod hiding;
mod neighbour;
mod parents;
mod requests;
mod shutdown;
mod spans;
mod spawned;
mod suppression;
mod tasks;
mod threads;

use crate::{
    Area, Capability,
    case::{Case, Checked},
};

/// One rule.
pub(crate) struct Check {
    pub(crate) area: Area,
    /// In words, as the report shows it.
    pub(crate) rule: &'static str,
    /// Without one of these it is not looked at.
    pub(crate) needs: &'static [Capability],
    pub(crate) run: fn(&Case) -> Checked,
}

/// All rules, each under the name of the function that checks it.
pub(crate) fn all() -> impl Iterator<Item = &'static Check> {
    [
        spans::CHECKS,
        current::CHECKS,
        parents::CHECKS,
        guards::CHECKS,
        hiding::CHECKS,
        suppression::CHECKS,
        carrying::CHECKS,
        futures::CHECKS,
        spawned::CHECKS,
        coroutines::CHECKS,
        cancellation::CHECKS,
        carried::CHECKS,
        threads::CHECKS,
        flush::CHECKS,
        shutdown::CHECKS,
        requests::CHECKS,
        callbacks::CHECKS,
        tasks::CHECKS,
        failures::CHECKS,
    ]
    .into_iter()
    .flatten()
}

/// The rules of an area: `name [capabilities it needs];`.
macro_rules! checks {
    ($area:ident: $($rule:ident [$($needs:ident),*];)+) => {
        pub(super) const CHECKS: &[$crate::areas::Check] = &[$(
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
