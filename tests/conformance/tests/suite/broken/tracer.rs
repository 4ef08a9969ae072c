//! Defects of the tracer.

use std::{
    sync::{Arc, atomic::Ordering},
    thread,
    time::Duration,
};

use anytrace_api::{
    Baggage, Context, Operation, Sampling, SpanId, SpanRef, StartedSpan, TraceContext, TraceId,
    backend::{AttachToken, NativeContext, Tracer},
    data::TraceState,
    flush::{Done, Flushed},
    propagation::{Extracted, TextMapReader, TextMapWriter},
};

use super::{Broken, Defect, span::BrokenSpan};

impl Tracer for Broken {
    fn start(&self, operation: &Operation<'_>, parent: Option<&Context>) -> StartedSpan {
        let span = self.begin(operation, parent);
        let root = span.context().clone();
        self.wrapped(span, root)
    }

    fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter) {
        let mut context = context.clone();
        if self.is(Defect::InvertsTheSampledFlag) {
            context = match context.sampling() {
                Sampling::Record | Sampling::Debug => context.with_sampling(Sampling::Drop),
                _ => context.with_sampling(Sampling::Record),
            };
        }
        if self.is(Defect::DropsTraceState) {
            context = context.with_trace_state(TraceState::new());
        }
        if self.is(Defect::RemovesUnrelatedHeaders) {
            for name in ["accept", "host", "content-type", "x-request-id", "authorization"] {
                carrier.remove(name);
            }
        }
        if self.is(Defect::InjectsEmptyContexts) && context.is_empty() {
            carrier.set("traceparent", "00-00000000000000000000000000000000-0000000000000000-00");
            return;
        }
        if self.is(Defect::InjectsUnescapedBaggage) {
            for (key, value) in context.baggage() {
                carrier.set(&format!("x-baggage-{key}"), value);
            }
        }
        if self.is(Defect::LeavesStaleHeaders) {
            return self.0.mock.inject(&context, &mut Stale(carrier));
        }
        self.0.mock.inject(&context, carrier);
    }

    fn extract(&self, carrier: &dyn TextMapReader) -> Extracted {
        let mut extracted = match self.0.defect {
            Defect::ReadsOnlyLowerCaseHeaders => self.0.mock.extract(&LowerCase(carrier)),
            _ => self.0.mock.extract(carrier),
        };
        assert!(!self.is(Defect::PanicsOnMalformedHeaders) || extracted.errors().is_empty(), "a bad carrier");
        if self.is(Defect::DropsExtractedBaggage) {
            let context = extracted.context().clone().with_baggage_items(Baggage::new());
            extracted.set_context(context);
        }
        if self.is(Defect::ExtractsIdsFromNothing) && extracted.context().ids().is_none() {
            let ids = TraceId::from_u128(0xbad).zip(SpanId::from_u64(0xbad));
            extracted.set_context(
                ids.map_or(Context::EMPTY, |(trace, span)| Context::remote(trace, span, Sampling::Record)),
            );
        }
        extracted
    }

    fn flush(&self, timeout: Duration, done: Done) {
        match self.0.defect {
            Defect::NeverCompletesAFlush => drop(done),
            Defect::ReportsNoCounts => self.0.mock.flush(timeout, without_counts(done)),
            _ => self.0.mock.flush(timeout, done),
        }
    }

    fn shutdown(&self, timeout: Duration, done: Done) {
        self.0.is_shut.store(true, Ordering::Relaxed);
        match self.0.defect {
            Defect::RecordsAfterShutdown => self.0.mock.flush(timeout, done),
            Defect::NeverCompletesAFlush => drop(done),
            Defect::ReportsNoCounts => self.0.mock.shutdown(timeout, without_counts(done)),
            _ => self.0.mock.shutdown(timeout, done),
        }
    }

    fn native_context(&self) -> Option<Arc<dyn NativeContext>> {
        self.is(Defect::LeavesSpansCurrent).then(|| Arc::new(self.clone()) as Arc<dyn NativeContext>)
    }
}

/// Reports the last entered span as current, even after it was left.
impl NativeContext for Broken {
    fn current(&self) -> Option<SpanRef> {
        let is_home = thread::current().id() == self.0.home;
        self.0.current.lock().unwrap().clone().filter(|_| is_home)
    }

    fn detach(&self, _: AttachToken) {}
}

impl Broken {
    /// Starts a span of the mock tracer, with the defects of starting.
    pub(super) fn begin(&self, operation: &Operation<'_>, parent: Option<&Context>) -> StartedSpan {
        let mut operation = *operation;
        let mut parent = parent.cloned();
        let mut preset = None;
        let caller = parent.clone().unwrap_or_default();
        match self.0.defect {
            Defect::StartsNewTraceForChildren => parent = None,
            Defect::ReusesTheParentSpanId => preset = parent.clone().filter(|parent| parent.ids().is_some()),
            Defect::RepeatsSpanIds => preset = self.repeated_ids(&caller),
            Defect::RepeatsTraceIds if caller.ids().is_none() => preset = self.ids_in_one_trace(&caller),
            Defect::PanicsOnRemoteContexts => assert!(!caller.is_remote(), "another process"),
            Defect::DropsSpansOfOtherThreads if thread::current().id() != self.0.home => {
                return StartedSpan::new(caller, None);
            }
            Defect::DropsKinds => operation.kind = anytrace_api::Kind::Internal,
            Defect::DropsInstrumentationScopes => operation.instrumentation_scope = None,
            Defect::DropsTagsAtStart => operation.tags = &[],
            Defect::DropsLinks => operation.links = &[],
            Defect::IgnoresExplicitStarts => operation.start = None,
            Defect::RecordsUnsampledSpans if caller.sampling() == Sampling::Drop => {
                parent = Some(caller.clone().with_sampling(Sampling::Record));
            }
            Defect::DropsContextsAfterShutdown if self.0.is_shut.load(Ordering::Relaxed) => {
                return StartedSpan::none();
            }
            _ => {}
        }
        if preset.is_some() {
            operation.preset_context = preset.as_ref();
        }
        let span = self.0.mock.start(&operation, parent.as_ref());
        self.0.started.lock().unwrap().extend(span.span_id());
        if let (true, Some((key, value))) =
            (self.is(Defect::CopiesTagsToTheNextSpan), &*self.0.last_tag.lock().unwrap())
        {
            span.set_tag(anytrace_api::Name::copied(key), value);
        }
        if self.is(Defect::DropsTheContextOfUnsampledSpans) && !span.is_recording() {
            return StartedSpan::none();
        }
        span
    }

    /// Returns one of only three span ids.
    fn repeated_ids(&self, caller: &Context) -> Option<Context> {
        let n = self.0.last_id.fetch_add(1, Ordering::Relaxed);
        let span = SpanId::from_u64(1 + n % 3)?;
        let trace = caller.trace_id().or(TraceId::from_u128(u128::from(n) + 1))?;
        (caller.sampling() != Sampling::Drop).then(|| caller.root(trace, span, Sampling::Record))
    }

    /// Returns ids that put every root into the same trace.
    fn ids_in_one_trace(&self, caller: &Context) -> Option<Context> {
        let n = self.0.last_id.fetch_add(1, Ordering::Relaxed);
        let (trace, span) = TraceId::from_u128(0xbad).zip(SpanId::from_u64(1 + n))?;
        (caller.sampling() != Sampling::Drop).then(|| caller.root(trace, span, Sampling::Record))
    }

    /// Wraps a span, with the defects of live spans.
    pub(super) fn wrapped(&self, span: StartedSpan, root: Context) -> StartedSpan {
        let (mut context, live) = span.into_parts();
        if self.is(Defect::DropsBaggage) {
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

fn without_counts(done: Done) -> Done {
    Box::new(|flushed| {
        let mut empty = Flushed::default();
        empty.result = flushed.result;
        done(empty);
    })
}

/// A reader that compares names case-sensitively.
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

/// A writer that removes nothing.
struct Stale<'a>(&'a mut dyn TextMapWriter);

impl TextMapWriter for Stale<'_> {
    fn set(&mut self, name: &str, value: &str) {
        self.0.set(name, value);
    }

    fn remove(&mut self, _: &str) {}

    fn remove_with_prefix(&mut self, _: &str) {}
}
