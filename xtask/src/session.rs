//! One step under way: the commands it runs and what it found.

use std::io;
use std::time::Instant;

use crate::job::Job;
use crate::log::{Log, Wanted};
use crate::project::Project;
use crate::test_counts::TestCounts;

/// Runs the commands of one step. Output goes to the step's log, failures and notices are kept for the report.
#[derive(Debug)]
pub(crate) struct Session<'project> {
    /// The checkout worked on.
    pub(crate) project: &'project Project,
    /// What did not hold. The step has failed when there is one.
    pub(crate) failures: Vec<String>,
    /// What could not be found out here, which is neither a pass nor a failure.
    pub(crate) notices: Vec<String>,
    /// The tests that ran.
    pub(crate) counts: TestCounts,
    name: &'static str,
    log: Log,
    began: Instant,
}

impl<'project> Session<'project> {
    /// Begins a step with an empty log.
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

    /// Runs a command that has to succeed. Says whether it did, so that a step can stop or go on.
    pub(crate) fn run(&mut self, job: &Job) -> bool {
        let (_, result) = self.execute(job, Wanted::Both);
        result.map_err(|reason| self.fail(reason)).is_ok()
    }

    /// Runs a command that has to succeed and gives what it printed on standard output.
    pub(crate) fn output(&mut self, job: &Job) -> Option<String> {
        self.attempt(job).map_err(|reason| self.fail(reason)).ok()
    }

    /// Runs tests and counts them.
    pub(crate) fn run_tests(&mut self, job: &Job) -> bool {
        let (output, result) = self.execute(job, Wanted::Both);
        self.counts += TestCounts::of_output(&output);
        result.map_err(|reason| self.fail(reason)).is_ok()
    }

    /// Runs a command that may fail, and gives what it printed on standard output.
    pub(crate) fn attempt(&mut self, job: &Job) -> Result<String, String> {
        let (output, result) = self.execute(job, Wanted::StandardOutput);
        result.map(|()| output)
    }

    /// Records that something does not hold.
    pub(crate) fn fail(&mut self, reason: impl AsRef<str>) {
        self.failures.push(self.log.scrubbed(reason.as_ref()));
    }

    /// Records that something could not be found out here.
    pub(crate) fn notice(&mut self, text: impl AsRef<str>) {
        self.notices.push(self.log.scrubbed(text.as_ref()));
    }

    /// How long the step has taken.
    pub(crate) fn seconds(&self) -> f64 {
        self.began.elapsed().as_secs_f64()
    }

    /// All output so far, without the paths of this machine.
    pub(crate) fn log(&self) -> String {
        self.log.text()
    }

    /// Runs a command; gives the output wanted, and the reason when it failed.
    fn execute(&self, job: &Job, wanted: Wanted) -> (String, Result<(), String>) {
        let words = self.log.scrubbed(&job.words());
        let heartbeat = |line: &str| {
            eprintln!("    {}: {:.0} s, {}: {}", self.name, self.seconds(), cut(&words, 50), cut(line, 80));
        };
        let (output, result) = self
            .log
            .run(job, self.project.root(), wanted, heartbeat)
            .unwrap_or_else(|error| (String::new(), Err(format!("its log failed: {error}"))));
        (output, result.map_err(|reason| format!("`{words}`: {reason}")))
    }
}

/// The text, or its beginning.
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
