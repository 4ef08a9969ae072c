//! How a span starts.

use std::{
    cell::Cell,
    sync::Weak,
    time::{Instant, SystemTime},
};

use anytrace_api::{Context, Kind, Operation, Sampling, SpanId, StartedSpan, TraceId};
use opentelemetry::{
    Context as OtelContext,
    trace::{Link, SpanBuilder, SpanKind, TraceContextExt},
};

use crate::{
    attached, convert,
    ours::{self, Ours},
    shared::{Built, Handle, count, foreign},
    span::OtelSpan,
};

thread_local! {
    /// For an id generator that is asked meanwhile: what ids the new span is to have.
    static GIVEN: Cell<Given> = const { Cell::new(Given { trace: None, span: None }) };
}

/// Ids that are not to be made up.
#[cfg_attr(not(feature = "sdk"), expect(dead_code, reason = "only an id generator of the SDK asks"))]
#[derive(Clone, Copy, Default)]
struct Given {
    trace: Option<TraceId>,
    span: Option<SpanId>,
}

impl Given {
    /// Another tracer's span goes by that one's ids; a trace that was named without a span, by its name.
    fn by(operation: &Operation<'_>, parent: &Context) -> Self {
        if let Some((trace, span)) = operation.identity.and_then(Context::ids) {
            return Given { trace: Some(trace), span: Some(span) };
        }
        Given { trace: parent.trace_id().filter(|_| parent.span_id().is_none()), span: None }
    }
}

#[cfg(feature = "sdk")]
pub(crate) fn take_given_trace() -> Option<TraceId> {
    let given = GIVEN.get();
    GIVEN.set(Given { trace: None, ..given });
    given.trace
}

#[cfg(feature = "sdk")]
pub(crate) fn take_given_span() -> Option<SpanId> {
    let given = GIVEN.get();
    GIVEN.set(Given { span: None, ..given });
    given.span
}

/// A span by the tracer, beneath a context from anywhere.
pub(crate) fn start(shared: &Handle, operation: &Operation<'_>, parent: &Context) -> StartedSpan {
    let base = match convert::span_context(parent, convert::SAMPLED_WHEN_DEFERRED) {
        None => OtelContext::new(),
        Some(parent) => attached::look(|current| {
            let is_it = *current.span().span_context() == parent;
            is_it.then(|| current.clone())
        })
        .flatten()
        .unwrap_or_else(|| OtelContext::new().with_remote_span_context(parent)),
    };
    begin(shared, operation, parent, base)
}

/// A span beneath `base`, which is OpenTelemetry's form of `parent`.
pub(crate) fn begin(
    shared: &Handle,
    operation: &Operation<'_>,
    parent: &Context,
    base: OtelContext,
) -> StartedSpan {
    shared.aside.tell_all();
    let suppressed = attached::look(OtelContext::is_telemetry_suppressed).unwrap_or(true);
    if shared.is_closed() || suppressed {
        return carry_on(shared, parent.clone(), &base);
    }
    let base = if says_more_than_flags(parent) { Ours::put(&base, parent, Weak::new()) } else { base };
    let anchor = (SystemTime::now(), Instant::now());
    let start = operation.start.unwrap_or(anchor.0);
    let builder = builder(operation, start);
    GIVEN.set(Given::by(operation, parent));
    let built = foreign(|| shared.provider.start(operation.origin, builder, &base));
    GIVEN.set(Given::default());
    let Some(built) = built else {
        return carry_on(shared, parent.clone(), &base);
    };
    let Built { native, is_recording } = built;
    let span = native.span();
    let span = span.span_context();
    let Some((trace_id, span_id)) = convert::ids(span) else {
        // A provider that was shut down, or another that says nothing.
        return carry_on(shared, parent.clone(), &base);
    };
    let sampling = match (span.is_sampled(), parent.sampling()) {
        (true, Sampling::Debug) => Sampling::Debug,
        (true, _) => Sampling::Record,
        (false, _) => Sampling::Drop,
    };
    let is_child = parent.ids().is_some() && parent.trace_id() == Some(trace_id);
    if !is_recording && is_child {
        if span.is_sampled() {
            // The provider records nothing at all, and hands the parent on.
            return carry_on(shared, parent.clone(), &base);
        }
        let parent = parent.decided(Sampling::Drop);
        let Some(decided) = convert::span_context(&parent, false) else { return StartedSpan::none() };
        return carry_on(shared, parent, &base.with_remote_span_context(decided));
    }
    let context = if is_child {
        parent.child(span_id, sampling)
    } else {
        let given = [Some(parent), operation.identity].into_iter().flatten();
        let mut given = given.filter(|given| given.trace_id() == Some(trace_id));
        let given = given.any(Context::is_random);
        parent.root(trace_id, span_id, sampling).with_random(given || convert::is_random(span.trace_flags()))
    };
    let unchanged = is_child && span.trace_state() == base.span().span_context().trace_state();
    let context = if unchanged { context } else { ours::with_state(context, span) };
    if !is_recording {
        return carry_on(shared, context, &native);
    }
    count(&shared.started);
    let live = OtelSpan::own(shared, &native, &context, start, anchor);
    StartedSpan::new(context, Some(live))
}

/// A span that is not recorded. What is current natively must know it all the same, or others would start a trace.
pub(crate) fn carry_on(shared: &Handle, context: Context, native: &OtelContext) -> StartedSpan {
    if context.is_empty() {
        return StartedSpan::none();
    }
    let live = OtelSpan::carried_on(shared, native, &context);
    StartedSpan::new(context, Some(live))
}

/// What only a sampler that knows our context can heed.
fn says_more_than_flags(parent: &Context) -> bool {
    match parent.sampling() {
        Sampling::Debug => true,
        Sampling::Defer => parent.ids().is_some(),
        _ => parent.ids().is_none(),
    }
}

fn builder(operation: &Operation<'_>, start: SystemTime) -> SpanBuilder {
    let mut builder = SpanBuilder::from_name(convert::name(operation.name))
        .with_kind(kind(operation.kind))
        .with_start_time(start);
    if !operation.tags.is_empty() {
        builder = builder.with_attributes(convert::attributes(operation.tags));
    }
    if !operation.links.is_empty() {
        let links = operation.links.iter().filter_map(|link| {
            let to = convert::span_context(link.to.context(), false)?;
            Some(Link::new(to, convert::attributes(link.tags), 0))
        });
        builder = builder.with_links(links.collect());
    }
    builder
}

pub(crate) fn kind(kind: Kind) -> SpanKind {
    match kind {
        Kind::Server => SpanKind::Server,
        Kind::Client => SpanKind::Client,
        Kind::Producer => SpanKind::Producer,
        Kind::Consumer => SpanKind::Consumer,
        _ => SpanKind::Internal,
    }
}
