//! From one API's types to the other's.

mod baggage;
mod identity;
mod looks;
#[cfg(feature = "sdk")]
mod resource;
mod tags;

#[cfg(feature = "sdk")]
pub(crate) use self::resource::OWN_RESOURCE;
pub(crate) use self::{
    baggage::{from_otel as baggage_from_otel, is_same as is_same_baggage, to_otel as baggage_to_otel},
    identity::{SAMPLED_WHEN_DEFERRED, ids, is_random, span_context, state_from_otel},
    looks::Looks,
    tags::{attributes, name, push_plain, set as set_attribute, text},
};
