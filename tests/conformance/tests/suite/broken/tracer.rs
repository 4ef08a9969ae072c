//! The faults of the tracer.

use std::{
    sync::{Arc, atomic::Ordering},
    thread,
    time::Duration,
};

use anytrace_api::{
    Baggage, Context, Entered, Operation, Sampling, SpanId, SpanRef, StartedSpan, TraceContext, TraceId,
    backend::Tracer,
    data::TraceState,
    flush::{Done, Flushed},
    propagation::{Extracted, TextMapReader, TextMapWriter},
};

use super::{Broken, Fault, span::BrokenSpan};

impl Tracer for Broken {
    fn start(&self, operation: &Operation<'_>, parent: Option<&Context>) -> StartedSpan {
        let span = self.begin(operation, parent);
        let root = span.context().clone();
        self.wrapped(span, root)
    }

    fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter) {
        let mut context = context.clone();
        if self.is(Fault::InvertsSampled) {
            context = match context.sampling() {
                Sampling::Record | Sampling::Debug => context.with_sampling(Sampling::Drop),
                _ => context.with_sampling(Sampling::Record),
            };
        }
        if self.is(Fault::LosesTraceState) {
            context = context.with_trace_state(TraceState::new());
        }
        if self.is(Fault::RemovesTheHeadersOfOthers) {
            for name in ["accept", "host", "content-type", "x-request-id", "authorization"] {
                carrier.remove(name);
            }
        }
        if self.is(Fault::WritesEmptyContexts) && context.is_empty() {
            carrier.set("traceparent", "00-00000000000000000000000000000000-0000000000000000-00");
            return;
        }
        if self.is(Fault::WritesBaggageRaw) {
            for (key, value) in context.baggage() {
                carrier.set(&format!("x-baggage-{key}"), value);
            }
        }
        if self.is(Fault::LeavesStaleHeaders) {
            return self.0.mock.inject(&context, &mut Stale(carrier));
        }
        self.0.mock.inject(&context, carrier);
    }

    fn extract(&self, carrier: &dyn TextMapReader) -> Extracted {
        let mut extracted = match self.0.fault {
            Fault::ReadsLowerCaseOnly => self.0.mock.extract(&LowerCase(carrier)),
            _ => self.0.mock.extract(carrier),
        };
        assert!(!self.is(Fault::PanicsOnABadCarrier) || extracted.errors().is_empty(), "a bad carrier");
        if self.is(Fault::DropsExtractedBaggage) {
            let context = extracted.context().clone().with_baggage_items(Baggage::new());
            extracted.set_context(context);
        }
        if self.is(Fault::ExtractsFromNothing) && extracted.context().ids().is_none() {
            let ids = TraceId::from_u128(0xbad).zip(SpanId::from_u64(0xbad));
            extracted.set_context(
                ids.map_or(Context::EMPTY, |(trace, span)| Context::remote(trace, span, Sampling::Record)),
            );
        }
        extracted
    }

    fn flush(&self, timeout: Duration, done: Done) {
        match self.0.fault {
            Fault::NeverAnswersAFlush => drop(done),
            Fault::ReportsNoNumbers => self.0.mock.flush(timeout, without_numbers(done)),
            _ => self.0.mock.flush(timeout, done),
        }
    }

    fn shutdown(&self, timeout: Duration, done: Done) {
        self.0.is_shut.store(true, Ordering::Relaxed);
        match self.0.fault {
            Fault::RecordsAfterShutdown => self.0.mock.flush(timeout, done),
            Fault::NeverAnswersAFlush => drop(done),
            Fault::ReportsNoNumbers => self.0.mock.shutdown(timeout, without_numbers(done)),
            _ => self.0.mock.shutdown(timeout, done),
        }
    }

    fn native_current(&self) -> Option<SpanRef> {
        let is_home = thread::current().id() == self.0.home;
        self.0.current.lock().unwrap().clone().filter(|_| is_home)
    }

    fn enter_suppressed(&self) -> Entered {
        Entered::NOTHING
    }
}

impl Broken {
    /// By the mock tracer, with the faults of a start.
    pub(super) fn begin(&self, operation: &Operation<'_>, parent: Option<&Context>) -> StartedSpan {
        let mut operation = *operation;
        let mut parent = parent.cloned();
        let mut identity = None;
        let caller = parent.clone().unwrap_or_default();
        match self.0.fault {
            Fault::StartsANewTraceForEachChild => parent = None,
            Fault::ReusesTheParentsId => identity = parent.clone().filter(|parent| parent.ids().is_some()),
            Fault::RepeatsSpanIds => identity = self.repeated(&caller),
            Fault::RepeatsTraceIds if caller.ids().is_none() => identity = self.in_one_trace(&caller),
            Fault::PanicsOnAForeignContext => assert!(!caller.is_remote(), "from elsewhere"),
            Fault::LosesSpansOfOtherThreads if thread::current().id() != self.0.home => {
                return StartedSpan::new(caller, None);
            }
            Fault::LosesKinds => operation.kind = anytrace_api::Kind::Internal,
            Fault::LosesInstrumentationScopes => operation.instrumentation_scope = None,
            Fault::LosesTagsAtStart => operation.tags = &[],
            Fault::LosesLinks => operation.links = &[],
            Fault::IgnoresExplicitStarts => operation.start = None,
            Fault::RecordsWhatIsDenied if caller.sampling() == Sampling::Drop => {
                parent = Some(caller.clone().with_sampling(Sampling::Record));
            }
            Fault::LosesTheCallerAfterShutdown if self.0.is_shut.load(Ordering::Relaxed) => {
                return StartedSpan::none();
            }
            _ => {}
        }
        if identity.is_some() {
            operation.preset_context = identity.as_ref();
        }
        let span = self.0.mock.start(&operation, parent.as_ref());
        if let (true, Some((key, value))) =
            (self.is(Fault::CarriesTagsOver), &*self.0.last_tag.lock().unwrap())
        {
            span.set_tag(anytrace_api::Name::copied(key), value);
        }
        if self.is(Fault::ForgetsTheCallerOfWhatIsDenied) && !span.is_recording() {
            return StartedSpan::none();
        }
        span
    }

    /// Three ids, again and again.
    fn repeated(&self, caller: &Context) -> Option<Context> {
        let n = self.0.last_id.fetch_add(1, Ordering::Relaxed);
        let span = SpanId::from_u64(1 + n % 3)?;
        let trace = caller.trace_id().or(TraceId::from_u128(u128::from(n) + 1))?;
        (caller.sampling() != Sampling::Drop).then(|| caller.root(trace, span, Sampling::Record))
    }

    /// All roots in one trace.
    fn in_one_trace(&self, caller: &Context) -> Option<Context> {
        let n = self.0.last_id.fetch_add(1, Ordering::Relaxed);
        let (trace, span) = TraceId::from_u128(0xbad).zip(SpanId::from_u64(1 + n))?;
        (caller.sampling() != Sampling::Drop).then(|| caller.root(trace, span, Sampling::Record))
    }

    /// With the faults of a span.
    pub(super) fn wrapped(&self, span: StartedSpan, root: Context) -> StartedSpan {
        let (mut context, live) = span.into_parts();
        if self.is(Fault::DropsBaggage) {
            context = context.with_baggage_items(Baggage::new());
        }
        let live = live.map(|live| Arc::new(BrokenSpan::new(self, live, &context, root)) as Arc<_>);
        StartedSpan::new(context, live)
    }

    pub(super) fn set_current(&self, span: Option<SpanRef>) {
        if thread::current().id() == self.0.home {
            *self.0.current.lock().unwrap() = span;
        }
    }
}

fn without_numbers(done: Done) -> Done {
    Box::new(|flushed| {
        let mut empty = Flushed::default();
        empty.result = flushed.result;
        done(empty);
    })
}

/// Finds keys only as they are written here.
struct LowerCase<'a>(&'a dyn TextMapReader);

impl TextMapReader for LowerCase<'_> {
    fn values<'a>(&'a self, key: &str, each: &mut dyn FnMut(&'a [u8])) {
        self.0.fields_with_prefix(key, &mut |name, value| {
            if name == key {
                each(value);
            }
        });
    }

    fn fields_with_prefix<'a>(&'a self, prefix: &str, each: &mut dyn FnMut(&'a str, &'a [u8])) {
        self.0.fields_with_prefix(prefix, each);
    }
}

/// Removes nothing.
struct Stale<'a>(&'a mut dyn TextMapWriter);

impl TextMapWriter for Stale<'_> {
    fn set(&mut self, name: &str, value: &str) {
        self.0.set(name, value);
    }

    fn remove(&mut self, _: &str) {}

    fn remove_with_prefix(&mut self, _: &str) {}
}
