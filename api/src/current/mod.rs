//! What is current here: on this thread, and in the futures that carry it.

mod boxes;
mod carried;
mod end;
mod entry;
mod guarded;
mod in_force;
mod layers;
mod link;
mod loan;
mod nearest;
mod scope;
mod snapshot;
mod stack;
mod start;
mod suppression;
mod top;
mod vacant;
mod verbs;

pub use self::{
    carried::PolledSpan,
    scope::{Scope, SpanScope, tracer_scope, with_tracer},
    snapshot::{Snapshot, carry},
    start::{join_trace, start_span, start_trace},
    suppression::{suppressed, suppressed_scope},
    verbs::{
        BaggageError, current_ids, current_span, event, event_with, extract, inject, is_recording, link,
        record_error, remove_baggage, set_baggage, set_name, set_status, set_tag, set_tags,
    },
};
pub(crate) use self::{
    in_force::{scoped_tracer, tracer_in_force, with_tracer_in_force},
    scope::bounded,
    start::start_beneath,
    suppression::unless_suppressed,
};
