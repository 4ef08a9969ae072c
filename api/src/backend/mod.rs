//! The traits that a backend implements, and the types that they exchange with callers.
//!
//! A backend implements [`Tracer`] and [`Span`]; one that has its own notion of the current
//! span, such as OpenTelemetry's `Context`, also implements [`NativeContext`].
//! Users of tracing need none of this: see the free functions of the crate, [`StartedSpan`](crate::StartedSpan),
//! [`SpanRef`](crate::SpanRef) and [`TracerHandle`](crate::TracerHandle).
//!
//! The example `examples/tracer` of the repository is a whole backend in one file, and the crate `anytrace-conformance`
//! checks a backend against the rules of this API.

// The middle one of the three layers: it uses `model`, and not `current`.

pub(crate) mod drop_reason;
pub(crate) mod end;
pub(crate) mod export_error;
pub(crate) mod flush;
pub(crate) mod handle;
mod native;
pub(crate) mod reference;
pub(crate) mod span;
pub(crate) mod started;
mod tracer;

pub(crate) use self::span::record_update;
pub use self::{
    end::End,
    native::{AttachToken, NativeContext},
    span::{Span, Unsupported, Update},
    tracer::Tracer,
};
