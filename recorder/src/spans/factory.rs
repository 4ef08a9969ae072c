//! The state that all handles, live spans and threads of a tracer share.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use anytrace_api::propagation::Composite;

use super::{
    config::SpanFactoryConfig,
    open_spans::OpenSpans,
    sampler::{Sampler, Threshold},
};
use crate::{FinishedSpan, Limits, pipeline::Pipeline};

/// The state that all handles, live spans and threads of a tracer share. Its starting methods are in `start.rs`.
pub(crate) struct SpanFactory {
    /// Unique in the process.
    pub(super) id: u64,
    pub(super) limits: Limits,
    pub(super) config: SpanFactoryConfig,
    pub(crate) propagator: Composite,
    pub(crate) pipeline: Pipeline,
    pub(super) sampler: Sampler,
    /// The sampler as one comparison, if `is_default` is set.
    pub(super) threshold: Threshold,
    /// `Some` if the configuration tracks open spans.
    pub(super) open_spans: Option<OpenSpans>,
    /// The configuration is the default, the sampler is a threshold, and the tracer has not been shut down.
    is_default: AtomicBool,
}

impl SpanFactory {
    pub(crate) fn new(
        config: SpanFactoryConfig,
        sampler: Sampler,
        limits: Limits,
        propagator: Composite,
        pipeline: Pipeline,
    ) -> Arc<Self> {
        static LAST_ID: AtomicU64 = AtomicU64::new(0);
        let threshold = sampler.threshold();
        Arc::new(SpanFactory {
            id: LAST_ID.fetch_add(1, Ordering::Relaxed) + 1,
            limits,
            is_default: AtomicBool::new(config.is_default_config() && threshold.is_some()),
            threshold: threshold.unwrap_or_default(),
            open_spans: config.tracks_open_spans.then(OpenSpans::default),
            config,
            propagator,
            pipeline,
            sampler,
        })
    }

    /// Returns true if the specialised code for the default configuration applies.
    #[inline]
    pub(super) fn is_default(&self) -> bool {
        self.is_default.load(Ordering::Relaxed)
    }

    /// Leaves the specialised code, which does not check whether the pipeline is closed. Called before it closes.
    pub(crate) fn leave_default(&self) {
        self.is_default.store(false, Ordering::Relaxed);
    }

    /// Returns copies of the open spans, or none if the configuration does not track them.
    pub(crate) fn open_spans(&self) -> Vec<FinishedSpan> {
        self.open_spans.as_ref().map(OpenSpans::copies).unwrap_or_default()
    }
}

impl fmt::Debug for SpanFactory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordingTracer")
            .field("resource", self.pipeline.resource())
            .field("sampler", &self.sampler)
            .field("limits", &self.limits)
            .field("stats", &self.pipeline.stats())
            .finish_non_exhaustive()
    }
}
