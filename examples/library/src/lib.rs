//! Shows a library that traces its work and depends on the API alone, not on a backend.
//!
//! Without a backend the library works the same, and its tracing calls cost almost nothing. Its functions take no tracer:
//! their spans become children of the caller's current span.

mod publisher;
mod quote;

pub use self::{
    publisher::{Headers, Publisher},
    quote::{UnknownTitle, quote, quote_async},
};

use anytrace_api::{InstrumentationScope, instrumentation_scope};

/// The instrumentation scope of all spans, by which users can filter them.
static SCOPE: InstrumentationScope = instrumentation_scope!();
