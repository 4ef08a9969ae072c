//! A tracing API that belongs to no vendor.
//!
//! A *trace* is the path of one request through all services: a tree of *spans*, each of which is one timed operation.
//! Libraries describe what they do through this crate alone; applications choose where it goes, when they start; tests
//! choose again, for one call. With nothing chosen, all of it costs next to nothing.
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
//!         trace::event("asked");
//!         fs::read_to_string(table)
//!     })
//! }
//! # load(1, "no such table").unwrap_err();
//! ```
//!
//! [`start_span`] makes a child of the current span, or else a trace. A [`StartedSpan`] is owned by whoever ends it:
//! a closure, a future ([`FutureExt`]), a guard. A [`SpanRef`] writes to it from anywhere.
//!
//! # In servers and clients
//!
//! ```
//! use anytrace_api::{self as trace, Operation};
//! use std::collections::HashMap;
//!
//! fn serve(headers: &HashMap<String, String>) {
//!     // One path, whether or not the caller sent a context.
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
//! The crate `anytrace-instrumentation` has this ready for `http` and tower.
//!
//! # In applications
//!
//! The crate `anytrace` sets tracing up in one line. What it does, any application can: [`install`] a tracer, once, when
//! the process starts: `anytrace-recorder` has the reference tracer, `anytrace-noop` one that records nothing and still
//! carries an incoming context onwards. Handles and code that were there before start working then. Shut it down at the
//! end of `main`: [`TracerExt::shutdown_on_drop`].
//!
//! # In tests
//!
//! [`with_tracer`] puts a tracer in force for one closure, [`FutureExt::with_tracer`] for one future, and
//! [`tracer_scope`] for a block: each test has its own, in parallel with others. `MockTracer` of `anytrace-recorder`
//! shows what it was told as a tree of text.
//!
//! # Implementing a backend
//!
//! Three traits, all of them object safe: [`Tracer`] starts spans and speaks wire formats, [`Span`] is a live one, and
//! [`TraceContext`] is whatever a trace can be continued from. What callers see on top of them (closures, futures,
//! guards, conversions) is this crate's.
//!
//! # What is true of everything here
//!
//! * Nothing here fails, blocks or panics because tracing did. What cannot be done is counted, or is an error of the few
//!   calls that return one.
//! * Nothing is taken to another thread or task behind anybody's back: [`carry`], [`Snapshot`] and
//!   [`FutureExt::in_current_span`] do it where they are asked to.
//! * What callers pass is lent. Literals are kept, other text is copied, and only for a span that is recorded.
//!
//! # Features
//!
//! None is on by default. `http`: carriers for `http::HeaderMap`. `stream`: [`InSpan`] around a stream is a stream.

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
        backend::flush::{Done, Dropped, FlushError, Flushed},
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
