//! The smallest real back end of [`anytrace_api`]: it records nothing, and still carries an incoming context onwards.
//!
//! What came from a caller (ids, sampling decision, trace state, baggage) reaches whatever this process calls, so a
//! service without tracing does not break the traces that go through it. Where nothing came, nothing is sent.
//!
//! ```
//! use std::collections::HashMap;
//! use anytrace_api::{Tracer, TracerExt};
//! use anytrace_noop::NoopTracer;
//!
//! let tracer = NoopTracer::new();
//! let caller = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
//! let incoming = HashMap::from([("traceparent".to_owned(), caller.to_owned())]);
//!
//! let span = tracer.join_trace("GET /users", &tracer.extract(&incoming));
//! let mut outgoing = HashMap::<String, String>::new();
//! span.start_child("call").inject(&mut outgoing);
//! assert_eq!(outgoing, incoming);
//! ```

use std::{fmt, sync::Arc, time::Duration};

use anytrace_api::{
    Context, Done, Extracted, Flushed, Operation, Propagator, StartedSpan, TextMapReader, TextMapWriter,
    Tracer, W3C,
};

/// A tracer that records nothing.
#[derive(Clone)]
pub struct NoopTracer {
    propagator: Option<Arc<dyn Propagator>>,
}

impl NoopTracer {
    /// One that reads and writes the W3C formats.
    pub const fn new() -> Self {
        NoopTracer { propagator: None }
    }

    /// One that reads and writes other formats.
    ///
    /// ```
    /// use anytrace_api::W3C;
    /// use anytrace_noop::NoopTracer;
    ///
    /// let tracer = NoopTracer::with_propagator(&W3C);
    /// ```
    pub fn with_propagator(propagator: impl Propagator + 'static) -> Self {
        NoopTracer { propagator: Some(Arc::new(propagator)) }
    }

    fn propagator(&self) -> &dyn Propagator {
        self.propagator.as_deref().unwrap_or(&W3C)
    }
}

impl Default for NoopTracer {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for NoopTracer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NoopTracer").field("fields", &self.propagator().fields()).finish()
    }
}

impl Tracer for NoopTracer {
    #[inline]
    fn start(&self, _: &Operation<'_>, parent: Option<&Context>) -> StartedSpan {
        match parent {
            Some(parent) => StartedSpan::new(parent.clone(), None),
            None => StartedSpan::none(),
        }
    }

    fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter) {
        self.propagator().inject(context, carrier);
    }

    fn extract(&self, carrier: &dyn TextMapReader) -> Extracted {
        let mut extracted = Extracted::default();
        self.propagator().extract(carrier, &mut extracted);
        extracted
    }

    fn flush(&self, _: Duration, done: Done) {
        done(Flushed::default());
    }

    fn shutdown(&self, _: Duration, done: Done) {
        done(Flushed::default());
    }
}
