//! A span of OpenTelemetry's, as one of ours.

use std::{
    any::Any,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::{Instant, SystemTime},
};

use anytrace_api::{
    Context, End, Ending, Entered, Name, Native, Operation, Propagator, Span, SpanRef, StartedSpan, Status,
    Tag, TextMapWriter, Unsupported, Update, Value,
};
use opentelemetry::{
    Context as OtelContext, KeyValue,
    trace::{Status as OtelStatus, TraceContextExt},
};

use crate::{
    attached, convert,
    ended::Ended,
    ours::{self, Mark, Ours},
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

/// As many tags are kept back until the end, so that each key is told once. More go straight on, and meet the
/// provider's own limit.
const KEPT_BACK: usize = 128;

pub(crate) struct OtelSpan {
    me: Weak<OtelSpan>,
    shared: Handle,
    /// With the span, and with what was ours when it started.
    native: OtelContext,
    role: Role,
}

enum Role {
    /// Started here, and recorded.
    Own(Own),
    /// Not recorded: it is here to be entered.
    CarriedOn,
    /// Started by somebody else.
    Adopted,
}

struct Own {
    start: SystemTime,
    /// The wall's clock and the monotonic one, at one moment.
    anchor: (SystemTime, Instant),
    /// None once it has ended.
    pending: Mutex<Option<Pending>>,
}

#[derive(Default)]
struct Pending {
    tags: Vec<KeyValue>,
    status: OtelStatus,
}

impl Own {
    fn lock(&self) -> MutexGuard<'_, Option<Pending>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self, at: Option<SystemTime>) -> SystemTime {
        let now = || self.anchor.0 + self.anchor.1.elapsed();
        at.unwrap_or_else(now).max(self.start)
    }
}

impl OtelSpan {
    /// `native` has the span.
    pub(crate) fn own(
        shared: &Handle,
        native: &OtelContext,
        context: &Context,
        start: SystemTime,
        anchor: (SystemTime, Instant),
    ) -> Arc<Self> {
        let own = Own { start, anchor, pending: Mutex::new(Some(Pending::default())) };
        Self::with_ours(shared, native, context, Role::Own(own))
    }

    /// `native` has the context that is carried on.
    pub(crate) fn carried_on(shared: &Handle, native: &OtelContext, context: &Context) -> Arc<Self> {
        Self::with_ours(shared, native, context, Role::CarriedOn)
    }

    pub(crate) fn adopted(shared: &Handle, native: OtelContext) -> Arc<Self> {
        Arc::new_cyclic(|me| OtelSpan { me: me.clone(), shared: shared.clone(), native, role: Role::Adopted })
    }

    fn with_ours(shared: &Handle, native: &OtelContext, context: &Context, role: Role) -> Arc<Self> {
        Arc::new_cyclic(|me| OtelSpan {
            me: me.clone(),
            shared: shared.clone(),
            native: Ours::put(native, context, me.clone()),
            role,
        })
    }

    /// OpenTelemetry's context for this span with `context`.
    fn native_for(&self, context: &Context) -> OtelContext {
        if Ours::is_in(&self.native, context) {
            return self.native.clone();
        }
        Ours::put(&self.native, context, self.me.clone())
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
            Role::CarriedOn => true,
            Role::Adopted => {
                let span = self.native.span();
                let span = span.span_context();
                !span.is_sampled() && !span.is_remote()
            }
        }
    }

    /// Directly, where nothing has to wait. What is too late is counted.
    fn write(&self, work: impl FnOnce(opentelemetry::trace::SpanRef<'_>)) {
        match &self.role {
            Role::CarriedOn => return,
            Role::Own(own) if own.lock().is_none() => return count(&self.shared.late),
            Role::Own(_) | Role::Adopted => {}
        }
        foreign(|| work(self.native.span()));
    }
}

impl Span for OtelSpan {
    fn set_tag(&self, key: Name<'_>, value: Value<'_>) {
        self.set_tags(&[Tag::new(key, value)]);
    }

    fn set_tags(&self, tags: &[Tag<'_>]) {
        let Role::Own(own) = &self.role else {
            return self.write(|span| span.set_attributes(convert::attributes(tags)));
        };
        let mut beyond = Vec::new();
        {
            let mut pending = own.lock();
            let Some(pending) = pending.as_mut() else { return count(&self.shared.late) };
            for tag in tags {
                let kept = pending.tags.len() < KEPT_BACK
                    || pending.tags.iter().any(|known| known.key.as_str() == tag.key.as_str());
                let into = if kept { &mut pending.tags } else { &mut beyond };
                convert::set_attribute(into, tag.key, tag.value);
            }
        }
        if !beyond.is_empty() {
            foreign(|| self.native.span().set_attributes(beyond));
        }
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
                match own.lock().as_mut() {
                    Some(pending) if says_more(&status, &pending.status) => pending.status = status,
                    Some(_) => {}
                    None => count(&self.shared.late),
                }
            }
            _ => return Err(Unsupported),
        }
        Ok(())
    }

    fn start_child(&self, operation: &Operation<'_>, context: &Context) -> StartedSpan {
        if self.is_decided_against() {
            return start::carry_on(&self.shared, context.clone(), &self.native);
        }
        start::begin(&self.shared, operation, context, self.base())
    }

    fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter) {
        self.shared.propagator.inject(context, carrier);
    }

    fn finish(self: Arc<Self>, end: End) {
        let Role::Own(own) = &self.role else { return };
        let Some(mut pending) = own.lock().take() else { return };
        if end.how != Ending::Finished {
            convert::set_attribute(&mut pending.tags, Name::Static(ENDING), Value::Fixed(end.how.as_str()));
        }
        let at = own.end(end.at);
        count(&self.shared.finished);
        let Pending { tags, status } = pending;
        self.shared.aside.tell(Ended { native: self.native.clone(), tags, status, at });
    }

    fn is_recording(&self) -> bool {
        match &self.role {
            Role::Own(own) => own.lock().is_some(),
            Role::CarriedOn => false,
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
            Some(Some(current)) => Native::Moved(self.adopt(current)),
        }
    }

    fn native(&self, context: &Context) -> Option<Box<dyn Any>> {
        Some(Box::new(self.native_for(context)))
    }
}

/// `Ok` is final, and an error without a word leaves the words of an earlier one.
fn says_more(new: &OtelStatus, old: &OtelStatus) -> bool {
    match (new, old) {
        (_, OtelStatus::Ok) => false,
        (OtelStatus::Error { description }, OtelStatus::Error { .. }) => !description.is_empty(),
        _ => true,
    }
}

impl OtelSpan {
    fn adopt(&self, native: OtelContext) -> SpanRef {
        ours::adopt(&self.shared, native)
    }
}

/// The last reference to somebody else's span may end it, and their processors run.
impl Drop for OtelSpan {
    fn drop(&mut self) {
        let native = std::mem::take(&mut self.native);
        foreign(|| drop(native));
    }
}
