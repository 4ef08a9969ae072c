//! What an operation costs, in instructions, against what it may cost.

use crate::bench;
use crate::session::Session;

/// Runs the step.
pub(super) fn run(session: &mut Session<'_>) {
    bench::check(session);
}
