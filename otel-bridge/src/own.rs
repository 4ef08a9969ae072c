//! A span that started here and is recorded: its times, and what is kept back until it ends.

use std::{
    sync::{Mutex, PoisonError},
    time::{Instant, SystemTime},
};

use anytrace_api::{Name, Tag, Value};
use opentelemetry::{KeyValue, trace::Status as OtelStatus};

use crate::convert;

/// As many tags are kept back until the end, so that each key is told once. More go straight on, and meet the
/// provider's own limit.
const KEPT_BACK: usize = 128;

pub(crate) struct Own {
    start: SystemTime,
    /// The wall's clock and the monotonic one, at one moment.
    anchor: (SystemTime, Instant),
    /// None once it has ended.
    pending: Mutex<Option<Pending>>,
}

/// What OpenTelemetry is told at the end.
#[derive(Default)]
pub(crate) struct Pending {
    pub(crate) tags: Vec<KeyValue>,
    pub(crate) status: OtelStatus,
}

impl Own {
    pub(crate) fn new(start: SystemTime, anchor: (SystemTime, Instant)) -> Self {
        Own { start, anchor, pending: Mutex::new(Some(Pending::default())) }
    }

    /// None once it has ended.
    pub(crate) fn with_pending<R>(&self, change: impl FnOnce(&mut Pending) -> R) -> Option<R> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner).as_mut().map(change)
    }

    /// What there is to be told; none but for the first time.
    pub(crate) fn take(&self) -> Option<Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    pub(crate) fn is_open(&self) -> bool {
        self.with_pending(|_| ()).is_some()
    }

    pub(crate) fn end(&self, at: Option<SystemTime>) -> SystemTime {
        let now = || self.anchor.0 + self.anchor.1.elapsed();
        at.unwrap_or_else(now).max(self.start)
    }
}

impl Pending {
    #[inline]
    pub(crate) fn set(&mut self, key: Name<'_>, value: Value<'_>) {
        convert::set_attribute(&mut self.tags, key, value);
    }

    /// Whether nothing of `tags` would be more than is kept back.
    #[inline]
    pub(crate) fn has_room_for(&self, tags: usize) -> bool {
        self.tags.len() + tags <= KEPT_BACK
    }

    /// The same, near the limit: what is beyond it.
    #[cold]
    pub(crate) fn set_or_return(&mut self, tags: &[Tag<'_>]) -> Vec<KeyValue> {
        let mut beyond = Vec::new();
        for tag in tags {
            let is_kept =
                self.has_room_for(1) || self.tags.iter().any(|known| known.key.as_str() == tag.key.as_str());
            let into = if is_kept { &mut self.tags } else { &mut beyond };
            convert::set_attribute(into, tag.key, tag.value);
        }
        beyond
    }

    /// `Ok` is final, and an error without a word leaves the words of an earlier one.
    pub(crate) fn set_status(&mut self, status: OtelStatus) {
        let says_more = match (&status, &self.status) {
            (_, OtelStatus::Ok) => false,
            (OtelStatus::Error { description }, OtelStatus::Error { .. }) => !description.is_empty(),
            _ => true,
        };
        if says_more {
            self.status = status;
        }
    }
}
