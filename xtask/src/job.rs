//! A command of a step.

use std::ffi::OsString;
use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::processes;

/// The default time limit of a command, so that a hanging test does not hang the whole run.
const DEFAULT_LIMIT: Duration = Duration::from_mins(30);

/// A command that has not been started.
#[derive(Debug)]
#[must_use = "the command only runs in a session"]
pub(crate) struct Job {
    program: OsString,
    args: Vec<OsString>,
    variables: Vec<(&'static str, Option<OsString>)>,
    limit: Duration,
}

impl Job {
    /// Creates a command that runs a program.
    pub(crate) fn new<A: Into<OsString>>(
        program: impl Into<OsString>,
        args: impl IntoIterator<Item = A>,
    ) -> Self {
        let args = args.into_iter().map(Into::into).collect();
        Self { program: program.into(), args, variables: Vec::new(), limit: DEFAULT_LIMIT }
    }

    /// Creates a cargo command.
    pub(crate) fn cargo<A: Into<OsString>>(args: impl IntoIterator<Item = A>) -> Self {
        Self::new("cargo", args)
    }

    /// Adds arguments.
    pub(crate) fn with<A: Into<OsString>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Sets an environment variable.
    pub(crate) fn set(mut self, name: &'static str, value: impl Into<OsString>) -> Self {
        self.variables.push((name, Some(value.into())));
        self
    }

    /// Removes an environment variable.
    pub(crate) fn unset(mut self, name: &'static str) -> Self {
        self.variables.push((name, None));
        self
    }

    /// Sets the time limit. A command that exceeds it is killed and fails.
    pub(crate) fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Returns the command without its variables.
    pub(crate) fn words(&self) -> String {
        let words = std::iter::once(&self.program).chain(&self.args);
        words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
    }

    /// Returns the command as it would be typed in a shell.
    pub(crate) fn line(&self) -> String {
        let set = self.variables.iter().filter_map(|(name, value)| {
            let value = value.as_ref()?.to_string_lossy().into_owned();
            let quote = if value.contains(' ') { "\"" } else { "" };
            Some(format!("{name}={quote}{value}{quote}"))
        });
        set.chain([self.words()]).collect::<Vec<_>>().join(" ")
    }

    /// Runs the command to its end, with its output in these files. `waiting` is called several times per second.
    pub(crate) fn run(
        &self,
        folder: &Path,
        out: File,
        err: File,
        mut waiting: impl FnMut(),
    ) -> Result<(), String> {
        let mut command = Command::new(&self.program);
        command.args(&self.args).current_dir(folder);
        command.stdin(Stdio::null()).stdout(out).stderr(err);
        // Cargo's variables about the package `xtask` must not reach the children.
        for (name, _) in std::env::vars_os().filter(|(name, _)| is_of_package(&name.to_string_lossy())) {
            command.env_remove(name);
        }
        command.env("CARGO_TERM_COLOR", "never");
        for (name, value) in &self.variables {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let child = command
            .spawn()
            .map_err(|error| format!("cannot start {}: {error}", self.program.to_string_lossy()))?;
        match (Running { child }).wait(self.limit, &mut waiting)? {
            status if status.success() => Ok(()),
            status => Err(format!("{status}")),
        }
    }
}

fn is_of_package(variable: &str) -> bool {
    ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"]
        .iter()
        .any(|prefix| variable.starts_with(prefix))
}

/// A child process, which is killed when this value is dropped.
struct Running {
    child: Child,
}

impl Running {
    fn wait(mut self, limit: Duration, waiting: &mut dyn FnMut()) -> Result<ExitStatus, String> {
        let began = Instant::now();
        let mut pause = Duration::from_millis(2);
        loop {
            let ended =
                self.child.try_wait().map_err(|error| format!("cannot wait for the process: {error}"))?;
            if let Some(status) = ended {
                return Ok(status);
            }
            if began.elapsed() > limit {
                return Err(format!("killed after the time limit of {} s", limit.as_secs()));
            }
            waiting();
            thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(100));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            processes::end_tree(self.child.id());
            // Both calls fail only if the process has already ended.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    fn run(job: &Job) -> Result<(), String> {
        let null = || File::create("/dev/null").expect("the null device exists");
        job.run(Path::new("."), null(), null(), || {})
    }

    #[test]
    fn the_line_shows_what_is_set() {
        let job = Job::cargo(["doc"]).set("RUSTDOCFLAGS", "-D warnings").unset("HOME").with(["--no-deps"]);
        assert_eq!(job.line(), "RUSTDOCFLAGS=\"-D warnings\" cargo doc --no-deps");
    }

    #[cfg(unix)]
    #[test]
    fn a_failure_contains_the_exit_status() {
        assert_eq!(run(&Job::new("sh", ["-c", "exit 0"])), Ok(()));
        assert_eq!(run(&Job::new("sh", ["-c", "exit 3"])), Err("exit status: 3".to_owned()));
        assert!(
            run(&Job::new("no such program", [""; 0])).is_err_and(|e| e.starts_with("cannot start no such"))
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_command_over_its_time_limit_is_killed_with_its_children() {
        let began = Instant::now();
        let job = Job::new("sh", ["-c", "sleep 600 & wait"]).limit(Duration::from_millis(20));
        assert_eq!(run(&job), Err("killed after the time limit of 0 s".to_owned()));
        assert!(began.elapsed() < Duration::from_mins(1));
    }
}
