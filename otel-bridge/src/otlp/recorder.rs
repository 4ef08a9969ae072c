//! Finished spans to an OTLP server.

use std::{
    fmt, thread,
    time::{Duration, Instant},
};

use anytrace_recorder::{Batch, Delivery, FinishedSpan, Loss, Recorder, told};
use opentelemetry::Context as OtelContext;
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceRequest,
};
use prost::Message;

use super::{
    Builder, request,
    retry::{self, Backoff},
    transport::Transport,
};

/// Sends finished spans to an OTLP server: OpenTelemetry's collector, and every tracing system of today.
pub struct OtlpRecorder {
    transport: Box<dyn Transport>,
    limits: Limits,
}

/// How far a recorder goes for one batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) timeout: Duration,
    pub(super) retries: u32,
    pub(super) max_message_bytes: usize,
}

impl OtlpRecorder {
    /// One to be set up.
    pub fn builder() -> Builder {
        Builder::new()
    }

    pub(super) fn new(transport: Box<dyn Transport>, limits: Limits) -> Self {
        OtlpRecorder { transport, limits }
    }

    fn send(
        &mut self,
        request: &ExportTraceServiceRequest,
        spans: u64,
        deadline: Instant,
        delivery: &mut Delivery,
    ) {
        let backoff = Backoff::new(self.limits.retries);
        match retry::deliver(&mut *self.transport, request, deadline, backoff, thread::sleep) {
            Ok(response) => settle(response.partial_success, spans, delivery),
            Err(failure) => {
                delivery.dropped.add(failure.loss.as_str(), spans);
                delivery.error.get_or_insert(failure.words);
            }
        }
    }
}

/// The server took the message, and perhaps not all of it.
fn settle(partial: Option<ExportTracePartialSuccess>, spans: u64, delivery: &mut Delivery) {
    let partial = partial.unwrap_or_default();
    let rejected = u64::try_from(partial.rejected_spans).unwrap_or(0).min(spans);
    delivery.delivered += spans - rejected;
    delivery.dropped.add(Loss::Rejected.as_str(), rejected);
    let words = told(&partial.error_message);
    let colon = if words.is_empty() { "" } else { ": " };
    if rejected > 0 {
        let error = || format!("the server rejected {rejected} of {spans} spans{colon}{words}");
        delivery.error.get_or_insert_with(error);
    } else if !words.is_empty() {
        delivery.error.get_or_insert_with(|| format!("the server took all spans, and warns{colon}{words}"));
    }
}

impl Recorder for OtlpRecorder {
    fn record(&mut self, batch: Batch<'_>, deadline: Instant) -> Delivery {
        let _quiet = OtelContext::enter_telemetry_suppressed_scope();
        let mine = Instant::now().checked_add(self.limits.timeout);
        let deadline = mine.map_or(deadline, |mine| mine.min(deadline));
        let mut delivery = Delivery::default();
        let mut parts: Vec<&[FinishedSpan]> = vec![batch.spans];
        while let Some(spans) = parts.pop() {
            let request = request::of(batch.resource, spans);
            let bytes = request.encoded_len();
            if bytes <= self.limits.max_message_bytes {
                self.send(&request, spans.len() as u64, deadline, &mut delivery);
            } else if spans.len() > 1 {
                let (first, second) = spans.split_at(spans.len() / 2);
                parts.extend([second, first]);
            } else {
                delivery.dropped.add(Loss::TooLarge.as_str(), spans.len() as u64);
                let why = || format!("a span of {bytes} bytes is too large for a message");
                delivery.error.get_or_insert_with(why);
            }
        }
        delivery
    }

    fn idle(&mut self) {
        self.transport.idle();
    }
}

/// Without the endpoint and the headers, which may hold secrets.
impl fmt::Debug for OtlpRecorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OtlpRecorder").field("limits", &self.limits).finish_non_exhaustive()
    }
}
