//! What is current here: on this thread, and in the futures that carry it.

mod carried;
mod entry;
mod guarded;
mod in_force;
mod layers;
mod link;
mod nearest;
mod scope;
mod snapshot;
mod stack;
mod suppression;
mod verbs;

pub use self::{
    carried::Carried,
    scope::{Scope, SpanScope, tracer_scope, with_tracer},
    snapshot::{Snapshot, carry},
    suppression::{suppressed, suppressed_scope},
    verbs::{
        BaggageError, current_ids, current_span, event, event_with, extract, inject, is_recording,
        join_trace, link, record_error, remove_baggage, set_baggage, set_name, set_status, set_tag, set_tags,
        start_span, start_trace,
    },
};
pub(crate) use self::{
    in_force::{scoped_tracer, tracer_in_force, with_tracer_in_force},
    scope::bounded,
    suppression::unless_suppressed,
    verbs::start_beneath,
};
