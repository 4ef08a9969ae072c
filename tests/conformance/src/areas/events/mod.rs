//! Events, errors and status.

pub(crate) mod links;

use std::{
    hint,
    time::{Duration, Instant},
};

use anytrace_api::{self as trace, Event, Status, Value, keys, tags};

use crate::areas::{checks, spans::caller};
use crate::{
    Capability, RecordedSpan, RecordedStatus, RecordedValue,
    case::{Case, Checked, ensure, ensure_eq},
};

checks! { Events:
    events_are_recorded_in_order [Recording, Events];
    events_have_tags [Recording, Events, EventTags];
    events_can_be_added_to_the_current_span [Recording, Events];
    record_error_adds_an_event_and_sets_the_status [Recording];
    try_run_records_and_returns_the_error [];
    the_status_is_set_only_explicitly [Recording, Status];
    status_ok_is_final [Recording, Status];
    a_later_error_status_replaces_an_earlier_one [Recording, Status];
    an_error_status_without_description_keeps_the_earlier_description [Recording, Status];
    any_number_of_events_is_harmless [];
    events_over_the_limit_are_counted [Recording, Events, Limits];
}

fn ensure_events(span: &RecordedSpan, names: &[&str]) -> Checked {
    let recorded: Vec<_> = span.events.iter().map(|event| event.name.as_str()).collect();
    ensure_eq!(recorded, names, "the events of {:?}", span.name);
    Ok(())
}

/// Waits until the next event gets a later time. Backends with microseconds neither order nor distinguish equal events
/// of the same microsecond.
fn later(case: &Case) {
    let since = Instant::now();
    while !case.can(Capability::Nanoseconds) && since.elapsed() < Duration::from_micros(5) {
        hint::spin_loop();
    }
}

fn ensure_status(span: &RecordedSpan, expected: Option<&RecordedStatus>) -> Checked {
    ensure_eq!(span.status.as_ref(), expected, "the status of {:?}", span.name);
    Ok(())
}

/// Returns the value of a tag of an event or a link as text.
pub(crate) fn shown(tags: &[(String, RecordedValue)], key: &str) -> Option<String> {
    let (_, value) = tags.iter().find(|(known, _)| known == key)?;
    Some(match value {
        RecordedValue::Text(text) => text.clone(),
        RecordedValue::Int(number) => number.to_string(),
        RecordedValue::Bool(yes) => yes.to_string(),
        other => format!("{other:?}"),
    })
}

fn events_are_recorded_in_order(case: &Case) -> Checked {
    let span = case.tracer().start_trace("span");
    let names = ["one", "two", "two", "größe\n", "four"];
    for name in &names[..2] {
        span.event(*name);
        later(case);
    }
    span.event_with(Event::new("two"));
    later(case);
    span.event(&names[3].to_owned());
    later(case);
    let child = span.start_child("child");
    child.event("of the child");
    span.event("four");
    child.finish();
    span.finish();
    let [span, child] = case.spans(["span", "child"])?;
    ensure_events(&span, &names)?;
    ensure_events(&child, &["of the child"])
}

fn events_have_tags(case: &Case) -> Checked {
    let span = case.tracer().start_trace("span");
    let query = String::from("select");
    let tags = tags! { "attempt" => 2, "query" => &query, "final" => false, "absent" => None::<i64> };
    span.event_with(Event::new("with").tags(&tags)).event("without");
    span.finish();
    let span = case.span("span")?;
    ensure_events(&span, &["with", "without"])?;
    let tags = &span.events[0].tags;
    for (key, value) in
        [("attempt", Some("2")), ("query", Some("select")), ("final", Some("false")), ("absent", None)]
    {
        ensure_eq!(shown(tags, key).as_deref(), value, "tag {key:?} of the event");
    }
    ensure!(span.events[1].tags.is_empty(), "an event without tags has {:?}", span.events[1].tags);
    ensure_eq!(span.tag("attempt"), None, "the tag of the event on the span");
    Ok(())
}

fn events_can_be_added_to_the_current_span(case: &Case) -> Checked {
    let outer = case.tracer().start_trace("outer");
    outer.in_scope(|| {
        trace::event("before");
        later(case);
        trace::start_span("inner").run(|| trace::event_with(Event::new("inside")));
        trace::event("after");
    });
    outer.finish();
    let [outer, inner] = case.spans(["outer", "inner"])?;
    ensure_events(&outer, &["before", "after"])?;
    ensure_events(&inner, &["inside"])
}

fn record_error_adds_an_event_and_sets_the_status(case: &Case) -> Checked {
    let span = case.tracer().start_trace("typed");
    let Err(error) = "x".parse::<u32>() else { return Err("\"x\" was parsed as a number".to_owned()) };
    span.record_error(&error);
    span.finish();
    case.tracer().start_trace("said").run(|| trace::record_error("out of luck"));
    for (span, message) in
        case.spans(["typed", "said"])?.iter().zip([error.to_string(), "out of luck".to_owned()])
    {
        if case.can(Capability::Status) {
            ensure_status(span, Some(&RecordedStatus::Error(message.clone())))?;
        }
        if case.can(Capability::Events) {
            ensure_events(span, &["exception"])?;
        }
        if case.can(Capability::Events) && case.can(Capability::EventTags) {
            let tags = &span.events[0].tags;
            ensure_eq!(shown(tags, keys::EXCEPTION_MESSAGE), Some(message), "the message");
            let has_type = shown(tags, keys::EXCEPTION_TYPE).is_some_and(|kind| kind.contains("ParseInt"));
            ensure_eq!(has_type, span.name == "typed", "whether the type of the error is recorded");
        }
    }
    Ok(())
}

fn try_run_records_and_returns_the_error(case: &Case) -> Checked {
    let failed = case.tracer().join_trace("failed", &caller()).try_run(|| Err::<(), _>("out of luck"));
    ensure_eq!(failed, Err("out of luck"), "the returned result");
    let went_well = case.tracer().join_trace("went well", &caller()).try_run(|| Ok::<_, &str>(7));
    ensure_eq!(went_well, Ok(7), "the returned result");
    if case.can(Capability::Recording) && case.can(Capability::Status) {
        let [failed, went_well] = case.spans(["failed", "went well"])?;
        ensure_status(&failed, Some(&RecordedStatus::Error("out of luck".to_owned())))?;
        ensure_status(&went_well, None)?;
    }
    Ok(())
}

fn the_status_is_set_only_explicitly(case: &Case) -> Checked {
    let parent = case.tracer().start_trace("unset");
    parent.event("exception");
    parent.start_child("failed").set_status(Status::failed());
    parent.start_child("ok").set_status(Status::Ok);
    parent.finish();
    let [unset, failed, ok] = case.spans(["unset", "failed", "ok"])?;
    ensure_status(&unset, None)?;
    ensure_status(&failed, Some(&RecordedStatus::Error(String::new())))?;
    ensure_status(&ok, Some(&RecordedStatus::Ok))
}

fn status_ok_is_final(case: &Case) -> Checked {
    let span = case.tracer().start_trace("span");
    span.set_status(Status::error("too early to tell")).set_status(Status::Ok);
    span.set_status(Status::error("too late")).set_status(Status::failed()).record_error("too late as well");
    span.finish();
    ensure_status(&case.span("span")?, Some(&RecordedStatus::Ok))
}

fn a_later_error_status_replaces_an_earlier_one(case: &Case) -> Checked {
    let span = case.tracer().start_trace("span");
    span.set_status(Status::failed()).set_status(Status::error("first")).record_error("second");
    span.set_status(Status::error(Value::from(&"third".to_owned())));
    span.finish();
    ensure_status(&case.span("span")?, Some(&RecordedStatus::Error("third".to_owned())))
}

fn an_error_status_without_description_keeps_the_earlier_description(case: &Case) -> Checked {
    let span = case.tracer().start_trace("span");
    span.set_status(Status::error("why")).set_status(Status::failed());
    span.finish();
    ensure_status(&case.span("span")?, Some(&RecordedStatus::Error("why".to_owned())))
}

fn any_number_of_events_is_harmless(case: &Case) -> Checked {
    let span = case.tracer().join_trace("span", &caller());
    for n in 0..10_000 {
        span.event(&format!("event {n}"));
    }
    span.event(&"e".repeat(1_000_000)).record_error(&"e".repeat(1_000_000)).event("");
    span.finish();
    ensure!(!case.can(Capability::Recording) || case.recorded().len() == 1, "the span is not recording");
    Ok(())
}

fn events_over_the_limit_are_counted(case: &Case) -> Checked {
    const GIVEN: usize = 2000;
    let span = case.tracer().start_trace("span");
    // The names differ, because a backend may merge equal events.
    for number in 0..GIVEN {
        span.event(&format!("event {number}"));
    }
    span.finish();
    let span = case.span("span")?;
    let recorded = span.events.len();
    ensure_eq!(
        recorded + span.dropped_events as usize,
        GIVEN,
        "the number of recorded ({recorded}) and dropped events"
    );
    Ok(())
}
