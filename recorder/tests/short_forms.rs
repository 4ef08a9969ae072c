//! The short forms of the API record the same as the long ones.
#![allow(missing_docs, reason = "a test")]

use std::{error::Error, fmt, io, net::Ipv4Addr, panic, task, time::Duration};

use anytrace_api::{
    self as trace, Event, FutureExt, InstrumentationScope, Link, Name, Operation, Status, TracerExt, Value,
    instrumentation_scope, tags,
};
use anytrace_recorder::MockTracer;

static SCOPE: InstrumentationScope = instrumentation_scope!();

#[test]
fn setters_chain_on_a_new_span() {
    let mock = MockTracer::new();
    mock.run(|| {
        let other = trace::start_trace("other");
        trace::start_trace("load")
            .tag("rows", 3)
            .tags(&tags! { "cache" => "l2" })
            .tag_display("peer", &Ipv4Addr::LOCALHOST)
            .with_event(Event::new("cache miss"))
            .with_link(Link::to(&other))
            .with_status(Status::error("no such table"))
            .finish();
        other.finish();
    });
    let span = mock.span("load");
    let tags: Vec<_> = span.tags().map(|(key, value)| (key.to_string(), value.to_string())).collect();
    let expected = [("rows", "3"), ("cache", "l2"), ("peer", "127.0.0.1")];
    assert_eq!(tags, expected.map(|(key, value)| (key.to_string(), value.to_owned())));
    assert_eq!((span.events().count(), span.links().count(), span.is_error()), (1, 1, true));
}

#[test]
fn an_error_is_recorded_with_its_causes() {
    #[derive(Debug)]
    struct CannotLoad(io::Error);
    impl fmt::Display for CannotLoad {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("cannot load the users")
        }
    }
    impl Error for CannotLoad {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&self.0)
        }
    }
    let message = |error: &dyn Fn(&trace::SpanRef)| {
        let mock = MockTracer::new();
        let span = mock.start_trace("load");
        error(&span);
        span.finish();
        let span = mock.span("load");
        let event = span.events().next().expect("an event `exception`");
        let found = event.tags().find(|(key, _)| *key == "exception.message");
        found.expect("a message").1.to_string()
    };
    let error = CannotLoad(io::Error::other("disk full"));
    assert_eq!(message(&|span| _ = span.record_error_chain(&error)), "cannot load the users: disk full");
    let boxed: Box<dyn Error + Send + Sync> = Box::new(CannotLoad(io::Error::other("disk full")));
    assert_eq!(message(&|span| _ = span.record_error_chain(&*boxed)), "cannot load the users: disk full");
}

#[test]
fn a_scope_names_the_library_and_keeps_the_location() {
    let mock = MockTracer::new();
    let line = line!() + 2;
    mock.run(|| {
        SCOPE.start_span(Operation::client("load")).finish();
        SCOPE.start_trace("root").finish();
        SCOPE.join_trace("joined", &anytrace_api::Context::EMPTY).finish();
    });
    for (name, line) in [("load", line), ("root", line + 1), ("joined", line + 2)] {
        let span = mock.span(name);
        assert_eq!(span.instrumentation_scope(), Some(&SCOPE), "{name}");
        assert_eq!(span.location().map(panic::Location::line), Some(line), "{name}");
    }
}

#[test]
fn an_event_with_tags_has_a_short_form() {
    let mock = MockTracer::new();
    mock.run(|| {
        trace::start_trace("load").run(|| trace::event_tags("retried", &tags! { "attempt" => 2 }));
    });
    let span = mock.span("load");
    let event = span.events().next().expect("the event");
    let tags: Vec<_> = event.tags().map(|(key, value)| (key, value)).collect();
    assert_eq!((event.name(), tags), ("retried", vec![("attempt", Value::I64(2))]));
}

#[test]
fn names_and_values_of_borrowed_text_and_durations_convert() {
    fn load(name: &str, key: &str, value: &str) {
        trace::start_trace(&name).tag(&key, value).tag("took", Duration::from_millis(1500)).finish();
    }
    let mock = MockTracer::new();
    let (name, key, value) = (String::from("load"), String::from("user"), String::from("ada"));
    mock.run(|| load(&name, &key, &value));
    let span = mock.span("load");
    assert_eq!((span.tag("user"), span.tag("took")), (Some(Value::Copied("ada")), Some(Value::F64(1.5))));
    assert_eq!(Name::from(&name).as_str(), "load");
}

#[test]
fn run_async_ends_the_span_after_the_future() {
    let mock = MockTracer::new();
    let mut test = std::pin::pin!(mock.run_async(async {
        trace::start_span("load").run_async(async { trace::event("found") }).await;
        async { trace::event("found") }.in_span(trace::start_span("again")).await;
    }));
    let mut context = task::Context::from_waker(task::Waker::noop());
    assert!(test.as_mut().poll(&mut context).is_ready());
    assert_eq!((mock.span("load").events().count(), mock.span("again").events().count()), (1, 1));
}

#[test]
fn an_unknown_span_name_panics_at_the_line_of_the_caller() {
    let mock = MockTracer::new();
    mock.start_trace("load").finish();
    let message = |name: &str| {
        let panicked =
            panic::catch_unwind(panic::AssertUnwindSafe(|| mock.span(name))).expect_err("no such span");
        panicked.downcast_ref::<String>().expect("a formatted message").clone()
    };
    assert_eq!(message("no such"), "no span is named \"no such\":\nload\n");
    mock.start_trace("load").finish();
    assert_eq!(message("load"), "2 spans are named \"load\":\nload\nload\n");
}
