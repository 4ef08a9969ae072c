//! A handle to whatever is installed is nothing to install.

use anytrace_api::{self as trace, TracerHandle, install};
use anytrace_recorder::MockTracer;

#[test]
fn a_late_handle_cannot_be_installed() {
    let late = trace::tracer();
    let refused = install(late.clone()).unwrap_err();
    assert_eq!(refused.to_string(), "a handle to the installed tracer cannot be installed");
    let given_back: TracerHandle = refused.into_refused();
    assert!(given_back.is_none(), "and nothing was installed by it");

    let mock = MockTracer::new();
    install(mock.clone()).expect("the place is still free");
    given_back.start_trace("late").finish();
    assert_eq!(mock.tree(), "late\n", "what was given back is the same handle");
    install(late).expect_err("later neither");
}
