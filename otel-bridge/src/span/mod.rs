//! The spans of an OpenTelemetry provider as spans of this API.
//!
//! # Roles
//!
//! An [`OtelSpan`] has one of four roles, which never changes:
//!
//! | role | meaning |
//! |---|---|
//! | local | started by this tracer and recorded: a [`LocalSpan`] with the states below |
//! | not recorded | started by this tracer and not recorded: only its context exists |
//! | propagated | no span of its own: an incoming or outer context is continued |
//! | foreign | started by other code, found in OpenTelemetry's current context |
//!
//! # States of a local span
//!
//! | state | owner of OpenTelemetry's span | tags and status |
//! |---|---|---|
//! | detached | [`DetachedSpan`], reachable through this span only | buffered |
//! | attached | [`AttachedSpan`], which OpenTelemetry contexts share | buffered behind a mutex |
//! | end deferred | [`DeferredEnds`], in the [`TracerState`] | buffered, with the end time |
//! | ended | none | written to OpenTelemetry's span; later writes are counted as late |
//!
//! ```text
//!           current, has a child,
//!           native context requested
//! detached ------------------------> attached
//!     |                                 |   \
//!     | finished                finished |    \ finished while its thread ends
//!     v                                 v     v
//!   ended <---------------------------------- end deferred
//!                next call on a live thread
//! ```
//!
//! * Most spans are never current and have no children. They stay detached, which needs no OpenTelemetry context, no
//!   shared pointer and no contended lock, and their allocation is reused by the next span on the thread.
//! * Attaching moves OpenTelemetry's span into a context and cannot be undone.
//! * A detached span that ends while its thread ends is attached first, because a deferred end holds a context.
//! * Tags are buffered so that each key reaches OpenTelemetry once, with its last value.
//!
//! # Layers
//!
//! Each file imports only files that come before it in this list, except that `otel_span` and `start` import each
//! other:
//!
//! 1. [`span_writer`]: writes to OpenTelemetry's span in either state
//! 2. [`buffered_attributes`]: tags and status before the end
//! 3. [`detached_span`], [`attached_span`], [`deferred_ends`]: the states
//! 4. [`local_span`]: the transitions
//! 5. [`context_value`]: the part of a context of this API that OpenTelemetry's context carries
//! 6. [`provider`], [`tracer_state`]: the data that a tracer and its spans share
//! 7. [`current_context`], [`attach_table`]: OpenTelemetry's current context, and attached contexts by token
//! 8. [`preset_ids`], [`otel_span`], [`start`](mod@start): spans of all roles and how they start
//! 9. [`native`]: the native context: the current span, attach, detach, suppress

mod attach_table;
mod attached_span;
mod buffered_attributes;
mod context_value;
mod current_context;
mod deferred_ends;
mod detached_span;
mod local_span;
mod native;
mod otel_span;
mod preset_ids;
mod provider;
mod span_writer;
mod start;
mod tracer_state;

#[cfg(doc)]
use self::{
    attached_span::AttachedSpan, detached_span::DetachedSpan, local_span::LocalSpan, otel_span::OtelSpan,
};
#[cfg(feature = "sdk")]
pub(crate) use self::{context_value::ContextValue, preset_ids::PresetIds};
pub(crate) use self::{
    deferred_ends::DeferredEnds,
    native::TracerContext,
    provider::{Provider, ScopedTracers},
    start::start,
    tracer_state::TracerState,
};
