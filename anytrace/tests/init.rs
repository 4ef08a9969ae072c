//! The tracer of the process, which can be installed only once per test binary.

use std::time::Duration;

use anytrace::MemoryRecorder;

#[test]
fn init_installs_once() {
    let memory = MemoryRecorder::new();
    let builder = || anytrace::builder().variables(|_| None).recorder(memory.clone());
    let tracing = builder().init().unwrap();
    let error = builder().init().unwrap_err();
    assert_eq!(error.to_string(), "another tracer is installed already");

    anytrace::start_span("load").finish();
    assert_eq!(tracing.shutdown(Duration::from_secs(60)).delivered, 1);
    anytrace::start_span("too late").finish();
    assert_eq!(memory.spans().len(), 1);
}
