//! Shows how to write tags, events and errors to the current span, and how to trace an operation with one call.

use std::{fmt::Display, net::Ipv4Addr, num::ParseIntError};

use anytrace_api::{self as trace, Event, Operation, Tag, Value, tags, with_tracer};
use anytrace_recorder::MockTracer;

fn main() {
    let mock = MockTracer::new();
    with_tracer(&mock.handle(), || {
        let rows = trace_operation("database.get_user", &tags! { "user.id" => 7 }, Some("order-7f3a"), load);
        assert_eq!(rows, Ok(2));
        trace_operation("cache.get_user", &[], None, || Err::<(), _>("no connection")).unwrap_err();
        trace::start_span("values").run(values);
    });
    print!("{}", mock.tree());
    let expected = "\
database.get_user user.id=7 correlation_id=order-7f3a rows=2 peer=127.0.0.1 !validation
cache.get_user !exception error(no connection)
values bool=true count=3 ratio=0.5 text=fine list=[\"a\", \"b\"] sizes=[1, 2] owned=a name route=3
";
    assert_eq!(mock.tree(), expected);
}

/// Traces an operation with a name, tags and a correlation id, and records its error.
fn trace_operation<R, E: Display>(
    name: &'static str,
    tags: &[Tag<'_>],
    correlation_id: Option<&str>,
    work: impl FnOnce() -> Result<R, E>,
) -> Result<R, E> {
    let span = trace::start_span(Operation::internal(name).tags(tags)).tag("correlation_id", correlation_id);
    span.try_run(work)
}

/// Code far from the span writes to the current span.
fn load() -> Result<u64, ParseIntError> {
    let rows = "2".parse()?;
    trace::set_tag("rows", rows);
    trace::event_with(Event::new("validation").tags(&tags! { "validator" => "schema", "errors" => 0 }));
    // The value is formatted only if the span is recorded.
    trace::current_span().set_tag_display("peer", &Ipv4Addr::LOCALHOST);
    Ok(rows)
}

/// Sets tags of various types. `None` sets no tag.
fn values() {
    let (owned, list) = (String::from("a name"), ["a", "b"]);
    trace::set_tags(
        &tags! { "bool" => true, "count" => 3, "ratio" => 0.5, "text" => "fine", "list" => &list },
    );
    trace::set_tag("sizes", &[1_i64, 2]);
    trace::set_tag("owned", &owned);
    trace::set_tag("absent", None::<u8>);
    // A key that is not a literal is wrapped in `Name::copied`.
    trace::set_tag(trace::Name::copied(&"route!"[..5]), Value::from(2));
    trace::set_tag("route", 3); // replaces the value
}
