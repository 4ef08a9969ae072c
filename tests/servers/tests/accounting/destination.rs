//! The three protocols for sending spans to a server.

use std::{collections::HashSet, path::Path, time::Duration};

use anytrace_otlp::{OtlpRecorder, Protocol};
use anytrace_recorder::{RecordingTracer, RecordingTracerBuilder};
use anytrace_servers::{
    self as servers, OTLP_GRPC, OTLP_HTTP, Product, Programs, Running, collected, remove_incomplete_line,
    until, zipkin_count,
};
use anytrace_zipkin_bridge::ZipkinRecorder;

/// The bytes of tags of each span that `send` creates.
pub(crate) const TAGS: usize = 200;

/// A protocol and the server that speaks it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Destination {
    /// The name of the backend in the options of `send`.
    pub(crate) name: &'static str,
    product: Product,
    address: &'static str,
    path: &'static str,
}

pub(crate) const HTTP: Destination =
    Destination { name: "otlp-http", product: Product::Collector, address: OTLP_HTTP, path: "" };
pub(crate) const GRPC: Destination =
    Destination { name: "otlp-grpc", product: Product::Collector, address: OTLP_GRPC, path: "" };
pub(crate) const ZIPKIN: Destination =
    Destination { name: "zipkin", product: Product::Zipkin, address: servers::ZIPKIN, path: "/api/v2/spans" };

impl Destination {
    /// Returns the endpoint for a recorder.
    pub(crate) fn endpoint(&self, url: &str) -> String {
        format!("{url}{}", self.path)
    }

    /// True if a killed server loses the spans that it has received.
    pub(crate) fn loses_spans_when_killed(&self) -> bool {
        self.product == Product::Zipkin
    }

    /// Returns the builder of a tracer that uses this protocol.
    pub(crate) fn tracer(&self, endpoint: &str) -> RecordingTracerBuilder {
        let otlp = |protocol| OtlpRecorder::builder().protocol(protocol).endpoint(endpoint).build().unwrap();
        match self.name {
            "otlp-http" => RecordingTracer::builder(otlp(Protocol::HttpProtobuf)),
            "otlp-grpc" => RecordingTracer::builder(otlp(Protocol::Grpc)),
            _ => RecordingTracer::builder(ZipkinRecorder::builder().endpoint(endpoint).build().unwrap()),
        }
    }
}

/// A server of one test, which the test may kill.
pub(crate) struct Server<R>(R);

impl Server<Running> {
    pub(crate) fn start(destination: &Destination, test: &str) -> Self {
        let programs = Programs::from_environment().unwrap();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{test}", destination.name));
        // Removes the files of an earlier run.
        let _ = std::fs::remove_dir_all(&folder);
        Server(destination.product.prepare(&programs, &folder).unwrap().start().unwrap())
    }

    pub(crate) fn endpoint(&self, destination: &Destination) -> String {
        destination.endpoint(self.0.address(destination.address))
    }

    pub(crate) fn kill(self, destination: &Destination) -> Server<servers::Server> {
        let killed = self.0.kill();
        if destination.product == Product::Collector {
            remove_incomplete_line(killed.addresses()).unwrap();
        }
        Server(killed)
    }

    /// Returns the number of different spans that the server has.
    pub(crate) fn received_spans(&self, destination: &Destination) -> u64 {
        if destination.product == Product::Zipkin {
            let (spans, dropped) = zipkin_count(self.0.addresses()).unwrap();
            return spans - dropped;
        }
        let spans = collected(self.0.addresses()).unwrap();
        let ids: HashSet<&str> = spans.iter().map(|span| span.span_id.as_str()).collect();
        ids.len() as u64
    }

    /// Waits until the server has at least the expected number of spans, and returns the number.
    pub(crate) fn wait_for_spans(&self, destination: &Destination, expected: u64) -> u64 {
        let enough = || Some(self.received_spans(destination)).filter(|received| *received >= expected);
        until("all delivered spans", Duration::from_secs(20), enough)
            .unwrap_or_else(|_| self.received_spans(destination))
    }
}

impl Server<servers::Server> {
    pub(crate) fn restart(self) -> Server<Running> {
        Server(self.0.start().unwrap())
    }
}
