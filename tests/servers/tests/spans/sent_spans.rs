//! Finished spans in the comparable form, taken when they leave the tracer.

use std::{
    mem,
    sync::{Arc, Mutex},
    time::{SystemTime, UNIX_EPOCH},
};

use anytrace_api::{EndReason, Kind, Status, TraceContext, Value};
use anytrace_otel_bridge::END_REASON;
use anytrace_recorder::{FinishedSpan, Recorder};
use anytrace_servers::view::{EventView, LinkView, Outcome, SpanView, TagView, Tags};
use base64::{Engine, engine::general_purpose::STANDARD};

use crate::observed::ObservedRecorder;

/// The spans of all batches.
#[derive(Clone, Default)]
pub(crate) struct SentSpans(Arc<Mutex<Vec<SpanView>>>);

impl SentSpans {
    pub(crate) fn before(&self, recorder: impl Recorder) -> impl Recorder {
        let spans = self.0.clone();
        ObservedRecorder::new(recorder, move |batch| {
            let views = batch.spans.iter().map(|span| view(batch.resource.service_name(), span));
            spans.lock().unwrap().extend(views);
        })
    }

    pub(crate) fn take(&self) -> Vec<SpanView> {
        mem::take(&mut self.0.lock().unwrap())
    }
}

fn view(service: &str, span: &FinishedSpan) -> SpanView {
    let mut tags = tags(span.tags());
    if span.end_reason() != EndReason::Finished {
        tags.insert(END_REASON.to_owned(), TagView::Text(span.end_reason().as_str().to_owned()));
    }
    SpanView {
        trace_id: span.trace_id().to_string(),
        span_id: span.span_id().to_string(),
        parent: span.parent_span_id().map(|id| id.to_string()),
        parent_is_remote: Some(span.parent_is_remote()),
        name: span.name().to_owned(),
        kind: match span.kind() {
            Kind::Server => "server",
            Kind::Client => "client",
            Kind::Producer => "producer",
            Kind::Consumer => "consumer",
            _ => "internal",
        },
        service: service.to_owned(),
        scope: span
            .instrumentation_scope()
            .map(|scope| (scope.name.into(), scope.version.into()))
            .unwrap_or_default(),
        tags,
        events: span
            .events()
            .map(|event| EventView {
                at: nanos(event.at()),
                name: event.name().to_owned(),
                tags: self::tags(event.tags()),
            })
            .collect(),
        links: span
            .links()
            .map(|link| LinkView {
                trace_id: link.context().trace_id().unwrap().to_string(),
                span_id: link.context().span_id().unwrap().to_string(),
                tags: self::tags(link.tags()),
            })
            .collect(),
        outcome: match span.status() {
            Some(Status::Ok) => Outcome::Ok,
            Some(Status::Error(why)) => Outcome::Error(why.to_string()),
            _ => Outcome::Unset,
        },
        start: nanos(span.start()),
        duration: u64::try_from(span.duration().as_nanos()).unwrap(),
        trace_state: span.context().trace_state().to_string(),
        dropped: [span.dropped_tags(), span.dropped_events(), span.dropped_links()].map(u64::from),
        debug: span.context().sampling() == anytrace_api::Sampling::Debug,
    }
}

fn tags<'a>(tags: impl Iterator<Item = (&'a str, Value<'a>)>) -> Tags {
    tags.map(|(key, value)| (key.to_owned(), tag(value))).collect()
}

/// Integers of more than 63 bits are text, because OTLP and Zipkin have no number type for them.
fn tag(value: Value<'_>) -> TagView {
    let text = |text: &str| TagView::Text(text.to_owned());
    match value {
        Value::Bool(value) => TagView::Bool(value),
        Value::I64(value) => TagView::I64(value),
        Value::F64(value) => TagView::F64(value),
        Value::Static(value) | Value::Copied(value) => text(value),
        Value::Bytes(bytes) => TagView::Bytes(STANDARD.encode(bytes)),
        Value::Bools(list) => TagView::List(list.iter().copied().map(TagView::Bool).collect()),
        Value::I64s(list) => TagView::List(list.iter().copied().map(TagView::I64).collect()),
        Value::F64s(list) => TagView::List(list.iter().copied().map(TagView::F64).collect()),
        Value::Texts(list) => TagView::List(list.iter().map(text).collect()),
        other => TagView::Text(other.to_string()),
    }
}

fn nanos(time: SystemTime) -> u64 {
    u64::try_from(time.duration_since(UNIX_EPOCH).unwrap().as_nanos()).unwrap()
}
