//! Shows how a span records errors: of `Result`, boxed errors, `anyhow` and panics.

use std::{
    error::Error,
    num::ParseIntError,
    panic::{AssertUnwindSafe, catch_unwind},
};

use anytrace_api::{self as trace, EndReason, FutureExt, Status, with_tracer};
use anytrace_recorder::MockTracer;

fn main() {
    let mock = MockTracer::new();
    with_tracer(&mock.handle(), || {
        parse("x").unwrap_err();
        boxed("x").unwrap_err();
        with_context("x").unwrap_err();
        assert_eq!(sum_of_valid("1,x,y"), 1);
        respond(404);
        respond(503);
        // The panic propagates, and the span ends as panicked.
        std::panic::set_hook(Box::new(|_| ()));
        catch_unwind(AssertUnwindSafe(panics)).unwrap_err();
        drop(std::panic::take_hook());
    });
    in_a_future(&mock);
    print!("{}", mock.tree());

    let parse = mock.span("parse");
    let exception = parse.events().next().unwrap();
    assert_eq!(exception.tag("exception.type").unwrap().to_string(), "core::num::error::ParseIntError");
    assert_eq!(exception.tag("exception.message").unwrap().to_string(), "invalid digit found in string");
    let description = "reading the port: invalid digit found in string";
    assert_eq!(
        mock.span("with context").status(),
        Some(Status::error(description)),
        "`anyhow` shows its causes"
    );
    assert_eq!(mock.span("sum of valid").events().count(), 2);
    assert_eq!(mock.finished().iter().filter(|span| span.name() == "respond" && span.is_error()).count(), 1);
    assert_eq!(mock.span("panics").end_reason(), EndReason::Panicked);
    assert!(mock.span("in a future").is_error());
}

/// `try_run` records the error of the closure and returns it.
fn parse(text: &str) -> Result<u16, ParseIntError> {
    trace::start_span("parse").try_run(|| text.parse())
}

/// Boxed errors work too: an error only has to implement `Display`.
fn boxed(text: &str) -> Result<u16, Box<dyn Error + Send + Sync>> {
    trace::start_span("boxed").try_run(|| {
        if text.is_empty() {
            return Err("nothing to parse".into());
        }
        Ok(text.parse()?)
    })
}

fn with_context(text: &str) -> anyhow::Result<u16> {
    use anyhow::Context as _;
    trace::start_span("with context").try_run(|| text.parse().context("reading the port"))
}

/// Records errors that do not fail the operation, and sets the final status to ok.
fn sum_of_valid(text: &str) -> u64 {
    let span = trace::start_span("sum of valid").entered();
    let numbers = text.split(',').map(|text| span.record_result(text.parse::<u64>()));
    let sum = numbers.filter_map(Result::ok).sum();
    span.set_status(Status::Ok);
    span.finish();
    sum
}

/// Sets an error status without an error value.
fn respond(status: u16) {
    let span = trace::start_span("respond").tag("status", status);
    if status >= 500 {
        span.set_status(Status::error("server error"));
    }
    span.finish();
}

fn panics() {
    trace::start_span("panics").run(|| panic!("this panic is part of the example"));
}

#[tokio::main(flavor = "current_thread")]
async fn in_a_future(mock: &MockTracer) {
    let work = async {
        let span = trace::start_span("in a future");
        async { "x".parse::<u16>() }.try_in_span(span).await
    };
    work.with_tracer(&mock.handle()).await.unwrap_err();
}
