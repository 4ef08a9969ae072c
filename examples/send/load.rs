//! The load: many spans on several threads.

use std::{
    thread,
    time::{Duration, Instant},
};

use anytrace::TracerHandle;

use crate::args::Args;

/// The size of one tag in bytes: the default limit of the tracer for one text.
const TAG_BYTES: usize = 32 * 1024;

/// Starts and finishes the spans on all threads. Returns the longest time between start and end of one span, which is how
/// long the tracer blocked a caller.
pub(crate) fn run(args: &Args, tracer: &TracerHandle) -> Duration {
    let tags = tags(args.tags_bytes);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..args.threads)
            .map(|number| {
                let tags = &tags;
                // The first threads take the remainder.
                let spans = args.spans / args.threads + u64::from(number < args.spans % args.threads);
                scope.spawn(move || (0..spans).map(|_| finish_span(tracer, tags)).max())
            })
            .collect();
        let longest = threads.into_iter().filter_map(|thread| thread.join().ok().flatten()).max();
        longest.unwrap_or_default()
    })
}

fn finish_span(tracer: &TracerHandle, tags: &[(String, String)]) -> Duration {
    let start = Instant::now();
    let span = tracer.start_trace("send");
    for (key, text) in tags {
        span.set_tag(key, text);
    }
    span.finish();
    start.elapsed()
}

/// Returns tags with `bytes` bytes of text in total.
fn tags(bytes: usize) -> Vec<(String, String)> {
    let sizes = (0..bytes).step_by(TAG_BYTES).map(|from| TAG_BYTES.min(bytes - from));
    sizes.enumerate().map(|(number, size)| (format!("payload.{number}"), "x".repeat(size))).collect()
}
