//! What both protocols do.

use std::time::Instant;

use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};

use super::failure::Failure;

/// OTLP requires clients to limit what they read of an answer.
pub(super) const MAX_ANSWER: usize = 4 * 1024 * 1024;

/// One server, by one protocol.
pub(super) trait Transport: Send {
    /// One attempt, which has until `deadline`.
    fn send(
        &mut self,
        request: &ExportTraceServiceRequest,
        deadline: Instant,
    ) -> Result<ExportTraceServiceResponse, Failure>;

    /// There is nothing to send.
    fn idle(&mut self) {}
}
