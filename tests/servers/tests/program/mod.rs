//! The programs of the examples.

use std::{env, process::Command};

/// One that has been built, in the folder above the tests' own.
pub(crate) fn built(name: &str) -> Command {
    let own = env::current_exe().unwrap();
    let program = own.ancestors().nth(2).unwrap().join(name);
    assert!(
        program.is_file(),
        "{} is missing: run this by `cargo xtask test --only servers`",
        program.display()
    );
    let mut command = Command::new(program);
    // What the machine says of itself is not what is tested.
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("OTEL_")) {
        command.env_remove(name);
    }
    command
}
