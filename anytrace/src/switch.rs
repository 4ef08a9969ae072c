//! A tracer whose target can be replaced.

use std::{any::Any, fmt, mem, sync::Arc, time::Duration};

use anytrace_api::{
    Context, Entered, Name, Native, Operation, SpanRef, StartedSpan, Tag, TracerHandle, Value,
    backend::{End, Span, Tracer, Unsupported, Update},
    flush::Done,
    propagation::{Extracted, TextMapReader, TextMapWriter},
};
use parking_lot::{Mutex, RwLock};

/// A tracer whose target can be replaced at any time, while spans are open.
///
/// What starts from then on is the new target's, beneath a span of the old one too: it continues that span's trace. An
/// open span ends where it began, so that nothing is lost and nothing is there twice. The old target is handed back, to be
/// shut down once its [open spans](crate::Stats::open) have ended. It costs one allocation a span.
///
/// It clones: all clones are one switch.
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
pub struct Switch(Arc<Shared>);

struct Shared {
    target: RwLock<Target>,
    /// Where suppression was entered natively: that is where it is left.
    suppressed: Mutex<Suppressed>,
}

/// A tracer; as long as it is the target, clones of this are one.
type Target = Arc<TracerHandle>;

#[derive(Default)]
struct Suppressed {
    last: u64,
    open: Vec<(u64, Target, Entered)>,
}

impl Switch {
    /// One that begins with `tracer`.
    pub fn new(tracer: impl Tracer + 'static) -> Self {
        let target = RwLock::new(Arc::new(TracerHandle::new(tracer)));
        Switch(Arc::new(Shared { target, suppressed: Mutex::default() }))
    }

    /// From now on, spans start with `tracer`. Gives back the one before.
    pub fn replace(&self, tracer: impl Tracer + 'static) -> TracerHandle {
        let new = Arc::new(TracerHandle::new(tracer));
        let old = mem::replace(&mut *self.0.target.write(), new);
        TracerHandle::clone(&old)
    }

    fn target(&self) -> Target {
        self.0.target.read().clone()
    }

    fn started(&self, by: Target, span: StartedSpan) -> StartedSpan {
        let (context, live) = span.into_parts();
        StartedSpan::new(context, self.wrapped(by, live))
    }

    fn seen(&self, by: &Target, span: SpanRef) -> SpanRef {
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

    fn native_current(&self) -> Option<SpanRef> {
        let target = self.target();
        Some(self.seen(&target, target.native_current()?))
    }

    fn enter_suppressed(&self) -> Entered {
        let target = self.target();
        let entered = target.enter_suppressed();
        if entered.is_nothing() {
            return entered;
        }
        let mut suppressed = self.0.suppressed.lock();
        suppressed.last += 1;
        let number = suppressed.last;
        suppressed.open.push((number, target, entered));
        Entered::new([number, 0])
    }

    fn leave_suppressed(&self, entered: Entered) {
        let [number, _] = entered.token();
        let mut suppressed = self.0.suppressed.lock();
        let Some(place) = suppressed.open.iter().position(|(open, ..)| *open == number) else { return };
        let (_, target, entered) = suppressed.open.swap_remove(place);
        drop(suppressed);
        target.leave_suppressed(entered);
    }
}

impl fmt::Debug for Switch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Switch").field("target", &self.target()).finish_non_exhaustive()
    }
}

/// A live span of a target, present or past.
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
        // Alone with its live span, that one ends at the lower price.
        let live = match Arc::try_unwrap(self) {
            Ok(own) => own.live,
            Err(shared) => shared.live.clone(),
        };
        live.finish(end);
    }

    fn is_recording(&self) -> bool {
        self.live.is_recording()
    }

    fn enter(&self, context: &Context) -> Option<Entered> {
        self.live.enter(context)
    }

    fn leave(&self, entered: Entered) {
        self.live.leave(entered);
    }

    fn native_since(&self, entered: Entered) -> Native {
        match self.live.native_since(entered) {
            Native::Moved(span) => Native::Moved(self.switch.seen(&self.by, span)),
            other => other,
        }
    }

    fn native(&self, context: &Context) -> Option<Box<dyn Any>> {
        self.live.native(context)
    }
}
