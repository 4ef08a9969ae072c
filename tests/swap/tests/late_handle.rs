//! A handle to the global tracer cannot be installed as the global tracer.

use anytrace_api::{self as trace, TracerHandle, install};
use anytrace_recorder::MockTracer;

#[test]
fn a_handle_to_the_global_tracer_cannot_be_installed() {
    let global = trace::tracer();
    let error = install(global.clone()).unwrap_err();
    assert_eq!(error.to_string(), "a late-bound handle to the installed tracer cannot be installed");
    let returned: TracerHandle = error.into_refused();
    assert!(returned.is_none(), "nothing is installed");

    let mock = MockTracer::new();
    install(mock.clone()).expect("nothing is installed");
    returned.start_trace("late").finish();
    assert_eq!(mock.tree(), "late\n", "the returned handle works after install");
    install(global).expect_err("the handle cannot be installed later either");
}
