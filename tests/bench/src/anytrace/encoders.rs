//! Encoding a batch of finished spans into reused buffers, like the bridges' recorders do.

use std::hint::black_box;

use anytrace_otlp::OtlpRecorder;
use anytrace_recorder::{Batch, FinishedSpan, Resource};
use anytrace_zipkin_bridge::Encoder;

use super::batch;
use crate::case::{Running, Setting};

/// A batch and its resource.
struct Source {
    resource: Resource,
    spans: Vec<FinishedSpan>,
}

impl Source {
    fn new(spans: Vec<FinishedSpan>) -> Self {
        Source { resource: batch::resource(), spans }
    }
}

/// Zipkin's JSON of a batch, with reused buffers.
#[derive(Default)]
pub(crate) struct Zipkin {
    encoder: Encoder,
    span: Vec<u8>,
    message: Vec<u8>,
}

impl Zipkin {
    /// Encodes span by span and checks for ASCII, like the recorder, which limits the size of a message.
    pub(crate) fn encode(&mut self, resource: &Resource, spans: &[FinishedSpan]) -> &[u8] {
        self.message.clear();
        for span in spans {
            self.span.clear();
            self.encoder.encode(resource, span, &mut self.span);
            self.message.push(if self.message.is_empty() { b'[' } else { b',' });
            self.message.extend_from_slice(&self.span);
        }
        self.message.push(b']');
        assert!(self.message.is_ascii());
        &self.message
    }
}

pub(super) fn zipkin_plain(_: Setting) -> Running {
    zipkin(batch::plain())
}

pub(super) fn zipkin_rich(_: Setting) -> Running {
    zipkin(batch::rich())
}

fn zipkin(spans: Vec<FinishedSpan>) -> Running {
    let (source, mut zipkin) = (Source::new(spans), Zipkin::default());
    Running::new(move |repeats| workload_zipkin(&mut zipkin, &source, repeats))
}

#[inline(never)]
fn workload_zipkin(zipkin: &mut Zipkin, source: &Source, repeats: u64) {
    for _ in 0..repeats {
        black_box(zipkin.encode(&source.resource, &source.spans));
    }
}

pub(super) fn otlp_plain(_: Setting) -> Running {
    otlp(batch::plain())
}

pub(super) fn otlp_rich(_: Setting) -> Running {
    otlp(batch::rich())
}

fn otlp(spans: Vec<FinishedSpan>) -> Running {
    let (source, mut message) = (Source::new(spans), Vec::new());
    Running::new(move |repeats| workload_otlp(&mut message, &source, repeats))
}

#[inline(never)]
fn workload_otlp(message: &mut Vec<u8>, source: &Source, repeats: u64) {
    for _ in 0..repeats {
        message.clear();
        OtlpRecorder::encode(Batch::new(&source.resource, &source.spans), message);
        black_box(&*message);
    }
}
