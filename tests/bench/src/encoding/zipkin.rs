//! Zipkin v2 JSON.
#![allow(deprecated, reason = "it is what others have")]

use std::{
    future::{self, Future},
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Waker},
};

use anytrace_recorder::{FinishedSpan, Resource};
use anytrace_zipkin_bridge::Encoder;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_sdk::trace::SpanExporter;
use opentelemetry_zipkin::ZipkinExporter;

use crate::{Encoding, batch, theirs::Supply};

/// As the recorder does it: into a buffer that is kept, a span at a time.
pub(crate) struct Ours {
    spans: Vec<FinishedSpan>,
    resource: Resource,
    encoder: Encoder,
    span: Vec<u8>,
    message: Vec<u8>,
}

impl Ours {
    pub(crate) fn new(spans: Vec<FinishedSpan>) -> Self {
        let (span, message) = (Vec::new(), Vec::new());
        Ours { spans, resource: batch::resource(), encoder: Encoder::new(), span, message }
    }
}

impl Encoding for Ours {
    fn encode(&mut self) -> usize {
        self.message.clear();
        for span in &self.spans {
            self.span.clear();
            self.encoder.encode(&self.resource, span, &mut self.span);
            self.message.push(if self.message.is_empty() { b'[' } else { b',' });
            self.message.extend_from_slice(&self.span);
        }
        self.message.push(b']');
        self.message.len()
    }
}

/// What makes the JSON is the exporter's own business, so all of it is asked. Its part beyond the JSON is one request a
/// batch.
pub(crate) struct Theirs {
    supply: Supply,
    exporter: ZipkinExporter,
    taken: Arc<AtomicUsize>,
}

impl Theirs {
    pub(crate) fn new(spans: &[FinishedSpan]) -> Self {
        let taken = Arc::new(AtomicUsize::new(0));
        let exporter = ZipkinExporter::builder().with_http_client(Drops(taken.clone())).build();
        Theirs { supply: Supply::new(spans), exporter: exporter.expect("an exporter"), taken }
    }
}

impl Encoding for Theirs {
    fn prepare(&mut self, times: u64) {
        self.supply.prepare(times);
    }

    fn encode(&mut self) -> usize {
        let export = pin!(self.exporter.export(self.supply.next()));
        let result = export.poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(result, Poll::Ready(Ok(()))));
        self.taken.load(Ordering::Relaxed)
    }
}

/// A client that sends nothing.
#[derive(Debug)]
struct Drops(Arc<AtomicUsize>);

impl HttpClient for Drops {
    fn send_bytes<'a, 'b>(
        &'a self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        self.0.store(request.body().len(), Ordering::Relaxed);
        Box::pin(future::ready(Ok(Response::new(Bytes::new()))))
    }
}
