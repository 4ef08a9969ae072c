//! Starting spans.

use std::{panic::Location, sync::Arc};

use super::{
    entry::write_vacant,
    global::{in_use, installed},
    lookup::{
        NativeState, Newest, Top, borrow_plain_top, is_suppressed, native_span, newest, top, top_tracer,
        with_current_tracer,
    },
};
use crate::{
    backend::{NativeContext, Span, Tracer, reference::SpanRef, started::StartedSpan},
    model::{Context, InstrumentationScope, Operation, TraceContext},
};

/// Starts a trace with the current tracer, whatever span is current. See
/// [`TracerExt::start_trace`](crate::TracerExt::start_trace).
///
/// ```
/// anytrace_api::start_trace("request").run(|| { /* … */ });
/// ```
#[track_caller]
pub fn start_trace<'a>(operation: impl Into<Operation<'a>>) -> StartedSpan {
    if !in_use() {
        return StartedSpan::none();
    }
    let operation = operation.into().started_at(Location::caller());
    with_current_tracer(|tracer| {
        let Some(tracer) = tracer else { return StartedSpan::none() };
        unless_suppressed(None, || tracer.start(&operation, None))
    })
}

/// Continues the trace of `parent` with the current tracer, or starts a trace if `parent` is empty. See
/// [`TracerExt::join_trace`](crate::TracerExt::join_trace).
///
/// ```
/// use anytrace_api::{self as trace, Operation};
/// use std::collections::HashMap;
///
/// let headers = HashMap::<String, String>::new();
/// trace::join_trace(Operation::server("GET /users"), &trace::extract(&headers)).run(|| { /* … */ });
/// ```
#[track_caller]
pub fn join_trace<'a>(operation: impl Into<Operation<'a>>, parent: &dyn TraceContext) -> StartedSpan {
    if !in_use() {
        return StartedSpan::none();
    }
    let operation = operation.into().started_at(Location::caller());
    with_current_tracer(|tracer| {
        let Some(tracer) = tracer else { return StartedSpan::none() };
        let parent = parent.context();
        unless_suppressed(Some(parent), || tracer.start(&operation, Some(parent)))
    })
}

/// Starts a child of the current span, or else a trace.
///
/// The child is started by the backend of the current span; a trace is started by the current tracer. Within
/// [`with_tracer`](crate::with_tracer), a span that became current outside is not the parent. Without a tracer the
/// result is an empty span, and the call costs one load and one branch.
///
/// A name is a literal or a reference to other text, which is copied only if the span is recorded.
///
/// ```
/// use anytrace_api as trace;
///
/// trace::start_span("load").run(|| { /* … */ });
///
/// fn load(table: &str) {
///     trace::start_span(&table).run(|| { /* … */ });
///     trace::start_span(&format!("load {table}")).run(|| { /* … */ });
/// }
/// # load("users");
/// ```
#[inline]
#[track_caller]
pub fn start_span<'a>(operation: impl Into<Operation<'a>>) -> StartedSpan {
    if !in_use() {
        return StartedSpan::none();
    }
    start_span_here(&operation.into().started_at(Location::caller()))
}

fn start_span_here(operation: &Operation<'_>) -> StartedSpan {
    match top() {
        Top::Empty => {
            installed().map_or_else(StartedSpan::none, |tracer| start_with_tracer(&**tracer, operation))
        }
        Top::PlainSpan => start_beneath_plain_span(operation),
        Top::Tracer => start_with_scoped_tracer(operation),
        Top::Other => start_beneath_newest(operation),
    }
}

/// The fast path beneath a span without a native context.
#[inline]
fn start_beneath_plain_span(operation: &Operation<'_>) -> StartedSpan {
    let mut context = Context::EMPTY;
    let borrowed = borrow_plain_top(|found| write_vacant(&mut context, found.clone()));
    let Ok(borrowed) = borrowed else { return StartedSpan::none() };
    let span = start_child(borrowed.live(), &context, operation);
    borrowed.give_back();
    span
}

/// The fast path with a scoped tracer.
#[inline]
fn start_with_scoped_tracer(operation: &Operation<'_>) -> StartedSpan {
    let Some(tracer) = top_tracer() else { return StartedSpan::none() };
    tracer.resolved().map_or_else(StartedSpan::none, |tracer| start_with_tracer(tracer, operation))
}

/// The slow path: with suppression, or with a native context.
#[inline(never)]
fn start_beneath_newest(operation: &Operation<'_>) -> StartedSpan {
    let parent = match newest() {
        Newest::Span(parent) => parent,
        Newest::Tracer(tracer) => return start_suppressed(tracer.resolved(), operation),
        Newest::None => return start_suppressed(installed().map(|tracer| &**tracer), operation),
    };
    unless_suppressed(Some(&parent.context), || match parent.native_state() {
        NativeState::Unchanged => start_child(parent.live(), &parent.context, operation),
        NativeState::Newer(span) => start_beneath_native_span(&span, operation),
        NativeState::Empty => start_beneath_context(&Context::EMPTY, operation),
    })
}

/// Starts a span when no span of this API is current: beneath the tracer's native span, if there is one.
#[inline]
fn start_with_tracer(tracer: &dyn Tracer, operation: &Operation<'_>) -> StartedSpan {
    match tracer.native_context() {
        None => tracer.start(operation, None),
        Some(native) => start_in_native_context(tracer, native, operation),
    }
}

/// Takes the native context by value, so that its drop is not compiled into the caller.
#[allow(clippy::needless_pass_by_value, reason = "the drop belongs here")]
#[cold]
#[inline(never)]
fn start_in_native_context(
    tracer: &dyn Tracer,
    native: Arc<dyn NativeContext>,
    operation: &Operation<'_>,
) -> StartedSpan {
    match native.current() {
        Some(found) => tracer.adopt(found).start_child(*operation),
        None => tracer.start(operation, None),
    }
}

/// Starts a span under suppression: only the context of a native span is carried on.
fn start_suppressed(tracer: Option<&dyn Tracer>, operation: &Operation<'_>) -> StartedSpan {
    match tracer.and_then(native_span) {
        Some(span) => start_beneath_native_span(&span, operation),
        None => StartedSpan::none(),
    }
}

#[inline]
fn start_child(live: Option<&dyn Span>, context: &Context, operation: &Operation<'_>) -> StartedSpan {
    match live {
        Some(live) => live.start_child(operation, context),
        None => start_beneath_context(context, operation),
    }
}

#[cold]
fn start_beneath_native_span(span: &SpanRef, operation: &Operation<'_>) -> StartedSpan {
    span.start_child(*operation)
}

/// Starts a span beneath a context without a live span.
///
/// If a tracer of this process decided not to record that span, the child is not recorded either and carries the context
/// on. A context from another process, or without ids, is left to the decision of the current tracer.
fn start_beneath_context(parent: &Context, operation: &Operation<'_>) -> StartedSpan {
    let is_undecided = parent.is_remote() || parent.ids().is_none();
    if !is_undecided {
        return StartedSpan::new(parent.clone(), None);
    }
    with_current_tracer(|tracer| match tracer {
        Some(tracer) => tracer.start(operation, Some(parent)),
        None => StartedSpan::new(parent.clone(), None),
    })
}

/// Calls `start`, unless tracing is suppressed on this thread: then only the context of `parent` is carried on.
#[inline]
pub(super) fn unless_suppressed(
    parent: Option<&Context>,
    start: impl FnOnce() -> StartedSpan,
) -> StartedSpan {
    if in_use() && is_suppressed() {
        return StartedSpan::new(parent.cloned().unwrap_or_default(), None);
    }
    start()
}

impl SpanRef {
    /// Starts a child with the same backend, whatever span is current.
    ///
    /// The child of a span that is not recorded is not recorded, and carries the same context on, so that spans of
    /// services further downstream belong to the last recorded span. A child of an empty reference starts with the
    /// current tracer.
    ///
    /// ```
    /// use anytrace_api::SpanRef;
    ///
    /// fn search(parent: &SpanRef) {
    ///     parent.start_child("search").run(|| { /* … */ });
    /// }
    /// # search(&SpanRef::none());
    /// ```
    #[track_caller]
    pub fn start_child<'a>(&self, operation: impl Into<Operation<'a>>) -> StartedSpan {
        let operation = operation.into().started_at(Location::caller());
        let context = self.context();
        unless_suppressed(Some(context), || match self.live() {
            Some(live) => live.start_child(&operation, context),
            None => start_beneath_context(context, &operation),
        })
    }
}

/// Start functions for a library: the spans carry the library's instrumentation scope.
impl InstrumentationScope {
    /// Starts a child of the current span, or else a trace, with this instrumentation scope. See
    /// [`start_span`](crate::start_span).
    ///
    /// ```
    /// use anytrace_api::{InstrumentationScope, Operation, instrumentation_scope};
    ///
    /// static SCOPE: InstrumentationScope = instrumentation_scope!();
    ///
    /// SCOPE.start_span(Operation::client("users.load")).run(|| { /* … */ });
    /// ```
    #[inline]
    #[track_caller]
    pub fn start_span<'a>(&'static self, operation: impl Into<Operation<'a>>) -> StartedSpan {
        if !in_use() {
            return StartedSpan::none();
        }
        start_span_here(&operation.into().instrumentation_scope(self).started_at(Location::caller()))
    }

    /// Starts a trace, whatever span is current, with this instrumentation scope. See
    /// [`start_trace`](crate::start_trace).
    ///
    /// ```
    /// use anytrace_api::{InstrumentationScope, instrumentation_scope};
    ///
    /// static SCOPE: InstrumentationScope = instrumentation_scope!();
    ///
    /// SCOPE.start_trace("clean up").run(|| { /* … */ });
    /// ```
    #[track_caller]
    pub fn start_trace<'a>(&'static self, operation: impl Into<Operation<'a>>) -> StartedSpan {
        start_trace(operation.into().instrumentation_scope(self).started_at(Location::caller()))
    }

    /// Continues the trace of `parent`, or starts a trace if `parent` is empty, with this instrumentation scope. See
    /// [`join_trace`](crate::join_trace).
    ///
    /// ```
    /// use anytrace_api::{Context, InstrumentationScope, Operation, instrumentation_scope};
    ///
    /// static SCOPE: InstrumentationScope = instrumentation_scope!();
    ///
    /// SCOPE.join_trace(Operation::consumer("order"), &Context::EMPTY).run(|| { /* … */ });
    /// ```
    #[track_caller]
    pub fn join_trace<'a>(
        &'static self,
        operation: impl Into<Operation<'a>>,
        parent: &dyn TraceContext,
    ) -> StartedSpan {
        join_trace(operation.into().instrumentation_scope(self).started_at(Location::caller()), parent)
    }
}
