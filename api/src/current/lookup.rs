//! The current span and the current tracer of this thread, and borrowing the live span from the stack.

use std::sync::Arc;

use super::{
    entry::{Entry, EntryId, EntryKind, write_vacant},
    global::{in_use, installed},
    stack::{Stack, with_stack},
};
use crate::{
    backend::{AttachToken, Span, Tracer, handle::TracerHandle, reference::SpanRef},
    model::{Context, SpanId, TraceId},
};

/// The top of the stack, for the common cases in which no other entry matters.
pub(super) enum Top {
    Empty,
    /// A span without a native context, and no suppression.
    PlainSpan,
    /// A tracer, and no suppression.
    Tracer,
    /// Other entries, or a native context, decide too.
    Other,
}

#[inline]
pub(super) fn top() -> Top {
    with_stack(|stack| {
        stack.with_top(|top| match top.map(|top| &top.kind) {
            None => Top::Empty,
            Some(_) if stack.is_suppressed() => Top::Other,
            Some(EntryKind::Span) => Top::PlainSpan,
            Some(EntryKind::Tracer(_)) => Top::Tracer,
            Some(_) => Top::Other,
        })
    })
}

/// Returns the tracer on top of the stack, if the top is a tracer.
#[inline]
pub(super) fn top_tracer() -> Option<TracerHandle> {
    let tracer = |top: Option<&mut Entry>| match &top?.kind {
        EntryKind::Tracer(tracer) => Some(tracer.clone()),
        _ => None,
    };
    with_stack(|stack| stack.with_top(tracer))
}

/// The top of the stack is not a span without a native context.
pub(super) struct NoPlainTop;

#[inline]
fn plain_top<R>(stack: &Stack, look: impl FnOnce(&mut Entry) -> R) -> Result<R, NoPlainTop> {
    stack.with_top(|top| match top {
        Some(entry) if entry.is_plain_span() => Ok(look(entry)),
        _ => Err(NoPlainTop),
    })
}

/// Borrows the live span on top of the stack, after `look` saw its context.
#[inline]
pub(super) fn borrow_plain_top(look: impl FnOnce(&Context)) -> Result<Borrowed, NoPlainTop> {
    with_stack(|stack| {
        plain_top(stack, |top| {
            look(&top.context);
            Borrowed::plain(top)
        })
    })
}

/// Returns the ids of the span on top of the stack.
#[inline]
pub(super) fn plain_top_ids() -> Result<Option<(TraceId, SpanId)>, NoPlainTop> {
    with_stack(|stack| plain_top(stack, |top| top.context.ids()))
}

/// A live span that is borrowed from its entry, so that code of the backend runs while the stack is not accessed.
///
/// Until [`give_back`](Self::give_back), or the drop after a panic, the entry has no live span: code that runs
/// meanwhile sees a current span that is not recorded.
pub(super) struct Borrowed {
    live: Option<Arc<dyn Span>>,
    token: Option<AttachToken>,
    id: EntryId,
}

impl Borrowed {
    fn new(entry: &mut Entry) -> Self {
        Borrowed { live: entry.live.take(), token: entry.token, id: entry.id }
    }

    #[inline]
    fn plain(entry: &mut Entry) -> Self {
        Borrowed { live: entry.live.take(), token: None, id: entry.id }
    }

    #[inline]
    pub(super) fn live(&self) -> Option<&dyn Span> {
        self.live.as_deref()
    }

    /// Gives the live span back to its entry, which is usually still the top.
    #[inline]
    pub(super) fn give_back(mut self) {
        if self.live.is_none() {
            return;
        }
        with_stack(|stack| {
            stack.with_top(|top| match top {
                Some(entry) if entry.id == self.id => restore(entry, self.live.take()),
                _ => {}
            });
        });
    }
}

impl Drop for Borrowed {
    #[inline]
    fn drop(&mut self) {
        if let Some(live) = self.live.take() {
            give_back(live, self.token, self.id);
        }
    }
}

/// Gives a live span back to its entry in any position. If the entry has been removed meanwhile, the native context is
/// detached here, because the entry could not do so without its live span.
#[cold]
fn give_back(live: Arc<dyn Span>, token: Option<AttachToken>, id: EntryId) {
    let mut live = Some(live);
    let to_entry = |entry: &mut Entry| (entry.id == id).then(|| restore(entry, live.take()));
    with_stack(|stack| stack.find(to_entry));
    if let (Some(live), Some(token)) = (live, token) {
        if let Some(native) = live.native_context() {
            native.detach(token);
        }
    }
}

#[inline]
fn restore(entry: &mut Entry, live: Option<Arc<dyn Span>>) {
    debug_assert!(entry.live.is_none(), "the live span was borrowed once");
    write_vacant(&mut entry.live, live);
}

/// The newest entry that decides about a child: a span or a tracer.
pub(super) enum Newest {
    None,
    Tracer(TracerHandle),
    Span(BorrowedSpan),
}

/// A span of the stack, with its live span borrowed.
pub(super) struct BorrowedSpan {
    pub(super) context: Context,
    borrowed: Borrowed,
}

/// The span that is current when the native context of a stack entry is taken into account.
pub(super) enum NativeState {
    /// The span of the entry is still current.
    Unchanged,
    /// No span is current any more.
    Empty,
    /// A span that was made current in the native context later.
    Newer(SpanRef),
}

impl BorrowedSpan {
    fn new(entry: &mut Entry) -> Self {
        BorrowedSpan { context: entry.context.clone(), borrowed: Borrowed::new(entry) }
    }

    pub(super) fn live(&self) -> Option<&dyn Span> {
        self.borrowed.live()
    }

    pub(super) fn to_ref(&self) -> SpanRef {
        SpanRef::new(self.context.clone(), self.borrowed.live.clone())
    }

    /// Asks the native context whether another span has become current there.
    pub(super) fn native_state(&self) -> NativeState {
        let (Some(live), Some(token)) = (self.live(), self.borrowed.token) else {
            return NativeState::Unchanged;
        };
        match live.native_context() {
            Some(native) if native.changed_since(token) => match native.current() {
                Some(found) => NativeState::Newer(live.adopt(found)),
                None => NativeState::Empty,
            },
            _ => NativeState::Unchanged,
        }
    }
}

/// Returns the newest span or tracer of the stack.
pub(super) fn newest() -> Newest {
    let look = |entry: &mut Entry| match &entry.kind {
        EntryKind::Span | EntryKind::NativeSpan => Some(Newest::Span(BorrowedSpan::new(entry))),
        EntryKind::Tracer(tracer) => Some(Newest::Tracer(tracer.clone())),
        EntryKind::Suppression(_) => None,
    };
    with_stack(|stack| stack.find(look)).unwrap_or(Newest::None)
}

/// Returns the span that is current in the native context of `tracer`, if the tracer has one.
#[inline]
pub(super) fn native_span(tracer: &dyn Tracer) -> Option<SpanRef> {
    tracer.native_context()?.current().map(|found| tracer.adopt(found))
}

/// Returns the current span. The reference is empty when there is none.
///
/// The current span is the newest one that was made current on this thread with [`SpanRef::enter`], a closure or a
/// future, or a newer span in the backend's native context. A scoped tracer hides the spans below it.
///
/// ```
/// let span = anytrace_api::start_span("load");
/// span.in_scope(|| assert_eq!(anytrace_api::current_span().span_id(), span.span_id()));
/// ```
pub fn current_span() -> SpanRef {
    if !in_use() {
        return SpanRef::none();
    }
    match newest() {
        Newest::Span(span) => match span.native_state() {
            NativeState::Unchanged => span.to_ref(),
            NativeState::Newer(span) => span,
            NativeState::Empty => SpanRef::none(),
        },
        Newest::Tracer(tracer) => tracer.resolved().and_then(native_span).unwrap_or_default(),
        Newest::None => installed().and_then(|tracer| native_span(&**tracer)).unwrap_or_default(),
    }
}

/// Returns true if tracing is suppressed on this thread.
#[inline]
pub(super) fn is_suppressed() -> bool {
    with_stack(Stack::is_suppressed)
}

/// Returns the newest scoped tracer. Never a late-bound handle.
pub(super) fn scoped_tracer() -> Option<TracerHandle> {
    with_stack(|stack| {
        if !stack.has_tracers() {
            return None;
        }
        stack.find(|entry| match &entry.kind {
            EntryKind::Tracer(tracer) => Some(tracer.clone()),
            _ => None,
        })
    })
}

/// Calls `work` with the current tracer: the scoped one, else the installed one.
pub(super) fn with_current_tracer<R>(work: impl FnOnce(Option<&dyn Tracer>) -> R) -> R {
    match scoped_tracer() {
        Some(scoped) => work(scoped.resolved()),
        None => work(installed().map(|tracer| &**tracer)),
    }
}

/// Returns the current tracer: the scoped one, else the installed one.
pub(super) fn current_tracer() -> Option<TracerHandle> {
    scoped_tracer().or_else(|| installed().cloned().map(TracerHandle::from))
}

/// Returns the tracer that `handle` stands for at this place. Never a late-bound handle.
pub(super) fn resolve(handle: &TracerHandle) -> TracerHandle {
    if handle.is_late() { current_tracer().unwrap_or(TracerHandle::none()) } else { handle.clone() }
}

/// Returns a handle to the current tracer: the scoped one, else whatever tracer is installed when the handle is used.
///
/// A handle that was created before [`install`](crate::install) starts working once that is called. A library that holds a
/// handle creates it once; most libraries need none, because the free functions use the current tracer.
///
/// ```
/// use anytrace_api::{TracerHandle, tracer};
///
/// struct Client { tracer: TracerHandle }
///
/// impl Client {
///     fn new() -> Self {
///         Client { tracer: tracer() }
///     }
///     fn call(&self) {
///         self.tracer.start_span("call").run(|| { /* … */ });
///     }
/// }
/// # Client::new().call();
/// ```
pub fn tracer() -> TracerHandle {
    scoped_tracer().unwrap_or(TracerHandle::late())
}
