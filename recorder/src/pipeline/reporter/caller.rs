//! A reporter without a thread: the thread that flushes runs the collector.

use std::{sync::Arc, time::Instant};

use anytrace_api::flush::{Done, FlushError};
use parking_lot::Mutex;

use crate::pipeline::{
    collector::{self, Collector},
    shards::Shards,
};

pub(in crate::pipeline) struct CallerReporter {
    shards: Arc<Shards>,
    /// `None` after the shutdown.
    collector: Mutex<Option<Collector>>,
}

impl CallerReporter {
    pub(super) fn new(shards: Arc<Shards>, collector: Collector) -> Self {
        CallerReporter { shards, collector: Mutex::new(Some(collector)) }
    }

    pub(super) fn flush(&self, deadline: Instant, is_shutdown: bool, done: Done) {
        let result = self.deliver(deadline, is_shutdown);
        done(collector::flushed(&self.shards, result));
    }

    fn deliver(&self, deadline: Instant, is_shutdown: bool) -> Result<(), FlushError> {
        let mut collector = self.collector.lock();
        let Some(current) = &mut *collector else {
            return if is_shutdown { Ok(()) } else { Err(FlushError::ShutDown) };
        };
        let collected = current.collect(&self.shards, Some(deadline));
        if !is_shutdown {
            return collected.and(current.flush(deadline));
        }
        let last = collector.take();
        collected.and(last.map_or(Ok(()), |last| last.shutdown(deadline)))
    }

    pub(super) fn shutdown_detached(&self, deadline: Instant) {
        let last = self.collector.lock().take();
        if let Some(mut last) = last {
            // No caller is left that could receive the error.
            let _ = last.collect(&self.shards, None);
            let _ = last.shutdown(deadline);
        }
    }
}
