//! The three ways to a server.

use std::{collections::HashSet, path::Path, time::Duration};

use anytrace_otlp::{OtlpRecorder, Protocol};
use anytrace_recorder::{Builder, RecordingTracer};
use anytrace_servers::{
    self as servers, OTLP_GRPC, OTLP_HTTP, Product, Programs, Running, collected, cut_half_line, until,
    zipkin_count,
};
use anytrace_zipkin_bridge::ZipkinRecorder;

/// How many bytes of tags each span of `send` has.
pub(crate) const TAGS: usize = 200;

/// A way to a server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Way {
    /// As `send` calls it.
    pub(crate) name: &'static str,
    product: Product,
    address: &'static str,
    path: &'static str,
}

pub(crate) const HTTP: Way =
    Way { name: "otlp-http", product: Product::Collector, address: OTLP_HTTP, path: "" };
pub(crate) const GRPC: Way =
    Way { name: "otlp-grpc", product: Product::Collector, address: OTLP_GRPC, path: "" };
pub(crate) const ZIPKIN: Way =
    Way { name: "zipkin", product: Product::Zipkin, address: servers::ZIPKIN, path: "/api/v2/spans" };

impl Way {
    /// What a recorder is told of a server.
    pub(crate) fn endpoint(&self, url: &str) -> String {
        format!("{url}{}", self.path)
    }

    /// A killed server forgets what it took.
    pub(crate) fn forgets(&self) -> bool {
        self.product == Product::Zipkin
    }

    /// A tracer whose spans go there.
    pub(crate) fn tracer(&self, endpoint: &str) -> Builder {
        let otlp = |protocol| OtlpRecorder::builder().protocol(protocol).endpoint(endpoint).build().unwrap();
        match self.name {
            "otlp-http" => RecordingTracer::builder(otlp(Protocol::HttpProtobuf)),
            "otlp-grpc" => RecordingTracer::builder(otlp(Protocol::Grpc)),
            _ => RecordingTracer::builder(ZipkinRecorder::builder().endpoint(endpoint).build().unwrap()),
        }
    }
}

/// A server of one test, to be killed.
pub(crate) struct Server<R>(R);

impl Server<Running> {
    pub(crate) fn start(way: &Way, test: &str) -> Self {
        let programs = Programs::from_environment().unwrap();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{test}", way.name));
        // Of the last run.
        let _ = std::fs::remove_dir_all(&folder);
        Server(way.product.prepare(&programs, &folder).unwrap().start().unwrap())
    }

    pub(crate) fn endpoint(&self, way: &Way) -> String {
        way.endpoint(self.0.address(way.address))
    }

    pub(crate) fn killed(self, way: &Way) -> Server<servers::Server> {
        let killed = self.0.kill();
        if way.product == Product::Collector {
            cut_half_line(killed.addresses()).unwrap();
        }
        Server(killed)
    }

    /// How many spans it holds, each counted once.
    pub(crate) fn held(&self, way: &Way) -> u64 {
        if way.product == Product::Zipkin {
            let (spans, dropped) = zipkin_count(self.0.addresses()).unwrap();
            return spans - dropped;
        }
        let spans = collected(self.0.addresses()).unwrap();
        let ids: HashSet<&str> = spans.iter().map(|span| span.span_id.as_str()).collect();
        ids.len() as u64
    }

    /// The same, once it holds as many as expected: it may take a moment to show what it took. More is not waited for.
    pub(crate) fn settled(&self, way: &Way, expected: u64) -> u64 {
        let enough = || Some(self.held(way)).filter(|held| *held >= expected);
        until("as many spans as were delivered", Duration::from_secs(20), enough)
            .unwrap_or_else(|_| self.held(way))
    }
}

impl Server<servers::Server> {
    pub(crate) fn started_again(self) -> Server<Running> {
        Server(self.0.start().unwrap())
    }
}
