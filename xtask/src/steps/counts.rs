//! Instructions and allocations of each operation, checked against their limits.

use crate::bench;
use crate::session::Session;

/// Runs the step.
pub(super) fn run(session: &mut Session<'_>) {
    bench::check(session);
}
