//! `encoding`: a batch of finished spans as the body of a message, by this project's encoders and by OpenTelemetry's, for
//! Zipkin and for OTLP. Every party is handed equal spans, and has done its work when it has the bytes.
//!
//! Besides what `anytrace_bench` has for every program, `encoding --time ROUNDS` measures the thread's CPU time, one line a
//! workload: the name, and the median and the least of the rounds, in nanoseconds per span.

mod batch;
mod cases;
mod otlp;
mod theirs;
mod time;
mod zipkin;

use std::process::ExitCode;

use anytrace_bench::program;

/// One party, and the batch that it encodes.
pub(crate) trait Encoding {
    /// Gets ready for so many times: what is not encoding.
    fn prepare(&mut self, times: u64) {
        let _ = times;
    }

    /// Encodes the batch, and says how many bytes it became.
    fn encode(&mut self) -> usize;
}

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    match (args.next().as_deref(), args.next().and_then(|rounds| rounds.parse().ok())) {
        (Some("--time"), Some(rounds)) => {
            time::measure(cases::CASES, rounds);
            ExitCode::SUCCESS
        }
        _ => program(cases::WORKLOADS),
    }
}
