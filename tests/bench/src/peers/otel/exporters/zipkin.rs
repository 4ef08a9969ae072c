//! Zipkin v2 JSON. The encoder is private, so all of `opentelemetry-zipkin` is measured. Beside encoding, that is one
//! request per batch.
#![allow(deprecated, reason = "the deprecated exporter is the peer")]

use std::{
    future::{self, Future},
    pin::{Pin, pin},
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, Waker},
};

use anytrace_recorder::FinishedSpan;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use opentelemetry_zipkin::ZipkinExporter;

use super::spans;
use crate::{
    anytrace::{Zipkin, batch},
    case::{Running, Setting},
};

pub(crate) fn zipkin_plain(_: Setting) -> Running {
    zipkin(&batch::plain())
}

pub(crate) fn zipkin_rich(_: Setting) -> Running {
    zipkin(&batch::rich())
}

fn zipkin(spans: &[FinishedSpan]) -> Running {
    let captured = CapturedBody::default();
    let exporter = ZipkinExporter::builder().with_http_client(captured.clone()).build().expect("an exporter");
    let batch = spans::batch(spans);
    export(&exporter, batch.clone());
    assert_same_span_ids(spans, &captured.body());
    Running::supplied(move || batch.clone(), move |ready, repeats| workload_zipkin(&exporter, ready, repeats))
}

#[inline(never)]
fn workload_zipkin(exporter: &ZipkinExporter, ready: &mut Vec<Vec<SpanData>>, repeats: u64) {
    for _ in 0..repeats {
        export(exporter, ready.pop().expect("a batch was made for each repeat"));
    }
}

fn export(exporter: &ZipkinExporter, batch: Vec<SpanData>) {
    let export = pin!(exporter.export(batch));
    let result = export.poll(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(result, Poll::Ready(Ok(()))));
}

/// Asserts that both messages contain all spans. Their contents differ, because the exporter does not conform to
/// Zipkin's format in every detail.
fn assert_same_span_ids(spans: &[FinishedSpan], other: &[u8]) {
    let mut zipkin = Zipkin::default();
    let anytrace = zipkin.encode(&batch::resource(), spans);
    assert_eq!([objects(anytrace), objects(other)], [spans.len(); 2]);
}

fn objects(message: &[u8]) -> usize {
    let key = br#""traceId":"#;
    message.windows(key.len()).filter(|part| part == key).count()
}

/// An HTTP client that sends nothing and stores the last body.
#[derive(Clone, Debug, Default)]
struct CapturedBody(Arc<Mutex<Bytes>>);

impl CapturedBody {
    fn body(&self) -> Bytes {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl HttpClient for CapturedBody {
    fn send_bytes<'a, 'b>(
        &'a self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = request.into_body();
        Box::pin(future::ready(Ok(Response::new(Bytes::new()))))
    }
}
