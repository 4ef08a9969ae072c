//! Starting spans, for code that has neither a tracer nor a span at hand.

use std::panic::Location;

use super::{
    in_force::with_tracer_in_force,
    nearest::{Nearest, nearest},
    stack,
    top::{self, Top},
    unless_suppressed,
    vacant::fill,
};
use crate::{
    Context, Native, Operation, Span, SpanRef, StartedSpan, TraceContext, Tracer, TracerExt,
    tracer::{in_use, installed},
};

/// Starts a trace by the tracer in force, whatever is current. See [`TracerExt::start_trace`].
#[track_caller]
pub fn start_trace<'a>(operation: impl Into<Operation<'a>>) -> StartedSpan {
    if !in_use() {
        return StartedSpan::none();
    }
    let operation = operation.into().started_at(Location::caller());
    with_tracer_in_force(|tracer| {
        tracer.map_or_else(StartedSpan::none, |tracer| tracer.start_trace(operation))
    })
}

/// Continues the trace of `parent` by the tracer in force, or starts one where it is empty. See
/// [`TracerExt::join_trace`].
#[track_caller]
pub fn join_trace<'a>(operation: impl Into<Operation<'a>>, parent: &dyn TraceContext) -> StartedSpan {
    if !in_use() {
        return StartedSpan::none();
    }
    let operation = operation.into().started_at(Location::caller());
    with_tracer_in_force(|tracer| {
        tracer.map_or_else(StartedSpan::none, |tracer| tracer.join_trace(operation, parent))
    })
}

/// Starts a child of the current span, by that span's own backend, or else a trace by the tracer in force.
///
/// A scoped tracer nearer than any span hides the span.
///
/// A name is a literal, or a reference to a `String`; other text is said to be [copied](crate::Name::copied).
///
/// ```
/// use anytrace_api::{self as trace, Name};
///
/// trace::start_span("load").run(|| { /* … */ });
///
/// fn load(table: &str) {
///     trace::start_span(Name::copied(table)).run(|| { /* … */ });
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
    match top::kind() {
        Top::Nothing => installed().map_or_else(StartedSpan::none, |tracer| start_by(&**tracer, operation)),
        Top::PlainSpan => start_plain(operation),
        Top::Tracer => start_scoped(operation),
        Top::Other => start_beneath_nearest(operation),
    }
}

/// The short way, beneath a plain span.
#[inline]
fn start_plain(operation: &Operation<'_>) -> StartedSpan {
    let mut context = Context::EMPTY;
    let loan = stack::here(|stack| top::plain_loan(stack, |found| fill(&mut context, found.clone())));
    let Ok(loan) = loan else { return StartedSpan::none() };
    let span = start_child(loan.live(), &context, operation);
    stack::here(|stack| loan.give_back(stack));
    span
}

/// The short way, by a scoped tracer.
#[inline]
fn start_scoped(operation: &Operation<'_>) -> StartedSpan {
    let Some(tracer) = top::tracer() else { return StartedSpan::none() };
    tracer.resolved().map_or_else(StartedSpan::none, |tracer| start_by(tracer, operation))
}

/// Where something suppresses, or a backend is to be asked what is current in its own context.
#[inline(never)]
fn start_beneath_nearest(operation: &Operation<'_>) -> StartedSpan {
    let lent = match nearest() {
        Nearest::Span(lent) => lent,
        Nearest::Tracer(tracer) => return start_silenced(tracer.resolved(), operation),
        Nearest::Nothing => return start_silenced(installed().map(|tracer| &**tracer), operation),
    };
    unless_suppressed(Some(&lent.context), || match lent.native() {
        Native::Unchanged => start_child(lent.live(), &lent.context, operation),
        Native::Moved(span) => start_beneath_native(&span, operation),
        Native::Nothing => start_beneath(&Context::EMPTY, operation),
    })
}

/// By a tracer, when no span of ours is current: beneath its native one, if it has one.
#[inline]
fn start_by(tracer: &dyn Tracer, operation: &Operation<'_>) -> StartedSpan {
    match tracer.native_current() {
        Some(span) => start_beneath_native(&span, operation),
        None => tracer.start(operation, None),
    }
}

/// The same where something suppresses: only what a native span knows is carried on.
fn start_silenced(tracer: Option<&dyn Tracer>, operation: &Operation<'_>) -> StartedSpan {
    match tracer.and_then(Tracer::native_current) {
        Some(span) => start_beneath_native(&span, operation),
        None => StartedSpan::none(),
    }
}

/// Beneath a span of ours.
#[inline]
fn start_child(live: Option<&dyn Span>, context: &Context, operation: &Operation<'_>) -> StartedSpan {
    match live {
        Some(live) => live.start_child(operation, context),
        None => start_beneath(context, operation),
    }
}

/// Beneath a span that a backend has made current in a way of its own.
#[cold]
fn start_beneath_native(span: &SpanRef, operation: &Operation<'_>) -> StartedSpan {
    span.start_child(*operation)
}

/// Beneath a context without a live span. What a tracer of this process chose not to record stays so, and carries its
/// context on; what came from elsewhere, and what has no ids, is for the tracer in force to decide.
pub(crate) fn start_beneath(parent: &Context, operation: &Operation<'_>) -> StartedSpan {
    let undecided = parent.is_remote() || parent.ids().is_none();
    if !undecided {
        return StartedSpan::new(parent.clone(), None);
    }
    with_tracer_in_force(|tracer| match tracer {
        Some(tracer) => tracer.start(operation, Some(parent)),
        None => StartedSpan::new(parent.clone(), None),
    })
}
