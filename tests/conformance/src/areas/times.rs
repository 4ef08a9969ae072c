//! Explicit and measured times.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anytrace_api::{Event, Operation};

use crate::areas::checks;
use crate::{
    Capability,
    case::{Case, Checked, ensure, ensure_eq},
};

checks! { Times:
    explicit_times_are_recorded [Recording, Times];
    explicit_event_times_are_recorded [Recording, Events, Times];
    an_end_before_the_start_is_moved_to_the_start [Recording, Times];
    a_span_of_zero_duration_is_recorded [Recording, Times];
    measured_times_match_the_system_clock [Recording, Times];
    a_measured_end_is_never_before_the_start [Recording, Times];
    a_measured_child_lies_within_its_parent [Recording, Times];
    measured_events_lie_within_their_span [Recording, Events, Times];
    an_explicit_start_may_have_a_measured_end [Recording, Times];
    an_explicit_end_may_have_a_measured_start [Recording, Times];
    times_far_in_the_past_or_future_are_harmless [];
}

/// Tolerance between the backend's clock and the system clock: the thread may be descheduled between the two readings.
const TOLERANCE: Duration = Duration::from_millis(250);

const HOUR: Duration = Duration::from_secs(3600);

/// Returns a time on 2023-11-14 with nanosecond digits.
fn moment() -> SystemTime {
    UNIX_EPOCH + Duration::new(1_700_000_000, 123_456_789)
}

fn ensure_time(case: &Case, name: &str, recorded: SystemTime, given: SystemTime) -> Checked {
    let off = recorded.duration_since(given).unwrap_or_else(|error| error.duration());
    let may = if case.can(Capability::Nanoseconds) { Duration::ZERO } else { Duration::from_micros(2) };
    ensure!(off <= may, "{name} is off by {off:?}");
    Ok(())
}

/// Checks that `time` lies between `start` and `end`, within the tolerance.
fn ensure_between(name: &str, time: SystemTime, start: SystemTime, end: SystemTime) -> Checked {
    ensure!(time + TOLERANCE >= start, "{name} is too early by {:?}", start.duration_since(time));
    ensure!(time <= end + TOLERANCE, "{name} is too late by {:?}", time.duration_since(end));
    Ok(())
}

fn explicit_times_are_recorded(case: &Case) -> Checked {
    let (start, end) = (moment(), moment() + Duration::new(3, 7_000));
    let parent = case.tracer().start_trace(Operation::internal("parent").start_at(start - HOUR));
    parent.start_child(Operation::internal("child").start_at(start)).finish_at(end);
    parent.finish_at(end + HOUR);
    let [parent, child] = case.spans(["parent", "child"])?;
    ensure_time(case, "the parent's start", parent.start, start - HOUR)?;
    ensure_time(case, "the parent's end", parent.end, end + HOUR)?;
    ensure_time(case, "the child's start", child.start, start)?;
    ensure_time(case, "the child's end", child.end, end)
}

fn explicit_event_times_are_recorded(case: &Case) -> Checked {
    let span = case.tracer().start_trace(Operation::internal("span").start_at(moment()));
    let times = [1, 2, 3].map(|n| moment() + Duration::from_millis(n));
    for time in times {
        span.event_with(Event::new("event").at(time));
    }
    span.finish_at(moment() + HOUR);
    let span = case.span("span")?;
    ensure_eq!(span.events.len(), times.len(), "the number of recorded events");
    for (event, time) in span.events.iter().zip(times) {
        ensure_time(case, "the event", event.at, time)?;
    }
    Ok(())
}

fn an_end_before_the_start_is_moved_to_the_start(case: &Case) -> Checked {
    let start = |name| Operation::internal(name).start_at(moment());
    case.tracer().start_trace(start("by a moment")).finish_at(moment() - Duration::from_micros(5));
    case.tracer().start_trace(start("by much")).finish_at(UNIX_EPOCH);
    case.tracer().start_trace("measured").finish_at(UNIX_EPOCH + HOUR);
    case.tracer().start_trace(Operation::internal("to come").start_at(SystemTime::now() + HOUR)).finish();
    for span in case.spans(["by a moment", "by much", "measured", "to come"])? {
        ensure_time(case, "the end", span.end, span.start)
            .map_err(|why| format!("{:?}: {why}", span.name))?;
    }
    Ok(())
}

fn a_span_of_zero_duration_is_recorded(case: &Case) -> Checked {
    case.tracer().start_trace(Operation::internal("span").start_at(moment())).finish_at(moment());
    let span = case.span("span")?;
    ensure_time(case, "the start", span.start, moment())?;
    ensure_time(case, "the end", span.end, span.start)
}

fn measured_times_match_the_system_clock(case: &Case) -> Checked {
    let before = SystemTime::now();
    case.tracer().start_trace("span").finish();
    let after = SystemTime::now();
    let span = case.span("span")?;
    ensure_between("the start", span.start, before, after)?;
    ensure_between("the end", span.end, before, after)
}

fn a_measured_end_is_never_before_the_start(case: &Case) -> Checked {
    for _ in 0..1000 {
        case.tracer().start_trace("span").finish();
    }
    let all = case.recorded();
    ensure_eq!(all.len(), 1000, "the number of recorded spans");
    for span in all {
        ensure!(span.end >= span.start, "a span ends before it starts: {:?} {:?}", span.start, span.end);
        ensure!(
            span.end <= span.start + HOUR,
            "a span that ended at once took {:?}",
            span.end.duration_since(span.start)
        );
    }
    Ok(())
}

fn a_measured_child_lies_within_its_parent(case: &Case) -> Checked {
    let parent = case.tracer().start_trace("parent");
    let child = parent.start_child("child");
    child.start_child("grandchild").finish();
    child.finish();
    parent.finish();
    let [parent, child, grandchild] = case.spans(["parent", "child", "grandchild"])?;
    for (inner, outer) in [(&child, &parent), (&grandchild, &child)] {
        ensure_between("the start of a child", inner.start, outer.start, outer.end)?;
        ensure_between("the end of a child", inner.end, outer.start, outer.end)?;
    }
    Ok(())
}

fn measured_events_lie_within_their_span(case: &Case) -> Checked {
    let span = case.tracer().start_trace("span");
    span.event("one").event("two");
    span.finish();
    let span = case.span("span")?;
    ensure_eq!(span.events.len(), 2, "the number of recorded events");
    for event in &span.events {
        ensure_between("the event", event.at, span.start, span.end)?;
    }
    Ok(())
}

/// A span reported after the fact starts at an explicit wall-clock time and ends now. Its end is not the explicit start
/// plus the time measured since the call.
fn an_explicit_start_may_have_a_measured_end(case: &Case) -> Checked {
    let before = SystemTime::now();
    case.tracer().start_trace(Operation::internal("span").start_at(before - HOUR)).finish();
    let after = SystemTime::now();
    let span = case.span("span")?;
    ensure_time(case, "the start", span.start, before - HOUR)?;
    ensure_between("the end", span.end, before, after)
}

fn an_explicit_end_may_have_a_measured_start(case: &Case) -> Checked {
    let before = SystemTime::now();
    let span = case.tracer().start_trace("span");
    let after = SystemTime::now();
    span.finish_at(after + HOUR);
    let span = case.span("span")?;
    ensure_between("the start", span.start, before, after)?;
    ensure_time(case, "the end", span.end, after + HOUR)
}

/// Times before 1970 and centuries ahead.
fn times_far_in_the_past_or_future_are_harmless(case: &Case) -> Checked {
    const YEAR: Duration = Duration::from_secs(366 * 24 * 3600);
    let times = [
        UNIX_EPOCH,
        UNIX_EPOCH - Duration::from_nanos(1),
        UNIX_EPOCH - YEAR * 70,
        moment() + YEAR * 300,
        moment() + YEAR * 7000,
        moment() + YEAR * 100_000,
    ];
    let times = times.into_iter().chain(SystemTime::now().checked_add(Duration::from_secs(u64::MAX / 4)));
    let mut started = 0;
    for start in times.clone() {
        for end in times.clone() {
            let span = case.tracer().start_trace(Operation::internal("span").start_at(start));
            span.event_with(Event::new("event").at(end));
            span.finish_at(end);
            started += 1;
        }
    }
    if case.can(Capability::Recording) {
        let all = case.recorded();
        ensure_eq!(all.len(), started, "the number of recorded spans");
        ensure!(all.iter().all(|span| span.end >= span.start), "a span ends before it starts");
    }
    Ok(())
}
