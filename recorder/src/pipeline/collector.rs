//! Carries finished spans from the queues to the recorder and enters the results in the account.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant},
};

use anytrace_api::flush::{DropReason, ExportError, FlushError, Flushed};

use super::{shard::Shard, shards::Shards};
use crate::{Batch, Delivery, FinishedSpan, Recorder, Resource, clock::Anchor, record::Record};

/// The recorder, and what it takes to call it. Only the owner of the collector can run the recorder.
pub(super) struct Collector {
    recorder: Box<dyn Recorder>,
    resource: Arc<Resource>,
    max_batch: usize,
    timeout: Duration,
}

impl Collector {
    pub(super) fn new(
        recorder: Box<dyn Recorder>,
        resource: Arc<Resource>,
        max_batch: usize,
        timeout: Duration,
    ) -> Self {
        Collector { recorder, resource, max_batch, timeout }
    }

    /// Delivers all queued spans. Returns the first error.
    pub(super) fn collect(&mut self, shards: &Shards, deadline: Option<Instant>) -> Result<(), FlushError> {
        anytrace_api::suppression::suppressed(|| {
            let mut result = Ok(());
            let fetched = shards.fetch();
            if fetched.is_empty() {
                let _ = catch_unwind(AssertUnwindSafe(|| self.recorder.idle()));
                return result;
            }
            let anchor = Anchor::current();
            let mut spans: Vec<FinishedSpan> = Vec::new();
            let mut sources: Vec<(Arc<Shard>, usize)> = Vec::new();
            for (shard, records) in fetched {
                let mut records = records.into_iter().peekable();
                while records.peek().is_some() {
                    let free = self.max_batch - spans.len();
                    let before = spans.len();
                    spans.extend(records.by_ref().take(free).map(|record| settled(record, &anchor)));
                    sources.push((shard.clone(), spans.len() - before));
                    if spans.len() == self.max_batch {
                        result = result.and(self.deliver(shards, &mut spans, &mut sources, deadline));
                    }
                }
            }
            if !spans.is_empty() {
                result = result.and(self.deliver(shards, &mut spans, &mut sources, deadline));
            }
            result
        })
    }

    /// Returns the time at which a call to the recorder that starts now must have returned, without a shutdown.
    pub(super) fn latest_end(&self) -> Instant {
        Instant::now() + self.timeout
    }

    pub(super) fn flush(&mut self, deadline: Instant) -> Result<(), FlushError> {
        isolated(|| self.recorder.flush(deadline))
    }

    /// Flushes the recorder for the last time and shuts it down.
    pub(super) fn shutdown(mut self, deadline: Instant) -> Result<(), FlushError> {
        let flushed = self.flush(deadline);
        flushed.and(isolated(|| self.recorder.shutdown(deadline)))
    }

    /// Delivers one batch and returns its emptied records to the shards they came from.
    fn deliver(
        &mut self,
        shards: &Shards,
        spans: &mut Vec<FinishedSpan>,
        sources: &mut Vec<(Arc<Shard>, usize)>,
        deadline: Option<Instant>,
    ) -> Result<(), FlushError> {
        let latest = self.latest_end();
        let deadline = deadline.map_or(latest, |deadline| deadline.min(latest));
        let batch = Batch::new(&self.resource, spans);
        let record = || self.recorder.record(batch, deadline);
        let delivery = catch_unwind(AssertUnwindSafe(record)).unwrap_or_else(|_| {
            Delivery::default().dropped(DropReason::RecorderPanicked, spans.len()).failed(panicked())
        });
        let error = delivery.error.clone();
        settle(shards, spans.len() as u64, &delivery);

        let mut bytes = 0;
        shards.budget.spans.give_back(spans.len());
        let mut emptied = spans.drain(..).map(|span| {
            let mut record = span.into_record();
            bytes += record.weight();
            record.reset();
            record
        });
        for (shard, spans) in sources.drain(..) {
            shard.give_back(emptied.by_ref().take(spans).collect::<Vec<_>>().into_iter());
        }
        drop(emptied);
        shards.budget.bytes.give_back(bytes);
        error.map_or(Ok(()), |error| Err(FlushError::Failed(error)))
    }
}

fn panicked() -> ExportError {
    ExportError::new(DropReason::RecorderPanicked, "the recorder panicked")
}

/// Calls the recorder with tracing suppressed, and turns its panic into an error.
fn isolated(call: impl FnOnce() -> Result<(), ExportError>) -> Result<(), FlushError> {
    match catch_unwind(AssertUnwindSafe(|| anytrace_api::suppression::suppressed(call))) {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(FlushError::Failed(error)),
        Err(_) => Err(FlushError::Failed(panicked())),
    }
}

fn settled(mut record: Box<Record>, anchor: &Anchor) -> FinishedSpan {
    record.settle(anchor);
    record.into()
}

/// Enters the result of a delivery in the account. A recorder whose numbers do not add up to `sent` neither loses nor
/// invents spans: surplus is ignored, and the difference is counted as `not accounted for`.
fn settle(shards: &Shards, sent: u64, delivery: &Delivery) {
    shards.account(|account| {
        account.in_flight -= sent;
        let delivered = delivery.delivered.min(sent);
        account.delivered += delivered;
        let mut left = sent - delivered;
        for (reason, spans) in delivery.dropped.iter() {
            let spans = spans.min(left);
            account.dropped.add(reason, spans);
            left -= spans;
        }
        account.dropped.add(DropReason::NotAccountedFor, left);
    });
}

/// Drops all queued spans as `shutdown timeout`.
pub(super) fn abandon(shards: &Shards) {
    for (_, records) in shards.fetch() {
        let spans = records.len() as u64;
        shards.budget.spans.give_back(records.len());
        shards.budget.bytes.give_back(records.iter().map(|record| record.weight()).sum());
        let delivery = Delivery::default().dropped(DropReason::ShutdownTimeout, records.len());
        settle(shards, spans, &delivery);
    }
}

/// Returns the result of a flush or shutdown: the numbers since the previous one.
pub(super) fn flushed(shards: &Shards, result: Result<(), FlushError>) -> Flushed {
    let stats = shards.stats();
    shards.account(|account| {
        let mut flushed = Flushed::default();
        flushed.result = result;
        flushed.delivered = stats.delivered.saturating_sub(account.reported_delivered);
        for (reason, spans) in stats.dropped.iter() {
            flushed.dropped.add(reason, spans.saturating_sub(account.reported_dropped.of(reason)));
        }
        flushed.queued = stats.queued;
        account.reported_delivered = stats.delivered.max(account.reported_delivered);
        account.reported_dropped = stats.dropped;
        flushed
    })
}
