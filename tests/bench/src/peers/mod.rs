//! What others' libraries cost.

mod fastrace;
mod otel;
mod rustracing;
mod tracing;

pub(crate) use fastrace::{carry_off as fastrace_carry_off, threads as fastrace_threads};
pub(crate) use otel::{sdk, sdk_off, threads as sdk_threads};

use crate::case::Case;

/// Their cases, party by party.
pub(crate) fn cases() -> impl Iterator<Item = &'static Case> {
    let parties = [otel::CASES, fastrace::CASES, tracing::CASES, rustracing::CASES];
    parties.into_iter().flatten()
}
