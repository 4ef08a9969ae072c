//! A span of OpenTelemetry's, as one of ours.

use std::{
    any::Any,
    mem,
    sync::{Arc, OnceLock, Weak},
    time::{Instant, SystemTime},
};

use anytrace_api::{
    Context, End, Ending, Entered, Name, Native, Operation, Propagator, Span, StartedSpan, Status, Tag,
    TextMapWriter, Unsupported, Update, Value,
};
use opentelemetry::{
    Context as OtelContext, KeyValue,
    trace::{Status as OtelStatus, TraceContextExt},
};

use crate::{
    attached, convert,
    ended::Ended,
    ours::{self, Mark, Ours},
    own::{Own, Pending},
    shared::{Handle, count, foreign},
    start,
};

/// The tag that says how a span ended, where it was not simply finished: `dropped`, `panicked`, `cancelled`,
/// `discarded`.
///
/// ```
/// assert_eq!(anytrace_otel_bridge::ENDING, "anytrace.ending");
/// ```
pub const ENDING: &str = "anytrace.ending";

pub(crate) struct OtelSpan {
    me: Weak<OtelSpan>,
    shared: Handle,
    /// With the span, and with the baggage that it started with; what an unrecorded one started in.
    native: OtelContext,
    /// With the span and what is ours, once others can see it: most spans are never entered.
    shown: OnceLock<OtelContext>,
    role: Role,
}

enum Role {
    /// Started here, and recorded.
    Own(Own),
    /// Not recorded: it is here to be entered.
    Unrecorded,
    /// No span of its own: what is above is carried on.
    CarriedOn,
    /// Started by somebody else.
    Adopted,
}

impl OtelSpan {
    /// `native` has the span.
    pub(crate) fn own(
        shared: &Handle,
        native: OtelContext,
        context: &Context,
        start: SystemTime,
        anchor: (SystemTime, Instant),
    ) -> Arc<Self> {
        let native = ours::with_baggage(native, context.baggage());
        Self::new(shared, native, Role::Own(Own::new(start, anchor)))
    }

    /// `native` is what it started in: who enters it brings its context.
    pub(crate) fn unrecorded(shared: &Handle, native: OtelContext) -> Arc<Self> {
        Self::new(shared, native, Role::Unrecorded)
    }

    /// `native` has the context that is carried on.
    pub(crate) fn carried_on(shared: &Handle, native: OtelContext) -> Arc<Self> {
        Self::new(shared, native, Role::CarriedOn)
    }

    pub(crate) fn adopted(shared: &Handle, native: OtelContext) -> Arc<Self> {
        Self::new(shared, native, Role::Adopted)
    }

    fn new(shared: &Handle, native: OtelContext, role: Role) -> Arc<Self> {
        Arc::new_cyclic(|me| OtelSpan {
            me: me.clone(),
            shared: shared.clone(),
            native,
            shown: OnceLock::new(),
            role,
        })
    }

    /// OpenTelemetry's context for this span with `context`.
    fn native_for(&self, context: &Context) -> OtelContext {
        if let Some(shown) = self.shown.get() {
            let is_in = Ours::is_in(shown, context);
            return if is_in { shown.clone() } else { Ours::put(shown, context, self.me.clone()) };
        }
        let with_span = match self.role {
            // What there is of ours in the others is of their parents.
            Role::Adopted if Ours::is_in(&self.native, context) => return self.native.clone(),
            Role::Unrecorded => convert::span_context(context, convert::SAMPLED_WHEN_DEFERRED)
                .map(|span| self.native.with_remote_span_context(span)),
            _ => None,
        };
        let native = Ours::put(with_span.as_ref().unwrap_or(&self.native), context, self.me.clone());
        // Another thread may be quicker, with a context of its own.
        let _ = self.shown.set(native.clone());
        native
    }

    /// What its children start in: what others put into the current context survives, where it is this span's.
    fn base(&self) -> OtelContext {
        let current =
            attached::look(|current| ours::is_same_span(current, &self.native).then(|| current.clone()));
        current.flatten().unwrap_or_else(|| self.native.clone())
    }

    /// What was decided for it is decided for its children.
    fn is_decided_against(&self) -> bool {
        match self.role {
            Role::Own(_) => false,
            Role::Unrecorded | Role::CarriedOn => true,
            Role::Adopted => {
                let span = self.native.span();
                let span = span.span_context();
                !span.is_sampled() && !span.is_remote()
            }
        }
    }

    /// What was too much to be kept back; none is too late.
    #[inline]
    fn tell_beyond(&self, beyond: Option<Vec<KeyValue>>) {
        match beyond {
            None => count(&self.shared.late),
            Some(beyond) if beyond.is_empty() => {}
            Some(beyond) => drop(foreign(|| self.native.span().set_attributes(beyond))),
        }
    }

    /// Directly, where nothing has to wait. What is too late is counted.
    fn write(&self, work: impl FnOnce(opentelemetry::trace::SpanRef<'_>)) {
        match &self.role {
            Role::Unrecorded | Role::CarriedOn => return,
            Role::Own(own) if !own.is_open() => return count(&self.shared.late),
            Role::Own(_) | Role::Adopted => {}
        }
        foreign(|| work(self.native.span()));
    }
}

impl Span for OtelSpan {
    fn set_tag(&self, key: Name<'_>, value: Value<'_>) {
        let Role::Own(own) = &self.role else { return self.set_tags(&[Tag::new(key, value)]) };
        let set = |pending: &mut Pending| {
            if pending.has_room_for(1) {
                pending.set(key, value);
                return Vec::new();
            }
            pending.set_or_return(&[Tag::new(key, value)])
        };
        self.tell_beyond(own.with_pending(set));
    }

    fn set_tags(&self, tags: &[Tag<'_>]) {
        let Role::Own(own) = &self.role else {
            return self.write(|span| span.set_attributes(convert::attributes(tags)));
        };
        let set = |pending: &mut Pending| {
            if pending.has_room_for(tags.len()) {
                tags.iter().for_each(|tag| pending.set(tag.key, tag.value));
                return Vec::new();
            }
            pending.set_or_return(tags)
        };
        self.tell_beyond(own.with_pending(set));
    }

    fn update(&self, update: Update<'_>) -> Result<(), Unsupported> {
        match update {
            Update::Name(name) => self.write(|span| span.update_name(convert::name(name))),
            Update::Event(event) => {
                let at = event.at.unwrap_or_else(SystemTime::now);
                self.write(|span| {
                    span.add_event_with_timestamp(
                        convert::name(event.name),
                        at,
                        convert::attributes(event.tags),
                    );
                });
            }
            Update::Link(link) => {
                if let Some(to) = convert::span_context(link.to.context(), false) {
                    self.write(|span| span.add_link(to, convert::attributes(link.tags)));
                }
            }
            Update::Status(status) => {
                let status = match status {
                    Status::Ok => OtelStatus::Ok,
                    Status::Error(why) => OtelStatus::Error { description: convert::text(why) },
                    _ => return Err(Unsupported),
                };
                let Role::Own(own) = &self.role else {
                    self.write(|span| span.set_status(status));
                    return Ok(());
                };
                if own.with_pending(|pending| pending.set_status(status)).is_none() {
                    count(&self.shared.late);
                }
            }
            _ => return Err(Unsupported),
        }
        Ok(())
    }

    fn start_child(&self, operation: &Operation<'_>, context: &Context) -> StartedSpan {
        if self.is_decided_against() {
            let native = self.shown.get().unwrap_or(&self.native).clone();
            let carry_on =
                if matches!(self.role, Role::Unrecorded) { start::unrecorded } else { start::carry_on };
            return carry_on(&self.shared, context.clone(), native);
        }
        start::begin(&self.shared, operation, context, self.base())
    }

    fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter) {
        self.shared.propagator.inject(context, carrier);
    }

    fn finish(self: Arc<Self>, end: End) {
        let Role::Own(own) = &self.role else { return };
        let Some(mut pending) = own.take() else { return };
        if end.how != Ending::Finished {
            pending.set(Name::Static(ENDING), Value::Fixed(end.how.as_str()));
        }
        let at = own.end(end.at);
        count(&self.shared.finished);
        self.shared.aside.tell(&self.native, Ended { pending, at });
    }

    fn is_recording(&self) -> bool {
        match &self.role {
            Role::Own(own) => own.is_open(),
            Role::Unrecorded | Role::CarriedOn => false,
            Role::Adopted => foreign(|| self.native.span().is_recording()).unwrap_or(false),
        }
    }

    fn enter(&self, context: &Context) -> Option<Entered> {
        let native = self.native_for(context);
        let suppressed = attached::look(OtelContext::is_telemetry_suppressed).unwrap_or(false);
        let suppress = suppressed && !native.is_telemetry_suppressed();
        Some(attached::attach(if suppress { native.with_telemetry_suppressed() } else { native }))
    }

    fn leave(&self, entered: Entered) {
        attached::detach(entered);
    }

    fn native_since(&self, entered: Entered) -> Native {
        let Some(mark) = attached::mark(entered) else { return Native::Unchanged };
        let moved = attached::look(|current| {
            if Mark::of(current) == mark {
                None
            } else {
                Some((!ours::says_nothing(current)).then(|| current.clone()))
            }
        });
        match moved.flatten() {
            None => Native::Unchanged,
            Some(None) => Native::Nothing,
            Some(Some(current)) => Native::Moved(ours::adopt(&self.shared, current)),
        }
    }

    fn native(&self, context: &Context) -> Option<Box<dyn Any>> {
        Some(Box::new(self.native_for(context)))
    }
}

/// The last reference to somebody else's span may end it, and their processors run.
impl Drop for OtelSpan {
    fn drop(&mut self) {
        let native = mem::take(&mut self.native);
        let shown = self.shown.take();
        foreign(|| drop((shown, native)));
    }
}
