//! The warning about a guard that is dropped at once, in a process of its own.

use std::{
    env,
    process::{Command, Output},
};

/// Set in the process that drops its guard.
const CHILD: &str = "ANYTRACE_TEST_FORGOTTEN_GUARD";

fn run_child(kind: &str) -> Output {
    let mut child = Command::new(env::current_exe().unwrap());
    child.args(["--exact", "child", "--nocapture"]).env(CHILD, kind).output().unwrap()
}

/// The code of the child process; without the variable, an empty test.
#[test]
fn child() {
    let builder = || anytrace::builder().variables(|_| None).recorder(anytrace::MemoryRecorder::new());
    match env::var(CHILD).as_deref() {
        Ok("forgotten") => {
            let _ = builder().init().unwrap();
            anytrace::start_span("after the drop").finish();
        }
        Ok("kept") => {
            let _tracing = builder().init().unwrap();
            anytrace::start_span("traced").finish();
        }
        _ => {}
    }
}

#[test]
fn a_guard_that_is_dropped_at_once_warns() {
    let output = run_child("forgotten");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("write `let _tracing = anytrace::init()?`"), "{stderr}");
    assert_eq!(stderr.matches("dropped at once").count(), 1, "{stderr}");
}

#[test]
fn a_kept_guard_does_not_warn() {
    let output = run_child("kept");
    assert!(
        output.status.success() && !String::from_utf8_lossy(&output.stderr).contains("anytrace: "),
        "{output:?}"
    );
}
