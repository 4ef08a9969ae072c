//! A span of OpenTelemetry's, as one of ours.

use std::{
    any::Any,
    mem,
    sync::{Arc, OnceLock},
    time::SystemTime,
};

use anytrace_api::{
    Context, Entered, Name, Native, Operation, StartedSpan, Status, Tag, Value,
    backend::{End, Span, Unsupported, Update},
    propagation::{Propagator, TextMapWriter},
};
use opentelemetry::{
    Context as OtelContext,
    trace::{Status as OtelStatus, TraceContextExt},
};

use crate::{
    attached, convert,
    ours::{self, Live, Mark, Ours},
    own::Own,
    recorded::Recorded,
    shared::{Handle, count, foreign},
    start,
};

/// The tag that says how a span ended, where it was not simply finished: `dropped`, `panicked`, `cancelled`,
/// `discarded`.
///
/// ```
/// assert_eq!(anytrace_otel_bridge::END_REASON, "anytrace.end_reason");
/// ```
pub const END_REASON: &str = anytrace_api::EndReason::KEY;

pub(crate) struct OtelSpan {
    shared: Handle,
    role: Role,
    /// With the span and what is ours, once it has been entered.
    entered: OnceLock<OtelContext>,
}

enum Role {
    /// Started here, and recorded.
    Own(Own),
    /// Not recorded, with what it started in: it is here to be entered.
    Unrecorded(OtelContext),
    /// No span of its own: this context is carried on.
    CarriedOn(OtelContext),
    /// Started by somebody else, and in this context.
    Adopted(OtelContext),
}

impl OtelSpan {
    #[inline]
    pub(crate) fn own(shared: Handle, own: Own) -> Arc<Self> {
        Arc::new(OtelSpan { shared, role: Role::Own(own), entered: OnceLock::new() })
    }

    /// `base` is what it started in: who enters it brings its context.
    pub(crate) fn unrecorded(shared: &Handle, base: OtelContext) -> Arc<Self> {
        Self::new(shared, Role::Unrecorded(base))
    }

    /// `native` has the context that is carried on.
    pub(crate) fn carried_on(shared: &Handle, native: OtelContext) -> Arc<Self> {
        Self::new(shared, Role::CarriedOn(native))
    }

    pub(crate) fn adopted(shared: &Handle, native: OtelContext) -> Arc<Self> {
        Self::new(shared, Role::Adopted(native))
    }

    fn new(shared: &Handle, role: Role) -> Arc<Self> {
        Arc::new(OtelSpan { shared: shared.clone(), role, entered: OnceLock::new() })
    }

    /// OpenTelemetry's context for this span with `context`.
    fn native_for(&self, context: &Context) -> OtelContext {
        if let Some(entered) = self.entered.get() {
            let is_in = Ours::is_in(entered, context);
            return if is_in { entered.clone() } else { Ours::put(entered, context, self.live()) };
        }
        let native = match &self.role {
            Role::Own(own) => Ours::put(&own.show().native, context, self.live()),
            Role::Unrecorded(base) => {
                let span = convert::span_context(context, convert::SAMPLED_WHEN_DEFERRED);
                let with_span = span.map(|span| base.with_remote_span_context(span));
                Ours::put(with_span.as_ref().unwrap_or(base), context, self.live())
            }
            Role::Adopted(native) if Ours::is_in(native, context) => return native.clone(),
            Role::CarriedOn(native) | Role::Adopted(native) => Ours::put(native, context, self.live()),
        };
        // Another thread may be quicker, with a context of its own.
        let _ = self.entered.set(native.clone());
        native
    }

    fn live(&self) -> Live {
        match &self.role {
            Role::Own(own) => Live::Own(own.show().clone()),
            Role::Unrecorded(_) | Role::CarriedOn(_) => Live::Unrecorded,
            Role::Adopted(_) => Live::Another,
        }
    }

    /// Directly, where nothing has to wait. What is too late is counted.
    fn write(&self, work: impl FnOnce(Recorded<'_>)) {
        match &self.role {
            Role::Unrecorded(_) | Role::CarriedOn(_) => {}
            Role::Own(own) => {
                if let Some(None) = foreign(|| own.with_span(work)) {
                    count(&self.shared.late);
                }
            }
            Role::Adopted(native) => drop(foreign(|| work(Recorded::Shown(native.span())))),
        }
    }

    /// What may be too much to be kept back.
    #[cold]
    fn set_many(&self, own: &Own, tags: &[Tag<'_>]) {
        match own.with_pending(|pending| pending.set_or_return(tags)) {
            None => count(&self.shared.late),
            Some(beyond) if beyond.is_empty() => {}
            Some(mut beyond) => self.write(|mut span| span.set_attributes(&mut beyond)),
        }
    }
}

impl Span for OtelSpan {
    fn set_tag(&self, key: Name<'_>, value: Value<'_>) {
        if let Role::Own(own) = &self.role {
            if own.set_if_alone(key, value) {
                return;
            }
        }
        self.set_tags(&[Tag::new(key, value)]);
    }

    fn set_tags(&self, tags: &[Tag<'_>]) {
        let Role::Own(own) = &self.role else {
            return self.write(|mut span| span.set_attributes(&mut convert::attributes(tags)));
        };
        match own.with_pending(|pending| pending.set_all_if_room(tags)) {
            Some(true) => {}
            // Again from the first: equal keys are replaced.
            Some(false) => self.set_many(own, tags),
            None => count(&self.shared.late),
        }
    }

    fn update(&self, update: Update<'_>) -> Result<(), Unsupported> {
        match update {
            Update::Name(name) => self.write(|mut span| span.update_name(convert::name(name))),
            Update::Event(event) => {
                let at = event.at.unwrap_or_else(SystemTime::now);
                self.write(|mut span| {
                    span.add_event(convert::name(event.name), at, convert::attributes(event.tags));
                });
            }
            Update::Link(link) => {
                if let Some(to) = convert::span_context(link.to.context(), false) {
                    self.write(|mut span| span.add_link(to, convert::attributes(link.tags)));
                }
            }
            Update::Status(status) => {
                let status = match status {
                    Status::Ok => OtelStatus::Ok,
                    Status::Error(why) => OtelStatus::Error { description: convert::text(why) },
                    _ => return Err(Unsupported),
                };
                let Role::Own(own) = &self.role else {
                    self.write(|mut span| span.set_status(status));
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
        let native = match &self.role {
            Role::Own(own) => &own.show().native,
            // What was decided for it is decided for its children.
            Role::Unrecorded(base) => {
                return start::unrecorded(&self.shared, context.clone(), base.clone());
            }
            Role::CarriedOn(native) => {
                return start::carry_on(&self.shared, context.clone(), native.clone());
            }
            Role::Adopted(native) if is_decided_against(native) => {
                return start::carry_on(&self.shared, context.clone(), native.clone());
            }
            Role::Adopted(native) => native,
        };
        // What others put into the current context survives, where it is this span's.
        let current = attached::look(|current| ours::is_same_span(current, native).then(|| current.clone()));
        let base = current.flatten().unwrap_or_else(|| native.clone());
        start::begin(&self.shared, operation, context, base)
    }

    fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter) {
        self.shared.propagator.inject(context, carrier);
    }

    fn finish(mut self: Arc<Self>, end: End) {
        let is_first = match Arc::get_mut(&mut self) {
            Some(OtelSpan { shared, role: Role::Own(own), .. }) => own.end_alone(end, &shared.aside),
            Some(_) => false,
            None => match &self.role {
                Role::Own(own) => own.end(end, &self.shared.aside),
                _ => false,
            },
        };
        if is_first {
            count(&self.shared.finished);
        }
    }

    fn is_recording(&self) -> bool {
        match &self.role {
            Role::Own(own) => own.is_open(),
            Role::Unrecorded(_) | Role::CarriedOn(_) => false,
            Role::Adopted(native) => foreign(|| native.span().is_recording()).unwrap_or(false),
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

/// Whether the sampler of somebody else's span has decided against it.
fn is_decided_against(native: &OtelContext) -> bool {
    let span = native.span();
    let span = span.span_context();
    !span.is_sampled() && !span.is_remote()
}

/// The last reference to somebody else's span may end it, and their processors run.
impl Drop for OtelSpan {
    fn drop(&mut self) {
        if let Role::Own(own) = &mut self.role {
            if own.is_over() {
                return;
            }
        }
        foreign(|| {
            drop(self.entered.take());
            match &mut self.role {
                Role::Own(own) => own.clear(),
                Role::Unrecorded(native) | Role::CarriedOn(native) | Role::Adopted(native) => {
                    drop(mem::take(native));
                }
            }
        });
    }
}
