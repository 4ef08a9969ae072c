//! The program `costs`, which measures instructions and times of all cases.

use std::process::ExitCode;

fn main() -> ExitCode {
    anytrace_bench::costs()
}
