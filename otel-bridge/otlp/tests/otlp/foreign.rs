//! The exporters of `opentelemetry-otlp` as recorders, against the same servers.

use std::{
    future::{self, Future},
    pin::Pin,
    sync::Mutex,
    time::Instant,
};

use anytrace_api::{InstrumentationScope, Operation, TracerExt, tags};
use anytrace_otel_bridge::ExporterRecorder;
use anytrace_recorder::{Recorder, RecordingTracer, http::HttpClient as PostClient};
use anytrace_test_receiver::{Receiver, ScriptedResponse};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;

use crate::{
    collector::{Collector, Reply},
    harness::{LONG, assert_accounted, decoded, error, spans},
};

static LIBRARY: InstrumentationScope = InstrumentationScope::new("a library", "1.2.3");

fn delivers(recorder: impl Recorder, arrived: impl Fn() -> ExportTraceServiceRequest) {
    let tracer = RecordingTracer::builder(recorder).service("shop").build();
    let tags = tags! { "n" => 1 };
    tracer.start_trace(Operation::client("load").tags(&tags).instrumentation_scope(&LIBRARY)).finish();
    let flushed = tracer.shutdown_blocking(LONG);
    assert_eq!((flushed.result, flushed.delivered), (Ok(()), 1));
    let request = arrived();
    let [of_service] = &request.resource_spans[..] else { panic!("{request:?}") };
    let attributes = &of_service.resource.as_ref().unwrap().attributes;
    assert!(attributes.iter().any(|attribute| attribute.key == "service.name"));
    let [of_library] = &of_service.scope_spans[..] else { panic!("{request:?}") };
    let scope = of_library.scope.as_ref().unwrap();
    assert_eq!((scope.name.as_str(), scope.version.as_str()), ("a library", "1.2.3"));
    assert_eq!((of_library.spans[0].name.as_str(), of_library.spans[0].attributes.len()), ("load", 1));
}

/// A blocking HTTP client of the application.
#[derive(Debug)]
struct BlockingClient(Mutex<PostClient>);

impl HttpClient for BlockingClient {
    fn send_bytes<'a, 'b>(
        &'a self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        let result = self.0.lock().unwrap().post(request.body(), Instant::now() + LONG);
        Box::pin(future::ready(result.map(|_| Response::new(Bytes::new())).map_err(Into::into)))
    }
}

fn by_http(receiver: &Receiver) -> ExporterRecorder<SpanExporter> {
    let url = receiver.url("/v1/traces");
    let client = PostClient::builder(&url, "application/x-protobuf").build().unwrap();
    let exporter = SpanExporter::builder().with_http().with_http_client(BlockingClient(Mutex::new(client)));
    ExporterRecorder::new(exporter.with_endpoint(url).build().unwrap())
}

fn by_grpc(url: String) -> ExporterRecorder<SpanExporter> {
    let make = || Ok(SpanExporter::builder().with_tonic().with_endpoint(url).build()?);
    ExporterRecorder::in_tokio(make).unwrap()
}

#[test]
fn the_http_exporter_delivers() {
    let receiver = Receiver::always(ScriptedResponse::status(200));
    delivers(by_http(&receiver), || decoded(&receiver.requests()[0]));
}

#[test]
fn the_grpc_exporter_delivers_in_any_runtime() {
    let test = || {
        let collector = Collector::always(Reply::taken());
        delivers(by_grpc(collector.url()), || collector.requests()[0].message.clone());
    };
    test();
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async { test() });
}

#[test]
fn spans_that_cannot_be_sent_are_counted() {
    let receiver = Receiver::always(ScriptedResponse::status(400));
    let collector = Collector::always(Reply::status(3, "no"));
    for recorder in [by_http(&receiver), by_grpc(collector.url())] {
        let tracer = RecordingTracer::builder(recorder).without_thread().build();
        spans(&tracer, 3);
        let flushed = tracer.flush_blocking(LONG);
        assert!(!error(&flushed).is_empty());
        assert_eq!(tracer.stats().dropped.of("export failed"), 3);
        assert_accounted(&tracer.stats());
    }
}
