//! Ending processes.

use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// The longest time until a process ends after SIGTERM.
const TERM_TIMEOUT: Duration = Duration::from_secs(10);

/// Returns the start time of a process, in a unit that depends on the system. Together with its id, it identifies the
/// process. `None` if the process has ended, even if it has not been waited for.
pub(crate) fn start_time(id: u32) -> Option<String> {
    if fs::exists("/proc/self/stat").unwrap_or(false) {
        return parse_start_time(&fs::read_to_string(format!("/proc/{id}/stat")).ok()?);
    }
    let mut ps = Command::new("ps");
    let output = ps.args(["-o", "lstart=", "-p", &id.to_string()]).stdin(Stdio::null()).output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
        .filter(|start_time| !start_time.is_empty())
}

/// Parses the fields after the program's name, which may contain any character. The first field is the state, the 20th
/// the start time.
fn parse_start_time(stat: &str) -> Option<String> {
    let (_, fields) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let ended = matches!(fields.first(), Some(&("Z" | "X")));
    fields.get(19).filter(|_| !ended).map(|&start_time| start_time.to_owned())
}

/// Ends exactly this process: sends SIGTERM first, and SIGKILL if the process does not end.
pub(crate) fn end(id: u32, expected: &str) -> Result<(), String> {
    let is_running = || start_time(id).is_some_and(|found| found == expected);
    for signal in ["-TERM", "-KILL"] {
        if is_running() {
            // Fails if the process has just ended.
            let _ = Command::new("kill").args([signal, &id.to_string()]).stderr(Stdio::null()).status();
        }
        let signalled = Instant::now();
        while is_running() && signalled.elapsed() < TERM_TIMEOUT {
            thread::sleep(Duration::from_millis(20));
        }
    }
    if is_running() { Err(format!("cannot end process {id}")) } else { Ok(()) }
}

/// Kills a process and all its descendants, if the system can list them.
///
/// Cargo does not forward signals to the compilers and tests that it runs, so killing cargo alone would leave them
/// running. A process group is no alternative, because Ctrl-C would no longer reach the children.
pub(crate) fn end_tree(root: u32) {
    let tree = descendants(root, &parents());
    let ids: Vec<String> = std::iter::once(root).chain(tree).map(|id| id.to_string()).collect();
    // Fails if the processes have already ended.
    let _ = Command::new("kill")
        .arg("-KILL")
        .args(ids)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
}

/// Returns each process with its parent, from the output of `ps`.
fn parents() -> Vec<(u32, u32)> {
    let output = Command::new("ps").args(["-A", "-o", "pid=", "-o", "ppid="]).stdin(Stdio::null()).output();
    output.map(|output| pairs(&String::from_utf8_lossy(&output.stdout))).unwrap_or_default()
}

fn pairs(text: &str) -> Vec<(u32, u32)> {
    let pair = |line: &str| {
        let mut ids = line.split_whitespace().map(str::parse);
        Some((ids.next()?.ok()?, ids.next()?.ok()?))
    };
    text.lines().filter_map(pair).collect()
}

fn descendants(root: u32, parents: &[(u32, u32)]) -> Vec<u32> {
    let mut found = vec![root];
    let mut next = 0;
    while let Some(&parent) = found.get(next) {
        let children = parents.iter().filter(|(_, of)| *of == parent).map(|(id, _)| *id);
        let new: Vec<u32> = children.filter(|id| !found.contains(id)).collect();
        found.extend(new);
        next += 1;
    }
    found.split_off(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_time_is_known_while_the_process_runs() {
        let stat = |state: &str| format!("7 (a) b) {state} 1 {}4711 0", "0 ".repeat(17));
        assert_eq!(parse_start_time(&stat("S")).as_deref(), Some("4711"));
        assert_eq!(parse_start_time(&stat("Z")), None);
        assert!(start_time(std::process::id()).is_some());
    }

    #[test]
    fn a_process_with_another_start_time_is_not_ended() {
        let mut child = Command::new("sleep").arg("600").spawn().unwrap();
        let expected = start_time(child.id()).unwrap();
        assert_eq!(end(child.id(), "another"), Ok(()));
        assert!(child.try_wait().unwrap().is_none(), "a process with another start time was killed");
        assert_eq!(end(child.id(), &expected), Ok(()));
        assert!(!child.wait().unwrap().success());
    }

    #[test]
    fn descendants_are_found_at_any_depth() {
        let parents = pairs("  1 0\n 10 1\n 11 10\n 12 11\n 13 1\n not a line\n");
        assert_eq!(descendants(10, &parents), [11, 12]);
        assert_eq!(descendants(12, &parents), Vec::<u32>::new());
        assert_eq!(descendants(0, &[(0, 0)]), Vec::<u32>::new());
    }
}
