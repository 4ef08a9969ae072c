//! Defects of live spans.

use std::{
    num::NonZeroU64,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use anytrace_api::{
    Context, EndReason, Event, Name, Operation, SpanId, SpanRef, StartedSpan, Status, Tag, Value,
    backend::{AttachToken, End, NativeContext, Span, Tracer, Unsupported, Update},
    propagation::TextMapWriter,
};

use super::{Broken, Defect, native};

pub(super) struct BrokenSpan {
    tracer: Broken,
    live: Arc<dyn Span>,
    id: Option<SpanId>,
    root: Context,
    keys: Mutex<Vec<String>>,
    has_ended: AtomicBool,
}

impl BrokenSpan {
    pub(super) fn new(tracer: &Broken, live: Arc<dyn Span>, context: &Context, root: Context) -> Self {
        BrokenSpan {
            tracer: tracer.clone(),
            live,
            id: context.span_id(),
            root,
            keys: Mutex::default(),
            has_ended: AtomicBool::new(false),
        }
    }

    fn extra(&self, change: impl FnOnce(&mut super::Extra)) {
        if let Some(id) = self.id {
            self.tracer.extra(id, change);
        }
    }
}

impl Span for BrokenSpan {
    fn set_tag(&self, key: Name<'_>, value: Value<'_>) {
        if value == Value::Absent {
            return;
        }
        let ended = self.has_ended.load(Ordering::Relaxed);
        *self.tracer.0.last_tag.lock().unwrap() = Some((key.as_str().to_owned(), value.to_string()));
        if ended && self.tracer.is(Defect::RecordsTagsAfterTheEnd) {
            self.extra(|extra| extra.tags.push((key.as_str().to_owned(), value.into())));
        }
        let mut keys = self.keys.lock().unwrap();
        let is_known = keys.iter().any(|known| known == key.as_str());
        keys.push(key.as_str().to_owned());
        drop(keys);
        match self.tracer.0.defect {
            Defect::KeepsTheFirstValueOfATag if is_known => {}
            Defect::RecordsDuplicateTags if is_known && !ended => {
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
        let update = match (self.tracer.0.defect, update) {
            (Defect::DropsEvents, Update::Event(_))
            | (Defect::DropsStatus, Update::Status(_))
            | (Defect::DropsLinks, Update::Link(_))
            | (Defect::IgnoresRenaming, Update::Name(_)) => return Ok(()),
            (Defect::DropsEventTags, Update::Event(event)) => {
                let bare = Event::new(event.name);
                Update::Event(event.at.map_or(bare, |at| bare.at(at)))
            }
            (Defect::IgnoresEventTimes, Update::Event(event)) => {
                Update::Event(Event::new(event.name).tags(event.tags))
            }
            (Defect::ReplacesStatusOkWithErrors, Update::Status(Status::Error(description))) => {
                self.extra(|extra| extra.error = Some(description.to_string()));
                update
            }
            (_, update) => update,
        };
        self.live.update(update)
    }

    fn start_child(&self, operation: &Operation<'_>, context: &Context) -> StartedSpan {
        let ended = self.has_ended.load(Ordering::Relaxed);
        let span = match self.tracer.0.defect {
            Defect::DropsChildrenOfEndedSpans if ended => StartedSpan::new(context.clone(), None),
            Defect::MakesTheRootTheParentOfEverySpan => {
                let root = self.root.clone().with_baggage_items(context.baggage().clone());
                self.tracer.begin(operation, Some(&root))
            }
            _ => self.tracer.begin(operation, Some(context)),
        };
        self.tracer.wrapped(span, self.root.clone())
    }

    fn inject(&self, context: &Context, carrier: &mut dyn TextMapWriter) {
        self.tracer.inject(context, carrier);
    }

    fn finish(self: Arc<Self>, end: End) {
        let mut end = end;
        self.has_ended.store(true, Ordering::Relaxed);
        self.extra(|extra| {
            extra.ends += 1;
            extra.end = extra.end.or(end.at);
        });
        match self.tracer.0.defect {
            Defect::IgnoresExplicitEnds => end.at = None,
            Defect::DropsEndReasons if end.reason != EndReason::Discarded => end.reason = EndReason::Finished,
            Defect::RecordsDiscardedSpans if end.reason == EndReason::Discarded => {
                end.reason = EndReason::Finished;
            }
            _ => {}
        }
        self.live.clone().finish(end);
    }

    fn native_context(&self) -> Option<&dyn NativeContext> {
        match self.tracer.0.defect {
            Defect::LeavesSpansCurrent | Defect::ForgetsToAdoptNativeSpans => Some(self),
            _ => self.live.native_context(),
        }
    }

    fn adopt(&self, found: SpanRef) -> SpanRef {
        if !self.tracer.0.adopts {
            return found;
        }
        let (context, live) = found.into_parts();
        let wrap = |live| {
            Arc::new(BrokenSpan::new(&self.tracer, live, &context, self.root.clone())) as Arc<dyn Span>
        };
        SpanRef::new(context.clone(), live.map(wrap))
    }
}

/// Attaches the live span of the mock tracer, not the broken span that wraps it.
impl NativeContext for BrokenSpan {
    fn current(&self) -> Option<SpanRef> {
        native::current()
    }

    fn attach(&self, context: &Context) -> Option<AttachToken> {
        let span = SpanRef::new(context.clone(), Some(self.live.clone()));
        if self.tracer.is(Defect::ForgetsToAdoptNativeSpans) {
            return native::attach(span);
        }
        self.tracer.set_current(Some(span));
        Some(AttachToken::new(NonZeroU64::MIN))
    }

    fn detach(&self, token: AttachToken) {
        if self.tracer.is(Defect::ForgetsToAdoptNativeSpans) {
            native::detach(token);
        }
    }

    fn changed_since(&self, _: AttachToken) -> bool {
        self.tracer.is(Defect::ForgetsToAdoptNativeSpans)
    }
}
