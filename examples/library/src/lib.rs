//! A library that traces its work. It depends on the API alone and knows no backend.
//!
//! Without one it works all the same, and its calls cost next to nothing. Its functions take no tracer: what they
//! start belongs to whatever is current where they are called.

mod publisher;
mod quote;

pub use self::{
    publisher::{Headers, Publisher},
    quote::{UnknownTitle, quote, quote_async},
};

use anytrace_api::{InstrumentationScope, instrumentation_scope};

/// Which library makes the spans: users filter by it.
static SCOPE: InstrumentationScope = instrumentation_scope!();
