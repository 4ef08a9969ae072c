//! The smallest real backend of [`anytrace_api`]: it records nothing, and still carries an incoming context onwards.
//!
//! What came from a caller (ids, sampling decision, trace state, baggage) reaches whatever this process calls, so a
//! service without tracing does not break the traces that go through it. Where nothing came, nothing is sent.
//!
//! ```
//! use std::collections::HashMap;
//! use anytrace_api::{TracerExt, backend::Tracer};
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

use std::time::Duration;

use anytrace_api::{
    Context, Operation, StartedSpan,
    backend::Tracer,
    flush::{Done, Flushed},
    propagation::{Composite, Extracted, Propagator, TextMapReader, TextMapWriter},
};

/// A tracer that records nothing.
#[derive(Clone, Debug, Default)]
pub struct NoopTracer {
    propagator: Composite,
}

impl NoopTracer {
    /// One that reads and writes the W3C formats.
    pub const fn new() -> Self {
        NoopTracer { propagator: Composite::w3c() }
    }

    /// One that reads and writes other formats.
    ///
    /// ```
    /// use anytrace_api::propagation::B3;
    /// use anytrace_noop::NoopTracer;
    ///
    /// let tracer = NoopTracer::with_propagator(B3::multi());
    /// # let _ = tracer;
    /// ```
    pub fn with_propagator(propagator: impl Propagator + 'static) -> Self {
        NoopTracer { propagator: Composite::new([Box::new(propagator) as Box<dyn Propagator>]) }
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
        self.propagator.inject(context, carrier);
    }

    fn extract(&self, carrier: &dyn TextMapReader) -> Extracted {
        Extracted::read(&self.propagator, carrier)
    }

    fn flush(&self, _: Duration, done: Done) {
        done(Flushed::default());
    }

    fn shutdown(&self, _: Duration, done: Done) {
        done(Flushed::default());
    }
}
