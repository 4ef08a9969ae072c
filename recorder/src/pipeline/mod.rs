//! The way of finished spans from the threads that end them to the [`Recorder`], with an exact account of every span.
//!
//! Each thread appends to the queue of its own [`Shard`]. The [`Reporter`] drains all [`Shards`] and delivers batches
//! through the collector. The [`QueueBudget`] bounds all queues together.

mod account;
mod budget;
mod collector;
mod reporter;
mod shard;
mod shards;
mod timer;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use anytrace_api::flush::Done;

use self::{budget::QueueBudget, collector::Collector, reporter::Reporter, shard::QueueFull, shards::Shards};
use crate::{Recorder, Resource, record::Record};

pub use self::account::Stats;
pub(crate) use self::{account::Reason, shard::Shard};

/// The limits and times of a pipeline.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PipelineConfig {
    pub(crate) max_queued_spans: usize,
    pub(crate) max_queued_bytes: usize,
    pub(crate) max_batch: usize,
    pub(crate) interval: Duration,
    pub(crate) export_timeout: Duration,
    /// Deliver on the thread that flushes, without a reporter thread.
    pub(crate) on_caller: bool,
}

impl Default for PipelineConfig {
    fn default() -> Self {
        PipelineConfig {
            max_queued_spans: 16 * 1024,
            max_queued_bytes: 64 * 1024 * 1024,
            max_batch: 512,
            interval: Duration::from_secs(1),
            export_timeout: Duration::from_secs(30),
            on_caller: false,
        }
    }
}

/// The part of a tracer that takes ended spans and delivers them.
pub(crate) struct Pipeline {
    shards: Arc<Shards>,
    reporter: Reporter,
    resource: Arc<Resource>,
    /// Length of a thread's queue at which the reporter thread is woken.
    wake_at: usize,
    is_closed: AtomicBool,
    late_writes: AtomicU64,
}

impl Pipeline {
    pub(crate) fn new(recorder: Box<dyn Recorder>, resource: Resource, config: PipelineConfig) -> Self {
        let resource = Arc::new(resource);
        let shards =
            Arc::new(Shards::new(QueueBudget::new(config.max_queued_spans, config.max_queued_bytes)));
        let collector = Collector::new(recorder, resource.clone(), config.max_batch, config.export_timeout);
        let reporter = if config.on_caller {
            Reporter::on_caller(shards.clone(), collector)
        } else {
            Reporter::on_thread(shards.clone(), collector, config.interval)
        };
        Pipeline {
            shards,
            reporter,
            resource,
            wake_at: config.max_batch.min(config.max_queued_spans.div_ceil(2)),
            is_closed: AtomicBool::new(false),
            late_writes: AtomicU64::new(0),
        }
    }

    pub(crate) fn resource(&self) -> &Resource {
        &self.resource
    }

    /// Adds a shard for a thread that uses this tracer for the first time. The first shard starts the reporter thread.
    pub(crate) fn add_shard(&self) -> Arc<Shard> {
        self.reporter.start();
        self.shards.add()
    }

    /// Returns the shard for threads whose thread-local storage is gone.
    pub(crate) fn shared_shard(&self) -> &Shard {
        &self.shards.shared
    }

    /// Queues a finished record in exchange for an empty one.
    #[inline]
    pub(crate) fn push(&self, shard: &Shard, record: &mut Box<Record>) {
        match shard.push(record, &self.shards.budget) {
            // Only at this length: the request lasts until the reporter drains the queue.
            Ok(queued) if queued == self.wake_at => self.wake(),
            Ok(_) => {}
            Err(QueueFull) => {
                record.reset();
                self.wake();
            }
        }
    }

    #[cold]
    fn wake(&self) {
        self.reporter.wake();
    }

    /// Counts a write to a span that has ended.
    pub(crate) fn count_late_write(&self) {
        self.late_writes.fetch_add(1, Ordering::Relaxed);
    }

    #[inline]
    pub(crate) fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::Relaxed)
    }

    /// From now on, spans that end are dropped as `after shutdown`.
    fn close(&self) {
        self.is_closed.store(true, Ordering::Relaxed);
    }

    /// Delivers all queued spans and calls `done`, at the deadline at the latest.
    pub(crate) fn flush(&self, timeout: Duration, done: Done) {
        self.reporter.flush(timeout, false, done);
    }

    /// Closes the pipeline, delivers all queued spans, shuts the recorder down and calls `done`, at the deadline at the
    /// latest.
    pub(crate) fn shutdown(&self, timeout: Duration, done: Done) {
        self.close();
        self.reporter.flush(timeout, true, done);
    }

    /// Shuts down without a caller that waits for the result.
    pub(crate) fn shutdown_detached(&self) {
        self.close();
        self.reporter.shutdown_detached();
    }

    pub(crate) fn stats(&self) -> Stats {
        Stats { late: self.late_writes.load(Ordering::Relaxed), ..self.shards.stats() }
    }
}
