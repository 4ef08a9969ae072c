//! The rules, by area.

mod baggage;
mod current;
mod events;
mod executor;
mod flush;
mod futures;
mod late;
mod neighbour;
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
        tags::CHECKS,
        tags::values::CHECKS,
        events::CHECKS,
        events::links::CHECKS,
        times::CHECKS,
        late::CHECKS,
        current::CHECKS,
        current::parents::CHECKS,
        current::guards::CHECKS,
        current::hiding::CHECKS,
        current::suppression::CHECKS,
        current::carrying::CHECKS,
        futures::CHECKS,
        futures::spawned::CHECKS,
        futures::coroutines::CHECKS,
        futures::cancellation::CHECKS,
        futures::carried::CHECKS,
        baggage::CHECKS,
        baggage::shared::CHECKS,
        baggage::sent::CHECKS,
        propagation::CHECKS,
        propagation::foreign::CHECKS,
        propagation::hostile::CHECKS,
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

/// The rules of an area: `name [capabilities it needs];`.
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
