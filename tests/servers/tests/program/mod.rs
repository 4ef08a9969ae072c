//! The programs of the examples.

use std::{env, process::Command};

/// Returns a command for a built program, which is in the parent folder of the test binaries.
pub(crate) fn built(name: &str) -> Command {
    let test = env::current_exe().unwrap();
    let program = test.ancestors().nth(2).unwrap().join(name);
    assert!(
        program.is_file(),
        "{} is missing: run this test with `cargo xtask test --only servers`",
        program.display()
    );
    let mut command = Command::new(program);
    // Settings of the machine must not influence the tests.
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("OTEL_")) {
        command.env_remove(name);
    }
    command
}
