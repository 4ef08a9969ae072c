//! A span that started here and is recorded: where it is, and what is kept back until it ends.

use std::{
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::SystemTime,
};

use anytrace_api::{Name, Value, backend::End};
use opentelemetry::{Context as OtelContext, trace::TraceContextExt};

use crate::{
    clock::Moment,
    ended::{self, Aside, Ended},
    pending::Pending,
    recorded::Recorded,
    room::Room,
    shared::foreign,
};

pub(crate) struct Own {
    start: SystemTime,
    started: Moment,
    /// What it started in, with the baggage that it started with.
    base: OtelContext,
    /// None once others can see it: most spans are never entered and have no children, and are in no context.
    alone: Mutex<Option<Room>>,
    shown: OnceLock<Arc<Shown>>,
}

/// A span that is in OpenTelemetry's contexts, and belongs to everybody who has one of these.
pub(crate) struct Shown {
    pub(crate) native: OtelContext,
    /// None once it has ended.
    pending: Mutex<Option<Pending>>,
}

impl Own {
    pub(crate) fn new(room: Room, base: OtelContext, start: SystemTime, started: Moment) -> Self {
        Own { start, started, base, alone: Mutex::new(Some(room)), shown: OnceLock::new() }
    }

    /// The same span for who met it in a context.
    pub(crate) fn met(shown: Arc<Shown>) -> Self {
        let now = Moment::now();
        Own {
            start: now.wall,
            started: now,
            base: OtelContext::new(),
            alone: Mutex::new(None),
            shown: OnceLock::from(shown),
        }
    }

    /// Lets others see it.
    pub(crate) fn show(&self) -> &Arc<Shown> {
        self.shown.get_or_init(|| {
            let alone = lock(&self.alone).take();
            let shown = alone.and_then(|room| foreign(|| room.show(&self.base)).flatten());
            let (native, pending) = match shown {
                Some((native, pending)) => (native, Some(pending)),
                None => (self.base.clone(), None),
            };
            Arc::new(Shown { native, pending: Mutex::new(pending) })
        })
    }

    /// Sets a tag of a span that nobody else sees and that has room. Whether that is so.
    #[inline]
    pub(crate) fn set_if_alone(&self, key: Name<'_>, value: Value<'_>) -> bool {
        let mut alone = lock(&self.alone);
        alone.as_mut().is_some_and(|room| room.pending().set_if_room(key, value))
    }

    /// None once it has ended.
    #[inline]
    pub(crate) fn with_pending<R>(&self, change: impl FnOnce(&mut Pending) -> R) -> Option<R> {
        if self.shown.get().is_none() {
            if let Some(alone) = lock(&self.alone).as_mut() {
                return Some(change(alone.pending()));
            }
        }
        lock(&self.show().pending).as_mut().map(change)
    }

    /// None once it has ended.
    pub(crate) fn with_span<R>(&self, work: impl FnOnce(Recorded<'_>) -> R) -> Option<R> {
        if self.shown.get().is_none() {
            if let Some(alone) = lock(&self.alone).as_mut() {
                return Some(work(alone.recorded()));
            }
        }
        let shown = self.show();
        let is_open = lock(&shown.pending).is_some();
        is_open.then(|| work(Recorded::Shown(shown.native.span())))
    }

    pub(crate) fn is_open(&self) -> bool {
        self.with_pending(|_| ()).is_some()
    }

    /// Ends it, for the only one who has it. Whether it had not ended before.
    #[inline]
    pub(crate) fn end_alone(&mut self, end: End, aside: &Aside) -> bool {
        if self.shown.get().is_some() || !aside.is_open() {
            return self.end(end, aside);
        }
        let at = self.end_at(end.at);
        let alone = self.alone.get_mut().unwrap_or_else(PoisonError::into_inner);
        foreign(|| {
            // After a panic it is still there, and goes where another is caught.
            if let Some(room) = alone {
                room.end(end.reason, at);
            }
            if let Some(room) = alone.take() {
                room.leave();
            }
            self.base = OtelContext::new();
        });
        true
    }

    /// Whether nothing of OpenTelemetry's is left in it, as after [`end_alone`](Self::end_alone).
    pub(crate) fn is_over(&mut self) -> bool {
        self.shown.get().is_none() && self.alone.get_mut().is_ok_and(|alone| alone.is_none())
    }

    /// The same, for one of many.
    pub(crate) fn end(&self, end: End, aside: &Aside) -> bool {
        let shown = self.show();
        let Some(mut pending) = lock(&shown.pending).take() else { return false };
        pending.end(end.reason);
        let at = self.end_at(end.at);
        if aside.is_open() {
            ended::tell(&shown.native, &mut pending, at);
        } else {
            aside.put(Ended { native: shown.native.clone(), pending, at });
        }
        true
    }

    /// What it has of OpenTelemetry's goes.
    pub(crate) fn clear(&mut self) {
        *self.alone.get_mut().unwrap_or_else(PoisonError::into_inner) = None;
        self.shown = OnceLock::new();
        self.base = OtelContext::new();
    }

    #[inline]
    fn end_at(&self, at: Option<SystemTime>) -> SystemTime {
        at.unwrap_or_else(|| self.started.later()).max(self.start)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
