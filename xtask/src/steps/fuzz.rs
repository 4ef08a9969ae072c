//! The parsers of the wire formats under a coverage-guided fuzzer: each target of `fuzz/` from its corpus, for so many
//! inputs. What is found stays in `<target>/fuzz`: an input that breaks a law in `artifacts`, others in `corpus`.

use std::fs;
use std::io;
use std::path::Path;

use crate::job::Job;
use crate::session::Session;
use crate::toolchain;

/// How many inputs each target is given, those of its corpus included.
const RUNS: &str = "-runs=100000";

/// The toolchain that can tell a fuzzer where an input leads.
const TOOLCHAIN: &str = "nightly";

/// What cargo-fuzz would build with. No sanitizer of memory: there is no `unsafe` to find fault with.
const FLAGS: &[&str] = &[
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Ccodegen-units=1",
    "--cfg=fuzzing",
];

/// Runs the step.
pub(super) fn run(session: &mut Session<'_>) {
    if toolchain::need(session, TOOLCHAIN).is_err() {
        return session.notice("nothing was fuzzed: nightly could not be had");
    }
    if session.attempt(&Job::new("c++", ["--version"])).is_err() {
        return session.notice("nothing was fuzzed: libFuzzer needs a C++ compiler, and there is no `c++`");
    }
    // With a target named, the flags are not for build scripts.
    let Some(host) = session.output(&Job::new("rustc", ["+nightly", "--print", "host-tuple"])) else {
        return;
    };
    let folder = session.project.target().join("fuzz");
    let build = Job::cargo(["+nightly", "build", "--release", "--locked", "--bins", "--target", host.trim()])
        .with(["--manifest-path", "fuzz/Cargo.toml"])
        .set("RUSTFLAGS", FLAGS.join(" "))
        .set("CARGO_TARGET_DIR", &folder);
    if !session.run(&build) {
        return;
    }
    let names = match targets(&session.project.root().join("fuzz/fuzz_targets")) {
        Ok(names) if !names.is_empty() => names,
        _ => return session.fail("there is no target in fuzz/fuzz_targets"),
    };
    for name in names {
        let corpus = format!("fuzz/corpus/{name}");
        let (found, artifacts) = (folder.join("corpus").join(&name), folder.join("artifacts").join(&name));
        let folders = [&found, &artifacts].map(fs::create_dir_all);
        if !session.project.root().join(&corpus).is_dir() || folders.iter().any(Result::is_err) {
            session.fail(format!("{name} has no corpus, or no place for a new one"));
            continue;
        }
        let mut prefix = std::ffi::OsString::from("-artifact_prefix=");
        prefix.push(artifacts.join(""));
        let fuzz = Job::new(folder.join(host.trim()).join("release").join(&name), [RUNS])
            .with(["-max_len=4096", "-timeout=10", "-print_final_stats=1"])
            .with([prefix, found.into(), corpus.into()]);
        session.run(&fuzz);
    }
}

/// The names of the files in `folder`, without their ending.
fn targets(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for file in fs::read_dir(folder)? {
        if let Some(name) = file?.path().file_stem() {
            names.push(name.to_string_lossy().into_owned());
        }
    }
    names.sort_unstable();
    Ok(names)
}
