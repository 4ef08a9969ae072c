//! Thread CPU time, all parties in turn.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::{batch, cases::Case};

/// Batches that are timed at a stretch.
const STRETCH: u64 = 4;

pub(crate) fn measure(cases: &[Case], rounds: usize) {
    let mut parties: Vec<_> = cases.iter().map(|case| (case, (case.set_up)(), Vec::new())).collect();
    for round in 0..=rounds {
        for (case, encoding, figures) in &mut parties {
            encoding.prepare(STRETCH);
            let before = now();
            (case.body)(&mut **encoding, STRETCH);
            let taken = now().saturating_sub(before).as_nanos() as f64;
            // The first round warms up.
            if round > 0 {
                figures.push(taken / (STRETCH * batch::SPANS) as f64);
            }
        }
    }
    for (case, _, mut figures) in parties {
        figures.sort_by(f64::total_cmp);
        if let (Some(median), Some(least)) = (figures.get(figures.len() / 2), figures.first()) {
            println!("{} {median:.1} {least:.1}", case.name);
        }
    }
}

/// Of this thread.
fn now() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap_or_default()
}
