//! OTLP's protobuf: the work of `opentelemetry-otlp` on a batch before it sends a request.

use std::hint::black_box;

use anytrace_otlp::OtlpRecorder;
use anytrace_recorder::{Batch, FinishedSpan};
use opentelemetry_proto::{
    tonic::{collector::trace::v1::ExportTraceServiceRequest, trace::v1::Span},
    transform::{
        common::tonic::ResourceAttributesWithSchema, trace::tonic::group_spans_by_resource_and_scope,
    },
};
use opentelemetry_sdk::trace::SpanData;
use prost::Message;

use super::spans;
use crate::{
    anytrace::batch,
    case::{Running, Setting},
};

pub(crate) fn otlp_plain(_: Setting) -> Running {
    otlp(&batch::plain())
}

pub(crate) fn otlp_rich(_: Setting) -> Running {
    otlp(&batch::rich())
}

fn otlp(spans: &[FinishedSpan]) -> Running {
    let resource = (&spans::resource(&batch::resource())).into();
    let batch = spans::batch(spans);
    assert_same_spans(spans, &encoded(batch.clone(), &resource));
    Running::supplied(move || batch.clone(), move |ready, repeats| workload_otlp(&resource, ready, repeats))
}

#[inline(never)]
fn workload_otlp(resource: &ResourceAttributesWithSchema, ready: &mut Vec<Vec<SpanData>>, repeats: u64) {
    for _ in 0..repeats {
        let batch = ready.pop().expect("a batch was made for each repeat");
        black_box(encoded(batch, resource));
    }
}

fn encoded(batch: Vec<SpanData>, resource: &ResourceAttributesWithSchema) -> Vec<u8> {
    let resource_spans = group_spans_by_resource_and_scope(batch, resource);
    ExportTraceServiceRequest { resource_spans }.encode_to_vec()
}

/// Asserts that both messages contain the same spans. OpenTelemetry additionally writes an empty status for each span
/// without a status.
fn assert_same_spans(spans: &[FinishedSpan], other: &[u8]) {
    let mut anytrace = Vec::new();
    OtlpRecorder::encode(Batch::new(&batch::resource(), spans), &mut anytrace);
    let (anytrace, mut other) = (decoded(&anytrace), decoded(other));
    for span in &mut other {
        span.status = span.status.take().filter(|status| status.code != 0);
    }
    assert_eq!(anytrace, other);
}

fn decoded(message: &[u8]) -> Vec<Span> {
    let request = ExportTraceServiceRequest::decode(message).expect("a valid OTLP message");
    let scopes = request.resource_spans.into_iter().flat_map(|service| service.scope_spans);
    scopes.flat_map(|scope| scope.spans).collect()
}
