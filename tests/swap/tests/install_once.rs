//! A tracer is installed once; a second is given back.

use anytrace_api::{self as trace, install};
use anytrace_recorder::MockTracer;

#[test]
fn the_second_tracer_is_refused_and_given_back() {
    let (first, second) = (MockTracer::new(), MockTracer::new());
    install(first.clone()).expect("nothing is installed yet");

    let refused = install(second.clone()).unwrap_err();
    assert_eq!(refused.to_string(), "another tracer is installed already");
    trace::start_span("by the first").finish();

    let given_back: MockTracer = refused.into_refused();
    trace::with_tracer(&given_back.handle(), || trace::start_span("by the second").finish());
    assert_eq!(second.tree(), "by the second\n", "it is the same, and still works");
    assert_eq!(first.tree(), "by the first\n");

    install(first.clone()).expect_err("not even the same again");
}
