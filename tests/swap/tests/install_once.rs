//! Only one tracer can be installed. A second one is returned to the caller.

use anytrace_api::{self as trace, install};
use anytrace_recorder::MockTracer;

#[test]
fn a_second_tracer_is_rejected_and_returned() {
    let (first, second) = (MockTracer::new(), MockTracer::new());
    install(first.clone()).expect("nothing is installed yet");

    let error = install(second.clone()).unwrap_err();
    assert_eq!(error.to_string(), "another tracer is installed already");
    trace::start_span("by the first").finish();

    let returned: MockTracer = error.into_refused();
    trace::with_tracer(&returned.handle(), || trace::start_span("by the second").finish());
    assert_eq!(second.tree(), "by the second\n", "the returned tracer still works");
    assert_eq!(first.tree(), "by the first\n");

    install(first.clone()).expect_err("installing the same tracer again is an error too");
}
