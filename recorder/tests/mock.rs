//! The mock tracer.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
};

use anytrace_api::{
    self as trace, Context, EndReason, Operation, Sampling, TraceContext, TracerExt, backend::Tracer,
};
use anytrace_recorder::MockTracer;

#[test]
fn unfinished_returns_the_open_spans() {
    let mock = MockTracer::new();
    let a = mock.start_trace("a").tag("n", 1);
    let b = a.start_child("b");
    let names =
        |mock: &MockTracer| mock.unfinished().iter().map(|span| span.name().to_owned()).collect::<Vec<_>>();
    assert_eq!(names(&mock), ["a", "b"]);
    let open = mock.unfinished();
    assert_eq!((open[0].end_reason(), open[0].end() >= open[0].start()), (EndReason::Dropped, true));
    assert_eq!(open[1].parent_span_id(), Some(open[0].span_id()));
    a.finish();
    assert_eq!(names(&mock), ["b"]);
    let reference = b.reference();
    thread::scope(|scope| _ = scope.spawn(move || b.finish()));
    reference.set_tag("late", true);
    assert!(mock.unfinished().is_empty());
    mock.assert_all_finished();
    assert_eq!(mock.outline(), "a(b)");
}

#[test]
fn ended_spans_are_not_unfinished() {
    let mock = MockTracer::new();
    let open = mock.start_trace("open");
    for _ in 0..1000 {
        mock.start_trace("ended").finish();
    }
    assert_eq!(mock.unfinished().len(), 1);
    open.finish();
    assert!(mock.unfinished().is_empty());
}

#[test]
fn an_open_span_is_reported_with_its_location() {
    let mock = MockTracer::new();
    let leaked = [
        mock.start_trace("by the tracer"),
        mock.run(|| trace::start_span("by the verb")),
        mock.run(|| trace::join_trace("by joining", &Context::EMPTY)),
        mock.start_trace("parent").start_child("by its parent"),
    ];
    let here = line!() - 2;
    let panic = catch_unwind(AssertUnwindSafe(|| mock.assert_all_finished())).unwrap_err();
    let message = panic.downcast::<String>().unwrap();
    assert!(message.starts_with("4 spans are not finished:\n"), "{message}");
    for (name, line) in [
        ("by the tracer", here - 3),
        ("by the verb", here - 2),
        ("by joining", here - 1),
        ("by its parent", here),
    ] {
        let line_of_span = message.lines().find(|line| line.contains(name));
        let reported = line_of_span.unwrap_or_else(|| panic!("{name}: {message}"));
        assert!(reported.contains(&format!("{name:?}, started at {}:{line}:", file!())), "{message}");
    }
    drop(leaked);
    mock.assert_all_finished();
}

#[test]
fn an_outline_shows_nested_and_sibling_spans() {
    let mock = MockTracer::new();
    assert_eq!(mock.outline(), "");
    let span = |name: &'static str| trace::start_span(name);
    mock.run(|| {
        span("a").run(|| {
            span("b").run(|| span("c").run(|| span("d").finish()));
            span("e").finish();
        });
        span("f").run(|| span("g").finish());
    });
    assert_eq!(mock.outline(), "a(b(c(d)), e) f(g)");
    assert_eq!(mock.tree(), "a\n  b\n    c\n      d\n  e\nf\n  g\n");
}

#[test]
fn a_span_with_a_preset_context_has_its_ids() {
    let (one, other) = (MockTracer::new(), MockTracer::new());
    let root = one.start_trace("root");
    let child = root.start_child("child");
    let operation = Operation::client("child");
    let copy = other.start(&operation.preset_context(child.context()), Some(root.context()));
    let copy_of_root = other.start(&operation.preset_context(root.context()), None);
    assert_eq!((copy.context(), copy_of_root.context()), (child.context(), root.context()));
    for span in [root, child, copy, copy_of_root] {
        span.finish();
    }
    let ids = |mock: &MockTracer| {
        let spans = mock.finished();
        let mut ids: Vec<_> =
            spans.iter().map(|span| (span.trace_id(), span.span_id(), span.parent_span_id())).collect();
        ids.sort();
        ids
    };
    assert_eq!(ids(&one), ids(&other));
}

#[test]
fn a_span_with_a_preset_context_follows_its_sampling_decision() {
    let never = MockTracer::with(|builder| builder.sampler(anytrace_recorder::Sampler::never()));
    let recorded = MockTracer::new().start_trace("recorded").context().clone();
    let dropped = recorded.clone().with_sampling(Sampling::Drop);
    assert!(never.start(&Operation::from("copy").preset_context(&recorded), None).is_recording());
    let copy = never.start(&Operation::from("copy").preset_context(&dropped), None);
    assert_eq!((copy.is_recording(), copy.context()), (false, &dropped));
    // Without ids, the context is ignored and the sampler decides.
    let empty = Context::EMPTY;
    assert!(!never.start(&Operation::from("copy").preset_context(&empty), None).is_recording());
}

#[test]
fn the_halves_of_a_shared_span_are_siblings() {
    let mock = MockTracer::with(|builder| builder.span_sharing(anytrace_recorder::SpanSharing::SharedSpan));
    let client = mock.start_trace(Operation::client("call"));
    let (trace_id, span_id) = client.context().ids().unwrap();
    let caller = Context::remote(trace_id, span_id, Sampling::Record).with_shareable(true);
    mock.join_trace(Operation::server("answer"), &caller).finish();
    client.finish();
    assert_eq!(mock.tree(), "call [client]\nanswer [server]\n");
}
