//! The spans.

use std::{
    thread,
    time::{Duration, Instant},
};

use anytrace::TracerHandle;

use crate::args::Args;

/// The most bytes of one tag: what the tracer takes of one text if it is not told otherwise.
const TAG: usize = 32 * 1024;

/// Makes the spans, on all threads at once. The answer is the longest time that one of them took, from its start to its
/// end: so long was a caller blocked.
pub(crate) fn make(args: &Args, tracer: &TracerHandle) -> Duration {
    let tags = tags(args.tags_bytes);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..args.threads)
            .map(|number| {
                let tags = &tags;
                // The first ones take what is left over.
                let spans = args.spans / args.threads + u64::from(number < args.spans % args.threads);
                scope.spawn(move || (0..spans).map(|_| one(tracer, tags)).max())
            })
            .collect();
        let longest = threads.into_iter().filter_map(|thread| thread.join().ok().flatten()).max();
        longest.unwrap_or_default()
    })
}

fn one(tracer: &TracerHandle, tags: &[(String, String)]) -> Duration {
    let begun = Instant::now();
    let span = tracer.start_trace("send");
    for (key, text) in tags {
        span.set_tag(key, text);
    }
    span.finish();
    begun.elapsed()
}

/// So many bytes of text, in as few tags as hold them.
fn tags(bytes: usize) -> Vec<(String, String)> {
    let sizes = (0..bytes).step_by(TAG).map(|from| TAG.min(bytes - from));
    sizes.enumerate().map(|(number, size)| (format!("payload.{number}"), "x".repeat(size))).collect()
}
