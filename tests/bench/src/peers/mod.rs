//! The cases of other libraries.

mod fastrace;
mod otel;
mod rustracing;
mod tracing;

pub(crate) use fastrace::{export_spans as fastrace_export_spans, threads as fastrace_threads};
pub(crate) use otel::{sdk, sdk_off, threads as sdk_threads};

use crate::case::Case;

/// Returns the cases of all peers.
pub(crate) fn cases() -> impl Iterator<Item = &'static Case> {
    let parties = [otel::CASES, fastrace::CASES, tracing::CASES, rustracing::CASES];
    parties.into_iter().flatten()
}
