//! A handle created before `install` works after it.

use std::{sync::mpsc, thread};

use anytrace_api::{self as trace, TracerExt, TracerHandle, install};
use anytrace_recorder::MockTracer;
use bookshop::{Headers, Publisher};

#[test]
fn a_handle_created_before_install_works_after_it() {
    let handle = trace::tracer();
    let publisher =
        Publisher::new(|headers: Headers| if headers.contains_key("traceparent") { 202 } else { 200 });
    let early = handle.start_trace("too early");
    assert!(handle.is_none() && early.is_none());
    assert!(publisher.order("Emma", 1), "the order succeeds without a tracer");
    let (installed, wait) = mpsc::channel::<()>();
    let other_thread = handle.clone();
    let waiting = thread::spawn(move || {
        wait.recv().unwrap();
        other_thread.start_trace("other_thread").finish();
    });

    let mock = MockTracer::new();
    install(mock.clone()).expect("nothing is installed yet");

    assert!(!handle.is_none());
    assert!(publisher.order("Emma", 2));
    let order = "publisher.order [client] title=Emma copies=2 http.response.status_code=202\n";
    assert_eq!(mock.tree(), order);
    mock.reset();
    early.start_child("child of an unrecorded span").finish();
    early.finish();
    installed.send(()).unwrap();
    waiting.join().unwrap();
    handle.start_trace("here").finish();
    assert_eq!(mock.tree(), "child of an unrecorded span\nother_thread\nhere\n");

    // This handle follows scoped tracers too. A handle made for one tracer does not.
    let (scoped, fixed) = (MockTracer::new(), TracerHandle::new(mock.clone()));
    mock.reset();
    trace::with_tracer(&scoped.handle(), || {
        handle.start_trace("late").finish();
        fixed.start_trace("fixed").finish();
    });
    assert_eq!((scoped.tree().as_str(), mock.tree().as_str()), ("late\n", "fixed\n"));
    assert!(mock.flush_blocking(std::time::Duration::from_secs(10)).result.is_ok());
}
