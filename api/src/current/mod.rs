//! The current span and tracer of threads and futures: the stack, scopes, snapshots, the installed tracer, and the
//! functions that use them.
//!
//! The highest of the three layers: it uses `model` and `backend`.

mod baggage;
mod entry;
mod flush;
mod functions;
mod future;
mod global;
mod lookup;
mod polled;
mod push_pop;
mod scope;
mod snapshot;
mod stack;
mod start;
mod tracer;

#[cfg(feature = "stream")]
pub use self::future::StreamExt;
pub use self::{
    flush::{FlushFuture, ShutdownGuard},
    functions::{
        current_ids, event, event_tags, event_with, extract, inject, is_recording, link, record_error,
        remove_baggage, set_baggage, set_name, set_status, set_tag, set_tags,
    },
    future::{FutureExt, InSpan, InSpanThen},
    global::{InstallError, install},
    lookup::{current_span, tracer},
    polled::PolledSpan,
    scope::{Scope, SpanScope, suppressed, suppressed_scope, tracer_scope, with_tracer},
    snapshot::{Snapshot, carry},
    start::{join_trace, start_span, start_trace},
    tracer::TracerExt,
};
