//! OTLP's protobuf.

use anytrace_otel_bridge::OtlpRecorder;
use anytrace_recorder::{Batch, FinishedSpan, Resource};
use opentelemetry_proto::{
    tonic::{collector::trace::v1::ExportTraceServiceRequest, trace::v1::Span},
    transform::{
        common::tonic::ResourceAttributesWithSchema, trace::tonic::group_spans_by_resource_and_scope,
    },
};
use prost::Message;

use crate::{
    Encoding, batch,
    theirs::{self, Supply},
};

/// As the recorder does it: into a buffer that is kept.
pub(crate) struct Ours {
    spans: Vec<FinishedSpan>,
    resource: Resource,
    message: Vec<u8>,
}

impl Ours {
    pub(crate) fn new(spans: Vec<FinishedSpan>) -> Self {
        Ours { spans, resource: batch::resource(), message: Vec::new() }
    }
}

impl Encoding for Ours {
    fn encode(&mut self) -> usize {
        self.message.clear();
        OtlpRecorder::encode(Batch::new(&self.resource, &self.spans), &mut self.message);
        self.message.len()
    }
}

/// What the exporter of `opentelemetry-otlp` does with a batch before it makes a request of it.
pub(crate) struct Theirs {
    supply: Supply,
    resource: ResourceAttributesWithSchema,
}

impl Theirs {
    pub(crate) fn new(spans: &[FinishedSpan]) -> Self {
        let resource = (&theirs::resource(&batch::resource())).into();
        let mut theirs = Theirs { supply: Supply::new(spans), resource };
        theirs.says_the_same(spans);
        theirs
    }

    fn message(&mut self) -> Vec<u8> {
        let resource_spans = group_spans_by_resource_and_scope(self.supply.next(), &self.resource);
        ExportTraceServiceRequest { resource_spans }.encode_to_vec()
    }

    /// Both write the same spans, but that theirs say of each without a status that it has none.
    fn says_the_same(&mut self, spans: &[FinishedSpan]) {
        let mut ours = Vec::new();
        OtlpRecorder::encode(Batch::new(&batch::resource(), spans), &mut ours);
        self.prepare(1);
        let (ours, mut theirs) = (decoded(&ours), decoded(&self.message()));
        for span in &mut theirs {
            span.status = span.status.take().filter(|status| status.code != 0);
        }
        assert_eq!(ours, theirs);
    }
}

impl Encoding for Theirs {
    fn prepare(&mut self, times: u64) {
        self.supply.prepare(times);
    }

    fn encode(&mut self) -> usize {
        self.message().len()
    }
}

fn decoded(message: &[u8]) -> Vec<Span> {
    let request = ExportTraceServiceRequest::decode(message).expect("a message of OTLP");
    let scopes = request.resource_spans.into_iter().flat_map(|service| service.scope_spans);
    scopes.flat_map(|scope| scope.spans).collect()
}
