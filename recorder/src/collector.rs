//! Carries finished spans from the threads' queues to the recorder, and keeps the account.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant},
};

use anytrace_api::flush::{FlushError, Flushed};

use crate::{
    Batch, Delivery, FinishedSpan, Recorder, account::Reason, clock::Anchor, inner::Inner, record::Record,
    shard::Shard,
};

/// Whoever holds it may run the recorder.
pub(crate) struct Collector {
    recorder: Box<dyn Recorder>,
    max_batch: usize,
    timeout: Duration,
}

impl Collector {
    pub(crate) fn new(recorder: Box<dyn Recorder>, max_batch: usize, timeout: Duration) -> Self {
        Collector { recorder, max_batch, timeout }
    }

    /// Delivers all that waits. Returns what went wrong first.
    pub(crate) fn collect(&mut self, inner: &Inner, deadline: Option<Instant>) -> Result<(), FlushError> {
        anytrace_api::suppression::suppressed(|| {
            let mut result = Ok(());
            let fetched = inner.shards.fetch();
            if fetched.is_empty() {
                let _ = catch_unwind(AssertUnwindSafe(|| self.recorder.idle()));
                return result;
            }
            let anchor = Anchor::current();
            let mut spans: Vec<FinishedSpan> = Vec::new();
            let mut from: Vec<(Arc<Shard>, usize)> = Vec::new();
            for (shard, records) in fetched {
                let mut records = records.into_iter().peekable();
                while records.peek().is_some() {
                    let room = self.max_batch - spans.len();
                    let before = spans.len();
                    spans.extend(records.by_ref().take(room).map(|record| settled(record, &anchor)));
                    from.push((shard.clone(), spans.len() - before));
                    if spans.len() == self.max_batch {
                        result = result.and(self.deliver(inner, &mut spans, &mut from, deadline));
                    }
                }
            }
            if !spans.is_empty() {
                result = result.and(self.deliver(inner, &mut spans, &mut from, deadline));
            }
            result
        })
    }

    /// As long as a recorder may take from now on, if nobody is in a hurry.
    pub(crate) fn patience(&self) -> Instant {
        Instant::now() + self.timeout
    }

    /// Lets the recorder go of what it kept back.
    pub(crate) fn flush(&mut self, deadline: Instant) -> Result<(), FlushError> {
        quietly(|| self.recorder.flush(deadline))
    }

    /// The same, for the last time.
    pub(crate) fn shutdown(mut self, deadline: Instant) -> Result<(), FlushError> {
        let flushed = self.flush(deadline);
        flushed.and(quietly(|| self.recorder.shutdown(deadline)))
    }

    fn deliver(
        &mut self,
        inner: &Inner,
        spans: &mut Vec<FinishedSpan>,
        from: &mut Vec<(Arc<Shard>, usize)>,
        deadline: Option<Instant>,
    ) -> Result<(), FlushError> {
        let latest = self.patience();
        let deadline = deadline.map_or(latest, |deadline| deadline.min(latest));
        let batch = Batch::new(&inner.resource, spans);
        let record = || self.recorder.record(batch, deadline);
        let delivery = catch_unwind(AssertUnwindSafe(record)).unwrap_or_else(|_| {
            let reason = Reason::Panicked.as_str();
            Delivery::default().dropped(reason, spans.len()).failed(reason)
        });
        let error = delivery.error.clone();
        settle(inner, spans.len() as u64, &delivery);

        let mut bytes = 0;
        inner.shards.room.spans.give_back(spans.len());
        let mut emptied = spans.drain(..).map(|span| {
            let mut record = span.into_record();
            bytes += record.weight();
            record.reset();
            record
        });
        for (shard, spans) in from.drain(..) {
            shard.give_back(emptied.by_ref().take(spans).collect::<Vec<_>>().into_iter());
        }
        drop(emptied);
        inner.shards.room.bytes.give_back(bytes);
        error.map_or(Ok(()), |error| Err(FlushError::Failed(error)))
    }
}

/// The recorder's own work is not traced, and its panics are errors.
fn quietly(work: impl FnOnce() -> Result<(), String>) -> Result<(), FlushError> {
    match catch_unwind(AssertUnwindSafe(|| anytrace_api::suppression::suppressed(work))) {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(FlushError::Failed(error)),
        Err(_) => Err(FlushError::Failed(Reason::Panicked.as_str().to_owned())),
    }
}

fn settled(mut record: Box<Record>, anchor: &Anchor) -> FinishedSpan {
    record.settle(anchor);
    record.into()
}

/// Enters what became of `sent` spans, whatever the recorder says: it cannot lose or invent any.
fn settle(inner: &Inner, sent: u64, delivery: &Delivery) {
    inner.shards.account(|account| {
        account.in_flight -= sent;
        let delivered = delivery.delivered.min(sent);
        account.delivered += delivered;
        let mut left = sent - delivered;
        for (reason, spans) in delivery.dropped.iter() {
            let spans = spans.min(left);
            account.dropped.add(reason, spans);
            left -= spans;
        }
        account.dropped.add("not accounted for", left);
    });
}

/// Gives up what still waits.
pub(crate) fn abandon(inner: &Inner) {
    for (_, records) in inner.shards.fetch() {
        let spans = records.len() as u64;
        inner.shards.room.spans.give_back(records.len());
        inner.shards.room.bytes.give_back(records.iter().map(|record| record.weight()).sum());
        let delivery = Delivery::default().dropped(Reason::ShutdownTimeout.as_str(), records.len());
        settle(inner, spans, &delivery);
    }
}

/// The answer to whoever waits: what happened since the last one.
pub(crate) fn answer(inner: &Inner, result: Result<(), FlushError>) -> Flushed {
    let stats = inner.stats();
    inner.shards.account(|account| {
        let mut flushed = Flushed::default();
        flushed.result = result;
        flushed.delivered = stats.delivered.saturating_sub(account.told_delivered);
        for (reason, spans) in stats.dropped.iter() {
            flushed.dropped.add(reason, spans.saturating_sub(account.told_dropped.of(reason)));
        }
        flushed.queued = stats.queued;
        account.told_delivered = stats.delivered.max(account.told_delivered);
        account.told_dropped = stats.dropped;
        flushed
    })
}
