//! A tracer whose target can be replaced.

use std::{fmt, mem, sync::Arc, time::Duration};

use anytrace_api::{
    Context, Name, Operation, SpanRef, StartedSpan, Tag, TracerHandle, Value,
    backend::{End, NativeContext, Span, Tracer, Unsupported, Update},
    flush::Done,
    propagation::{Extracted, TextMapReader, TextMapWriter},
};
use parking_lot::RwLock;

/// A tracer whose target can be replaced at any time, while spans are open.
///
/// After a replacement, new spans start with the new target, also as children of an open span of the old target, whose
/// trace they continue. An open span ends with the target that started it, so that each span is recorded exactly once.
/// [`replace`](Self::replace) returns the old target: shut it down when its [open spans](crate::Stats::open) have
/// ended. A switch costs one allocation per span.
///
/// Clones share one target.
///
/// ```
/// use anytrace::{MockTracer, Switch, TracerExt};
///
/// let (before, after) = (MockTracer::new(), MockTracer::new());
/// let switch = Switch::new(before.clone());
/// let request = switch.start_trace("request");
/// request.start_child("first").finish();
///
/// let _old = switch.replace(after.clone());
/// request.start_child("second").finish();
/// request.finish();
/// assert_eq!((before.outline(), after.outline()), ("request(first)".into(), "second".into()));
/// ```
#[derive(Clone)]
pub struct Switch(Arc<RwLock<Target>>);

/// A target. Two pointers are equal if no replacement came between them.
type Target = Arc<TracerHandle>;

impl Switch {
    /// Creates a switch with `tracer` as its target.
    pub fn new(tracer: impl Tracer + 'static) -> Self {
        Switch(Arc::new(RwLock::new(Arc::new(TracerHandle::new(tracer)))))
    }

    /// Replaces the target with `tracer` and returns the old one.
    pub fn replace(&self, tracer: impl Tracer + 'static) -> TracerHandle {
        let new = Arc::new(TracerHandle::new(tracer));
        let old = mem::replace(&mut *self.0.write(), new);
        TracerHandle::clone(&old)
    }

    fn target(&self) -> Target {
        self.0.read().clone()
    }

    fn started(&self, by: Target, span: StartedSpan) -> StartedSpan {
        let (context, live) = span.into_parts();
        StartedSpan::new(context, self.wrapped(by, live))
    }

    fn adopted(&self, by: &Target, span: SpanRef) -> SpanRef {
        let (context, live) = span.into_parts();
        SpanRef::new(context, self.wrapped(by.clone(), live))
    }

    fn wrapped(&self, by: Target, live: Option<Arc<dyn Span>>) -> Option<Arc<dyn Span>> {
        live.map(|live| Arc::new(Switched { live, by, switch: self.clone() }) as Arc<dyn Span>)
    }
}

#[deny(clippy::missing_trait_methods)]
impl Tracer for Switch {
    fn start(&self, operation: &Operation<'_>, parent: Option<&Context>) -> StartedSpan {
        let target = self.target();
        let span = target.start(operation, parent);
        self.started(target, span)
    }

    fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter) {
        self.target().inject(context, carrier);
    }

    fn extract(&self, carrier: &dyn TextMapReader) -> Extracted {
        self.target().extract(carrier)
    }

    fn flush(&self, timeout: Duration, done: Done) {
        self.target().flush(timeout, done);
    }

    fn shutdown(&self, timeout: Duration, done: Done) {
        self.target().shutdown(timeout, done);
    }

    fn native_context(&self) -> Option<Arc<dyn NativeContext>> {
        self.target().native_context()
    }

    fn adopt(&self, found: SpanRef) -> SpanRef {
        let target = self.target();
        let found = target.adopt(found);
        self.adopted(&target, found)
    }
}

impl fmt::Debug for Switch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Switch").field("target", &self.target()).finish_non_exhaustive()
    }
}

/// A live span of the current target or of an earlier one.
struct Switched {
    live: Arc<dyn Span>,
    by: Target,
    switch: Switch,
}

#[deny(clippy::missing_trait_methods)]
impl Span for Switched {
    fn set_tag(&self, key: Name<'_>, value: Value<'_>) {
        self.live.set_tag(key, value);
    }

    fn set_tags(&self, tags: &[Tag<'_>]) {
        self.live.set_tags(tags);
    }

    fn update(&self, update: Update<'_>) -> Result<(), Unsupported> {
        self.live.update(update)
    }

    fn start_child(&self, operation: &Operation<'_>, context: &Context) -> StartedSpan {
        let target = self.switch.target();
        let span = if Arc::ptr_eq(&target, &self.by) {
            self.live.start_child(operation, context)
        } else {
            target.start(operation, Some(context))
        };
        self.switch.started(target, span)
    }

    fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter) {
        self.live.inject(context, carrier);
    }

    fn finish(self: Arc<Self>, end: End) {
        // A unique reference lets the target end its span without a clone of the pointer.
        let live = match Arc::try_unwrap(self) {
            Ok(own) => own.live,
            Err(shared) => shared.live.clone(),
        };
        live.finish(end);
    }

    fn is_recording(&self) -> bool {
        self.live.is_recording()
    }

    fn native_context(&self) -> Option<&dyn NativeContext> {
        self.live.native_context()
    }

    fn adopt(&self, found: SpanRef) -> SpanRef {
        self.switch.adopted(&self.by, self.live.adopt(found))
    }
}
