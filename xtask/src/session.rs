//! A running step: its commands and their results.

use std::io;
use std::time::Instant;

use crate::job::Job;
use crate::log::{Log, Wanted};
use crate::project::Project;
use crate::test_counts::TestCounts;

/// Runs the commands of one step. Their output goes to the step's log; failures and notices are collected for the
/// report.
#[derive(Debug)]
pub(crate) struct Session<'project> {
    /// The project.
    pub(crate) project: &'project Project,
    /// The failed checks. The step has failed if there is one.
    pub(crate) failures: Vec<String>,
    /// The checks that could not be carried out. They count neither as passed nor as failed.
    pub(crate) notices: Vec<String>,
    /// The tests that ran.
    pub(crate) counts: TestCounts,
    name: &'static str,
    log: Log,
    began: Instant,
}

impl<'project> Session<'project> {
    /// Starts a step with an empty log.
    pub(crate) fn begin(project: &'project Project, name: &'static str) -> io::Result<Self> {
        Ok(Self {
            project,
            failures: Vec::new(),
            notices: Vec::new(),
            counts: TestCounts::default(),
            name,
            log: Log::create(project, name)?,
            began: Instant::now(),
        })
    }

    /// Runs a command that must succeed. Returns whether it did.
    pub(crate) fn run(&mut self, job: &Job) -> bool {
        let (_, result) = self.execute(job, Wanted::Both);
        result.map_err(|reason| self.fail(reason)).is_ok()
    }

    /// Runs a command that must succeed, and returns its standard output.
    pub(crate) fn output(&mut self, job: &Job) -> Option<String> {
        self.attempt(job).map_err(|reason| self.fail(reason)).ok()
    }

    /// Runs tests and counts them.
    pub(crate) fn run_tests(&mut self, job: &Job) -> bool {
        let (output, result) = self.execute(job, Wanted::Both);
        self.counts += TestCounts::of_output(&output);
        result.map_err(|reason| self.fail(reason)).is_ok()
    }

    /// Runs a command that may fail, and returns its standard output.
    pub(crate) fn attempt(&mut self, job: &Job) -> Result<String, String> {
        let (output, result) = self.execute(job, Wanted::StandardOutput);
        result.map(|()| output)
    }

    /// Adds a failure.
    pub(crate) fn fail(&mut self, reason: impl AsRef<str>) {
        self.failures.push(self.log.scrubbed(reason.as_ref()));
    }

    /// Adds a notice.
    pub(crate) fn notice(&mut self, text: impl AsRef<str>) {
        self.notices.push(self.log.scrubbed(text.as_ref()));
    }

    /// Returns the duration of the step so far.
    pub(crate) fn seconds(&self) -> f64 {
        self.began.elapsed().as_secs_f64()
    }

    /// Returns the output so far, without the paths of this machine.
    pub(crate) fn log(&self) -> String {
        self.log.text()
    }

    /// Runs a command, and returns the wanted output and the result.
    fn execute(&self, job: &Job, wanted: Wanted) -> (String, Result<(), String>) {
        let words = self.log.scrubbed(&job.words());
        let heartbeat = |line: &str| {
            eprintln!("    {}: {:.0} s, {}: {}", self.name, self.seconds(), cut(&words, 50), cut(line, 80));
        };
        let (output, result) = self
            .log
            .run(job, self.project.root(), wanted, heartbeat)
            .unwrap_or_else(|error| (String::new(), Err(format!("writing the log failed: {error}"))));
        (output, result.map_err(|reason| format!("`{words}`: {reason}")))
    }
}

/// Returns the text, truncated to this number of characters.
fn cut(text: &str, length: usize) -> String {
    if text.chars().count() <= length {
        return text.to_owned();
    }
    text.chars().take(length).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn long_text_is_cut_between_characters() {
        assert_eq!(cut("größe", 5), "größe");
        assert_eq!(cut("größe", 3), "grö…");
    }
}
