//! The cases of anytrace.

mod current;
mod extras;
mod growth;
mod memory;
mod nested;
mod off;
mod propagation;
mod recording;
mod references;
mod spans;
mod traces;

#[cfg(feature = "peers")]
mod attach;
#[cfg(feature = "peers")]
pub(crate) mod batch;
#[cfg(feature = "peers")]
mod bridge;
#[cfg(feature = "peers")]
mod encoders;

#[cfg(feature = "peers")]
pub(crate) use encoders::Zipkin;
pub(crate) use memory::full_queue;
pub(crate) use recording::{export_spans, recording};
pub(crate) use spans::workload_w1_at_start;

use crate::case::Case;

const PARTY: &str = "anytrace";

/// The cases, in the order of the tables.
pub(crate) const CASES: &[Case] = &[
    Case::new("nothing_installed", PARTY, off::nothing_installed).spans(0).without_tracer(),
    Case::new("noop_dyn", PARTY, off::noop_dyn).spans(0),
    Case::new("noop_free", PARTY, off::noop_free).spans(0),
    Case::new("scoped_override", PARTY, off::scoped_override).spans(0),
    Case::new("not_sampled", PARTY, spans::not_sampled).spans(0),
    Case::new("not_sampled_at_start", PARTY, spans::not_sampled_at_start).spans(0),
    Case::new("w0", PARTY, spans::w0),
    Case::new("w1_at_start", PARTY, spans::w1_at_start),
    Case::new("w1_after", PARTY, spans::w1_after),
    Case::new("w1_one_call", PARTY, spans::w1_one_call),
    Case::new("w2", PARTY, traces::w2).spans(2),
    Case::new("w3", PARTY, traces::w3).spans(100).operations(100),
    Case::new("inject_traceparent", PARTY, propagation::inject_traceparent).spans(0),
    Case::new("inject_w3c", PARTY, propagation::inject_w3c).spans(0),
    Case::new("extract_traceparent", PARTY, propagation::extract_traceparent).spans(0),
    Case::new("extract_w3c", PARTY, propagation::extract_w3c).spans(0),
    Case::new("w5_0", PARTY, nested::w5_0),
    Case::new("w5_10", PARTY, nested::w5_10),
    Case::new("read_ids", PARTY, current::read_ids).spans(0),
    Case::new("enter_leave", PARTY, references::enter_leave).spans(0),
    Case::new("poll", PARTY, current::poll).spans(0),
    #[cfg(feature = "peers")]
    Case::new("bridge_sampled", PARTY, bridge::sampled),
    #[cfg(feature = "peers")]
    Case::new("bridge_not_sampled", PARTY, bridge::not_sampled).spans(0),
    #[cfg(feature = "peers")]
    Case::new("bridge_attach", PARTY, attach::attach).spans(0),
    #[cfg(feature = "peers")]
    Case::new("bridge_detach", PARTY, attach::detach).spans(0),
    #[cfg(feature = "peers")]
    Case::new("bridge_start_beneath", PARTY, attach::start_beneath),
    #[cfg(feature = "peers")]
    Case::new("bridge_current_once", PARTY, attach::current_once),
    #[cfg(feature = "peers")]
    Case::new("zipkin_plain", PARTY, encoders::zipkin_plain).batches(batch::SPANS),
    #[cfg(feature = "peers")]
    Case::new("zipkin_rich", PARTY, encoders::zipkin_rich).batches(batch::SPANS),
    #[cfg(feature = "peers")]
    Case::new("otlp_plain", PARTY, encoders::otlp_plain).batches(batch::SPANS),
    #[cfg(feature = "peers")]
    Case::new("otlp_rich", PARTY, encoders::otlp_rich).batches(batch::SPANS),
    Case::new("trace_1", PARTY, growth::trace::<1>),
    Case::new("trace_10", PARTY, growth::trace::<10>),
    Case::new("trace_100", PARTY, growth::trace::<100>),
    Case::new("trace_1000", PARTY, growth::trace::<1_000>),
    Case::new("trace_10000", PARTY, growth::trace::<10_000>),
    Case::new("tags_0", PARTY, growth::tags::<0>),
    Case::new("tags_1", PARTY, growth::tags::<1>),
    Case::new("tags_4", PARTY, growth::tags::<4>),
    Case::new("tags_16", PARTY, growth::tags::<16>),
    Case::new("tags_64", PARTY, growth::tags::<64>),
    Case::new("with_text", PARTY, extras::with_text),
    Case::new("with_event", PARTY, extras::with_event),
    Case::new("with_event_and_tag", PARTY, extras::with_event_and_tag),
    Case::new("with_status", PARTY, extras::with_status),
    Case::new("with_error", PARTY, extras::with_error),
    Case::new("with_name", PARTY, extras::with_name),
    Case::new("with_link", PARTY, extras::with_link),
    Case::new("with_baggage", PARTY, extras::with_baggage),
    Case::new("with_late_reference", PARTY, extras::with_late_reference),
    Case::new("with_scope", PARTY, extras::with_scope),
    Case::new("with_future", PARTY, extras::with_future),
    Case::new("with_custom_sampler", PARTY, extras::with_custom_sampler),
    Case::new("ref_clone_recorded", PARTY, references::ref_clone_recorded).spans(0),
    Case::new("ref_clone_not", PARTY, references::ref_clone_not).spans(0),
    Case::new("enter_leave_not", PARTY, references::enter_leave_not).spans(0),
    Case::new("set_tag_handle", PARTY, references::set_tag_handle).spans(0),
    Case::new("set_tag_current", PARTY, current::set_tag_current).spans(0),
    Case::new("start_span_beneath_current", PARTY, current::start_span_beneath_current),
];
