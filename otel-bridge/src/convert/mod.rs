//! Conversions between the types of this API and those of OpenTelemetry.

mod baggage;
mod end_reason;
mod identity;
mod key_filter;
mod operation;
#[cfg(feature = "sdk")]
mod resource;
mod tags;

pub use self::end_reason::END_REASON;
pub(crate) use self::{
    baggage::{
        from_otel as baggage_from_otel, is_same as is_same_baggage, with_baggage, with_changed_baggage,
    },
    end_reason::set_end_reason,
    identity::{SAMPLED_WHEN_DEFERRED, ids, is_random, span_context, with_trace_state},
    key_filter::KeyFilter,
    operation::{instrumentation_scope, span_builder},
    tags::{attributes, name, push_scalar, set as set_attribute, text},
};
#[cfg(feature = "sdk")]
pub(crate) use self::{operation::span_kind, resource::OWN_RESOURCE};
