//! The log file of a step.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::job::Job;
use crate::project::Project;
use crate::scrub::Scrub;

/// The interval between progress messages of a long command.
const HEARTBEAT: Duration = Duration::from_secs(20);

/// The part of a command's output that is returned. The log contains all of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Both streams, interleaved.
    Both,
    /// Standard output alone. In the log, it follows standard error.
    StandardOutput,
}

/// The log of a step, and the replacement of machine-specific paths.
#[derive(Debug)]
pub(crate) struct Log {
    path: PathBuf,
    scrub: Scrub,
}

impl Log {
    /// Creates an empty log.
    pub(crate) fn create(project: &Project, name: &str) -> io::Result<Self> {
        let folder = project.target().join("xtask/logs");
        fs::create_dir_all(&folder)?;
        let path = folder.join(format!("{name}.log"));
        File::create(&path)?;
        Ok(Self { path, scrub: project.scrub() })
    }

    /// Returns the text without the paths of this machine.
    pub(crate) fn scrubbed(&self, text: &str) -> String {
        self.scrub.text(text)
    }

    /// Returns the output so far, without the paths of this machine.
    pub(crate) fn text(&self) -> String {
        match fs::read(&self.path) {
            Ok(bytes) => self.scrubbed(&String::from_utf8_lossy(&bytes)),
            Err(error) => format!("the log cannot be read: {error}\n"),
        }
    }

    /// Runs a command to its end. Returns its output, and the reason if it failed. `heartbeat` is called at intervals
    /// with the last printed line.
    pub(crate) fn run(
        &self,
        job: &Job,
        folder: &Path,
        wanted: Wanted,
        heartbeat: impl Fn(&str),
    ) -> io::Result<(String, Result<(), String>)> {
        let mut log = OpenOptions::new().append(true).open(&self.path)?;
        writeln!(log, "$ {}", self.scrubbed(&job.line()))?;
        let alone = wanted == Wanted::StandardOutput;
        let output = if alone { self.path.with_extension("out") } else { self.path.clone() };
        let out = if alone { File::create(&output)? } else { log.try_clone()? };
        let begins = out.metadata()?.len();
        let mut beat = Instant::now();
        let result = job.run(folder, out, log.try_clone()?, || {
            if beat.elapsed() >= HEARTBEAT {
                beat = Instant::now();
                let line = last_line(&output).or_else(|| last_line(&self.path)).unwrap_or_default();
                heartbeat(&self.scrubbed(&line));
            }
        });
        let printed = read_from(&output, begins)?;
        if alone {
            fs::remove_file(&output)?;
            log.write_all(&printed)?;
        }
        Ok((String::from_utf8_lossy(&printed).into_owned(), result))
    }
}

fn read_from(path: &Path, begins: u64) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(begins))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Returns the last line of a file that is not blank.
fn last_line(path: &Path) -> Option<String> {
    const TAIL: u64 = 4096;
    let length = fs::metadata(path).ok()?.len();
    let bytes = read_from(path, length.saturating_sub(TAIL)).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    text.lines().rev().map(str::trim).find(|line| !line.is_empty()).map(str::to_owned)
}
