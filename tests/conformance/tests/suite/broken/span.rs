//! The faults of a live span.

use std::{
    any::Any,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use anytrace_api::{
    Context, EndReason, Entered, Event, Name, Native, Operation, SpanId, SpanRef, StartedSpan, Status, Tag,
    Value,
    backend::{End, Span, Tracer, Unsupported, Update},
    propagation::TextMapWriter,
};

use super::{Broken, Fault};

pub(super) struct BrokenSpan {
    by: Broken,
    live: Arc<dyn Span>,
    id: Option<SpanId>,
    root: Context,
    keys: Mutex<Vec<String>>,
    has_ended: AtomicBool,
}

impl BrokenSpan {
    pub(super) fn new(by: &Broken, live: Arc<dyn Span>, context: &Context, root: Context) -> Self {
        BrokenSpan {
            by: by.clone(),
            live,
            id: context.span_id(),
            root,
            keys: Mutex::default(),
            has_ended: AtomicBool::new(false),
        }
    }

    fn extra(&self, change: impl FnOnce(&mut super::Extra)) {
        if let Some(id) = self.id {
            self.by.extra(id, change);
        }
    }
}

impl Span for BrokenSpan {
    fn set_tag(&self, key: Name<'_>, value: Value<'_>) {
        if value == Value::Absent {
            return;
        }
        let ended = self.has_ended.load(Ordering::Relaxed);
        *self.by.0.last_tag.lock().unwrap() = Some((key.as_str().to_owned(), value.to_string()));
        if ended && self.by.is(Fault::WritesAfterTheEnd) {
            self.extra(|extra| extra.tags.push((key.as_str().to_owned(), value.into())));
        }
        let mut keys = self.keys.lock().unwrap();
        let is_known = keys.iter().any(|known| known == key.as_str());
        keys.push(key.as_str().to_owned());
        drop(keys);
        match self.by.0.fault {
            Fault::KeepsTheFirstTag if is_known => {}
            Fault::KeepsEveryTag if is_known && !ended => {
                self.extra(|extra| extra.tags.push((key.as_str().to_owned(), value.into())));
            }
            _ => self.live.set_tag(key, value),
        }
    }

    fn set_tags(&self, tags: &[Tag<'_>]) {
        for tag in tags {
            self.set_tag(tag.key, tag.value);
        }
    }

    fn update(&self, update: Update<'_>) -> Result<(), Unsupported> {
        let update = match (self.by.0.fault, update) {
            (Fault::LosesEvents, Update::Event(_))
            | (Fault::LosesStatus, Update::Status(_))
            | (Fault::LosesLinks, Update::Link(_))
            | (Fault::IgnoresNewNames, Update::Name(_)) => return Ok(()),
            (Fault::LosesEventTags, Update::Event(event)) => {
                let bare = Event::new(event.name);
                Update::Event(event.at.map_or(bare, |at| bare.at(at)))
            }
            (Fault::IgnoresEventTimes, Update::Event(event)) => {
                Update::Event(Event::new(event.name).tags(event.tags))
            }
            (Fault::LetsErrorsReplaceOk, Update::Status(Status::Error(why))) => {
                self.extra(|extra| extra.error = Some(why.to_string()));
                update
            }
            (_, update) => update,
        };
        self.live.update(update)
    }

    fn start_child(&self, operation: &Operation<'_>, context: &Context) -> StartedSpan {
        let ended = self.has_ended.load(Ordering::Relaxed);
        let span = match self.by.0.fault {
            Fault::LosesLateChildren if ended => StartedSpan::new(context.clone(), None),
            Fault::HangsChildrenOnTheRoot => {
                let root = self.root.clone().with_baggage_items(context.baggage().clone());
                self.by.begin(operation, Some(&root))
            }
            _ => self.by.begin(operation, Some(context)),
        };
        self.by.wrapped(span, self.root.clone())
    }

    fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter) {
        self.by.inject(context, carrier);
    }

    fn finish(self: Arc<Self>, end: End) {
        let mut end = end;
        self.has_ended.store(true, Ordering::Relaxed);
        self.extra(|extra| {
            extra.ends += 1;
            extra.end = extra.end.or(end.at);
        });
        match self.by.0.fault {
            Fault::IgnoresExplicitEnds => end.at = None,
            Fault::ForgetsHowItEnded if end.reason != EndReason::Discarded => {
                end.reason = EndReason::Finished
            }
            Fault::RecordsDiscarded if end.reason == EndReason::Discarded => end.reason = EndReason::Finished,
            _ => {}
        }
        self.live.clone().finish(end);
    }

    fn enter(&self, context: &Context) -> Option<Entered> {
        if !self.by.is(Fault::LeavesItsSpanCurrent) {
            return self.live.enter(context);
        }
        self.by.set_current(Some(SpanRef::new(context.clone(), Some(self.live.clone()))));
        Some(Entered::new([1, 1]))
    }

    fn native_since(&self, _: Entered) -> Native {
        Native::Unchanged
    }

    fn native(&self, _: &Context) -> Option<Box<dyn Any>> {
        None
    }
}
