//! A vendor-neutral tracing API.
//!
//! A *trace* is the path of one request through all services: a tree of *spans*, each of which is one timed operation.
//! Libraries describe their work with this crate alone. Applications choose a backend when they start. Tests choose
//! another one for the duration of one call. Without a backend a span costs a few nanoseconds and no allocation.
//!
//! # In libraries
//!
//! ```
//! use anytrace_api::{self as trace, Operation, tags};
//! use std::{fs, io};
//!
//! pub fn load(user: u64, table: &str) -> Result<String, io::Error> {
//!     let tags = tags! { "user.id" => user, "cache" => "l2" };
//!     trace::start_span(Operation::client("users.load").tags(&tags)).try_run(|| {
//!         trace::event("cache miss");
//!         fs::read_to_string(table)
//!     })
//! }
//! # load(1, "no such table").unwrap_err();
//! ```
//!
//! [`start_span`] starts a child of the current span, or else a trace. The [`StartedSpan`] that it returns owns the span:
//! a closure, a future ([`FutureExt`]) or a guard ends it. A [`SpanRef`] writes to a span from anywhere.
//!
//! A name that is not a literal is passed by reference: `start_span(&name)`. [`Name`] explains why. A library names itself
//! once with an [`InstrumentationScope`], and starts its spans with that.
//!
//! # In servers and clients
//!
//! ```
//! use anytrace_api::{self as trace, Operation};
//! use std::collections::HashMap;
//!
//! fn serve(headers: &HashMap<String, String>) {
//!     // Continues the caller's trace, or starts one.
//!     let mut span = trace::join_trace(Operation::server("GET /users"), &trace::extract(headers));
//!     span.share_baggage();
//!     span.run(|| {
//!         let call = trace::start_span(Operation::client("GET"));
//!         let mut headers = HashMap::<String, String>::new();
//!         call.inject(&mut headers);
//!         // … the call …
//!         call.finish();
//!     });
//! }
//! # serve(&HashMap::new());
//! ```
//!
//! The crate `anytrace-instrumentation` does this for `http` and `tower`.
//!
//! # In applications
//!
//! The crate `anytrace` sets tracing up in one line. An application without that crate calls [`install`] once, with a
//! tracer of `anytrace-recorder` (the reference tracer), a bridge, or `anytrace-noop`, which records nothing and still
//! carries an incoming context onwards. Handles created before `install` start working once it is called. At the end of
//! `main` the application shuts the tracer down: [`TracerExt::shutdown_on_drop`].
//!
//! # In tests
//!
//! [`with_tracer`] makes a tracer the current one for one closure, [`FutureExt::with_tracer`] for one future, and
//! [`tracer_scope`] for a block, so that each test has its own tracer, in parallel with other tests. `MockTracer` of
//! `anytrace-recorder` shows the recorded spans as a tree of text.
//!
//! # Implementing a backend
//!
//! See the module [`backend`].
//!
//! # Guarantees
//!
//! * No call of this crate fails, blocks or panics because tracing did. Lost updates are counted ([`counters`]), and the few
//!   calls that can fail return an error.
//! * A new thread or task does not inherit the current span. To pass the span on, use [`carry`], [`Snapshot`] or
//!   [`FutureExt::in_current_span`].
//! * Functions borrow names and values. Literals are stored by reference. Other text is copied, and only if the span is recorded.
//!
//! # Features
//!
//! All are off by default.
//!
//! | feature | adds |
//! |---|---|
//! | `http` | carriers for `http::HeaderMap` |
//! | `stream` | `StreamExt`: a span around a stream |

mod current;
mod model;

pub mod backend;

#[cfg(feature = "stream")]
pub use self::current::StreamExt;
#[doc(hidden)]
pub use self::model::{__literal, Literal};
pub use self::{
    backend::{end::EndReason, handle::TracerHandle, reference::SpanRef, started::StartedSpan},
    current::{
        FutureExt, PolledSpan, Scope, Snapshot, SpanScope, TracerExt, carry, current_ids, current_span,
        event, event_tags, event_with, extract, inject, install, is_recording, join_trace, link,
        record_error, remove_baggage, set_baggage, set_name, set_status, set_tag, set_tags, start_span,
        start_trace, tracer, tracer_scope, with_tracer,
    },
    model::{
        Baggage, Context, Event, InstrumentationScope, Kind, Link, Name, Operation, Sampling, SpanId, Status,
        Tag, TraceContext, TraceId, Value, keys,
    },
};

/// Wire formats, and the carriers that they read and write.
pub mod propagation {
    pub use crate::model::{
        B3, Binary, CheckedWriter, Composite, ExtractError, ExtractErrorKind, Extracted, FormatNameError,
        Jaeger, Propagator, TextMapReader, TextMapWriter, W3C, W3cBaggage, W3cTraceContext, XRay,
    };
}

/// Results of a flush or shutdown, and ways to wait for one.
pub mod flush {
    pub use crate::{
        backend::{
            drop_reason::DropReason,
            export_error::ExportError,
            flush::{Done, Dropped, FlushError, Flushed},
        },
        current::{FlushFuture, ShutdownGuard},
    };
}

/// Futures and streams with a span, as returned by [`FutureExt`].
pub mod future {
    pub use crate::current::{InSpan, InSpanThen};
}

/// Turning tracing off for a part of the program: for exporters, and for a driver beneath an instrumented library.
pub mod suppression {
    pub use crate::current::{suppressed, suppressed_scope};
}

/// Parts of baggage, trace state and values.
pub mod data {
    pub use crate::model::{BaggageIter, BaggageProperties, Texts, TraceState};
}

/// Errors of the calls that can fail.
pub mod errors {
    pub use crate::{
        current::InstallError,
        model::{BaggageError, LimitError, LimitKind, ParseIdError, ParseTraceStateError},
    };
}

/// Process-wide counts, for tools that watch the health of tracing.
pub mod counters {
    pub use crate::{backend::span::unsupported_updates, model::extract_errors};
}
