//! Coverage-guided fuzzing of the wire formats' parsers. Each target of `fuzz/` starts with its corpus and runs a fixed
//! number of inputs. Results are in `<target>/fuzz`: failing inputs in `artifacts`, others in `corpus`.

use std::fs;
use std::io;
use std::path::Path;

use crate::job::Job;
use crate::session::Session;
use crate::toolchain;

/// The number of inputs for each target, including those of the corpus.
const RUNS: &str = "-runs=100000";

/// The toolchain that supports coverage instrumentation.
const TOOLCHAIN: &str = "nightly";

/// The flags of cargo-fuzz, without a memory sanitizer, because the code contains no `unsafe`.
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
        return session.notice("fuzzing skipped: the nightly toolchain could not be installed");
    }
    if session.attempt(&Job::new("c++", ["--version"])).is_err() {
        return session.notice("fuzzing skipped: libFuzzer needs a C++ compiler, and `c++` is missing");
    }
    // With an explicit target, the flags do not apply to build scripts.
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
        _ => return session.fail("fuzz/fuzz_targets contains no target"),
    };
    for name in names {
        let corpus = format!("fuzz/corpus/{name}");
        let (found, artifacts) = (folder.join("corpus").join(&name), folder.join("artifacts").join(&name));
        let folders = [&found, &artifacts].map(fs::create_dir_all);
        if !session.project.root().join(&corpus).is_dir() || folders.iter().any(Result::is_err) {
            session.fail(format!("{name} has no corpus, or its output folders cannot be created"));
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

/// Returns the names of the files in `folder` without their extensions.
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
