//! Testbed scenarios: error reporting.

use anytrace_api::{self as trace, Event, carry};

use crate::areas::{checks, current::no_span_is_current, executor::on_a_thread};
use crate::{
    Capability, RecordedStatus,
    case::{Case, Checked, ensure, ensure_eq},
};

checks! { Scenarios:
    an_error_is_on_its_span_when_it_ends [Recording, Status];
    an_error_in_a_callback_is_on_its_span [Recording, Status];
    retries_are_events_and_only_the_last_error_is_the_status [Recording, Status];
    forwarding_a_span_through_a_layer_sets_no_error [Recording, Status];
}

fn error(why: &str) -> RecordedStatus {
    RecordedStatus::Error(why.to_owned())
}

/// Scenario 14: errors.
fn an_error_is_on_its_span_when_it_ends(case: &Case) -> Checked {
    let result = trace::start_span("span").try_run(|| Err::<(), _>("invalid file"));
    ensure_eq!(result, Err("invalid file"), "the returned result");
    no_span_is_current("afterwards")?;
    ensure_eq!(case.span("span")?.status, Some(error("invalid file")), "the status");
    Ok(())
}

/// Scenario 14 in a callback.
fn an_error_in_a_callback_is_on_its_span(case: &Case) -> Checked {
    let span = case.tracer().start_trace("span");
    on_a_thread(move || {
        let scope = span.entered();
        trace::record_error("invalid file");
        scope.finish();
        no_span_is_current("after the callback")
    })?;
    ensure_eq!(case.span("span")?.status, Some(error("invalid file")), "the status");
    Ok(())
}

/// Scenario 14 with retries.
fn retries_are_events_and_only_the_last_error_is_the_status(case: &Case) -> Checked {
    const RETRIES: usize = 3;
    for (name, succeeds) in [("fails", false), ("succeeds", true)] {
        trace::start_span(name).run(|| {
            for retry in 1..=RETRIES {
                let tags = trace::tags! { "retry" => retry };
                trace::event_with(Event::new("failed").tags(&tags));
            }
            if !succeeds {
                trace::record_error("no more retries");
            }
        });
    }
    let [fails, succeeds] = case.spans(["fails", "succeeds"])?;
    ensure_eq!((fails.status, succeeds.status), (Some(error("no more retries")), None), "the statuses");
    if case.can(Capability::Events) {
        for events in [&fails.events, &succeeds.events] {
            let failed = events.iter().filter(|event| event.name == "failed");
            ensure_eq!(failed.count(), RETRIES, "the number of recorded retries");
        }
    }
    Ok(())
}

/// Scenario 14 with a layer that only forwards the span.
fn forwarding_a_span_through_a_layer_sets_no_error(case: &Case) -> Checked {
    let span = trace::start_span("span");
    let (quiet, reports) = span.in_scope(|| {
        (
            carry(|| Err::<(), _>("not reported".to_owned())),
            carry(|| {
                trace::record_error("reported");
                Err::<(), _>("reported".to_owned())
            }),
        )
    });
    let other = trace::start_span("other");
    let unreported = other.in_scope(|| carry(|| Err::<(), _>("not reported".to_owned())));
    ensure!(on_a_thread(quiet).is_err() && on_a_thread(reports).is_err(), "an error was not returned");
    ensure!(on_a_thread(unreported).is_err(), "an error was not returned");
    no_span_is_current("afterwards")?;
    span.finish();
    other.finish();
    let [span, other] = case.spans(["span", "other"])?;
    ensure_eq!((span.status, other.status), (Some(error("reported")), None), "the statuses");
    Ok(())
}
