//! A backend of [`anytrace_api`] that records nothing and still propagates incoming trace contexts.
//!
//! Install [`NoopTracer`] in a service that does not record spans but is called by services that do: the ids, the
//! sampling decision, the trace state and the baggage of a caller are sent with outgoing requests, so that the caller's
//! traces continue behind the service. Without any tracer, [`anytrace_api`] propagates nothing. A request that brings
//! no context sends none.
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

/// A tracer that records nothing and propagates incoming trace contexts.
///
/// A span of this tracer has the context of its parent and is never recorded. A span without a parent is empty. Flush
/// and shutdown complete at once.
///
/// ```
/// use anytrace_noop::NoopTracer;
///
/// anytrace_api::install(NoopTracer::new())?;
/// assert!(!anytrace_api::start_span("load").is_recording());
/// # Ok::<(), anytrace_api::errors::InstallError<NoopTracer>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct NoopTracer {
    propagator: Composite,
}

impl NoopTracer {
    /// Creates a tracer that propagates the W3C formats: `traceparent`, `tracestate` and `baggage`.
    pub const fn new() -> Self {
        NoopTracer { propagator: Composite::w3c() }
    }

    /// Creates a tracer that propagates other formats.
    ///
    /// ```
    /// use anytrace_api::propagation::B3;
    /// use anytrace_noop::NoopTracer;
    ///
    /// let tracer = NoopTracer::with_propagator(B3::multi());
    /// # let _ = tracer;
    /// ```
    pub fn with_propagator(propagator: impl Propagator + 'static) -> Self {
        NoopTracer { propagator: Composite::new([propagator]) }
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
