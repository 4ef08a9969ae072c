//! Runs the programs of this package.

use std::{env, process::Command};

/// Returns the command for a program, without the tracing variables of the environment.
pub(crate) fn without_tracing_variables(program: &str) -> Command {
    let mut command = Command::new(program);
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("OTEL_")) {
        command.env_remove(name);
    }
    command
}
