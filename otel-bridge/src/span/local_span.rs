//! A recorded span that this tracer started, and the transitions between its states.

use std::{
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::SystemTime,
};

use anytrace_api::{Name, Value, backend::End};
use opentelemetry::Context as OtelContext;

use super::{
    attached_span::{AttachedSpan, lock},
    buffered_attributes::BufferedAttributes,
    deferred_ends::{self, DeferredEnds, SpanEnd},
    detached_span::DetachedSpan,
    span_writer::SpanWriter,
};
use crate::{panics::catch_panic, timestamp::Timestamp};

pub(super) struct LocalSpan {
    start: SystemTime,
    started: Timestamp,
    /// The context in which the span started, with the baggage of that time.
    base: OtelContext,
    /// `None` once the span is attached, or has ended without being attached.
    detached: Mutex<Option<DetachedSpan>>,
    /// Set once the span is attached.
    attached: OnceLock<Arc<AttachedSpan>>,
}

impl LocalSpan {
    pub(super) fn new(
        detached: DetachedSpan,
        base: OtelContext,
        start: SystemTime,
        started: Timestamp,
    ) -> Self {
        LocalSpan { start, started, base, detached: Mutex::new(Some(detached)), attached: OnceLock::new() }
    }

    /// Creates a second handle for an attached span that was found in a context.
    pub(super) fn from_attached(attached: Arc<AttachedSpan>) -> Self {
        let now = Timestamp::now();
        LocalSpan {
            start: now.wall,
            started: now,
            base: OtelContext::new(),
            detached: Mutex::new(None),
            attached: OnceLock::from(attached),
        }
    }

    /// Attaches the span, if it is not attached yet.
    pub(super) fn attached(&self) -> &Arc<AttachedSpan> {
        self.attached.get_or_init(|| {
            let detached = lock(&self.detached).take();
            let attached =
                detached.and_then(|detached| catch_panic(|| detached.attach(&self.base)).flatten());
            let (native, attributes) = match attached {
                Some((native, attributes)) => (native, Some(attributes)),
                None => (self.base.clone(), None),
            };
            Arc::new(AttachedSpan::new(native, attributes))
        })
    }

    /// Sets a tag if the span is detached and its buffer is not full; otherwise returns false.
    #[inline]
    pub(super) fn try_set_detached(&self, key: Name<'_>, value: Value<'_>) -> bool {
        let mut detached = lock(&self.detached);
        detached.as_mut().is_some_and(|detached| detached.attributes().try_set(key, value))
    }

    /// Calls `change` with the buffered attributes; returns `None` if the span has ended.
    #[inline]
    pub(super) fn with_attributes<R>(&self, change: impl FnOnce(&mut BufferedAttributes) -> R) -> Option<R> {
        if self.attached.get().is_none() {
            if let Some(detached) = lock(&self.detached).as_mut() {
                return Some(change(detached.attributes()));
            }
        }
        self.attached().with_attributes(change)
    }

    /// Calls `write` with OpenTelemetry's span; returns `None` if the span has ended.
    pub(super) fn with_writer<R>(&self, write: impl FnOnce(SpanWriter<'_>) -> R) -> Option<R> {
        if self.attached.get().is_none() {
            if let Some(detached) = lock(&self.detached).as_mut() {
                return Some(write(detached.writer()));
            }
        }
        self.attached().with_writer(write)
    }

    pub(super) fn is_live(&self) -> bool {
        self.with_attributes(|_| ()).is_some()
    }

    /// Ends the span on behalf of its only owner. Returns false if the span had ended before.
    #[inline]
    pub(super) fn end_exclusive(&mut self, end: End, deferred: &DeferredEnds) -> bool {
        if self.attached.get().is_some() || !deferred.can_end_here() {
            return self.end_shared(end, deferred);
        }
        let at = self.end_time(end.at);
        let detached = self.detached.get_mut().unwrap_or_else(PoisonError::into_inner);
        catch_panic(|| {
            // If `end` panics, the span stays in its slot, and `release` drops it where a second panic is caught.
            if let Some(detached) = detached {
                detached.end(end.reason, at);
            }
            if let Some(detached) = detached.take() {
                detached.recycle();
            }
            self.base = OtelContext::new();
        });
        true
    }

    /// Ends the span while references to it exist. Returns false if the span had ended before.
    pub(super) fn end_shared(&self, end: End, deferred: &DeferredEnds) -> bool {
        let attached = self.attached();
        let Some(mut attributes) = attached.take_attributes() else { return false };
        attributes.set_end_reason(end.reason);
        let at = self.end_time(end.at);
        if deferred.can_end_here() {
            deferred_ends::end_attached(&attached.native, &mut attributes, at);
        } else {
            deferred.defer(SpanEnd { native: attached.native.clone(), attributes, at });
        }
        true
    }

    /// Returns true if no value of OpenTelemetry is left to drop, as after [`end_exclusive`](Self::end_exclusive).
    pub(super) fn is_released(&mut self) -> bool {
        self.attached.get().is_none() && self.detached.get_mut().is_ok_and(|detached| detached.is_none())
    }

    /// Drops all values of OpenTelemetry.
    pub(super) fn release(&mut self) {
        *self.detached.get_mut().unwrap_or_else(PoisonError::into_inner) = None;
        self.attached = OnceLock::new();
        self.base = OtelContext::new();
    }

    /// Returns the end time, which is never before the start.
    #[inline]
    fn end_time(&self, at: Option<SystemTime>) -> SystemTime {
        at.unwrap_or_else(|| self.started.wall_time_now()).max(self.start)
    }
}
