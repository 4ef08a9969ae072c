//! The rules, by area.

mod baggage;
mod callbacks;
mod cancellation;
mod carried;
mod carrying;
mod coroutines;
mod current;
mod events;
mod executor;
mod failures;
mod flush;
mod foreign;
mod futures;
mod guards;
mod hiding;
mod hostile;
mod late;
mod links;
mod neighbour;
mod parents;
mod propagation;
mod requests;
mod sampling;
mod sent_baggage;
mod shared_baggage;
mod shutdown;
mod spans;
mod spawned;
mod suppression;
mod tags;
mod tasks;
mod threads;
mod times;
mod values;

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
        values::CHECKS,
        events::CHECKS,
        links::CHECKS,
        times::CHECKS,
        late::CHECKS,
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
        baggage::CHECKS,
        shared_baggage::CHECKS,
        sent_baggage::CHECKS,
        propagation::CHECKS,
        foreign::CHECKS,
        hostile::CHECKS,
        sampling::CHECKS,
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
