//! EndReason processes.

use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long a process may take to end when it is asked to.
const PATIENCE: Duration = Duration::from_secs(10);

/// When a process started, in whatever unit this system has: with its id it names a process for good. None once it has
/// ended, even if nobody has taken note of that yet.
pub(crate) fn birth(id: u32) -> Option<String> {
    if fs::exists("/proc/self/stat").unwrap_or(false) {
        return birth_in(&fs::read_to_string(format!("/proc/{id}/stat")).ok()?);
    }
    let mut ps = Command::new("ps");
    let output = ps.args(["-o", "lstart=", "-p", &id.to_string()]).stdin(Stdio::null()).output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned()).filter(|birth| !birth.is_empty())
}

/// The fields after the program's name, which may hold anything: the state first, the time of the start as the 20th.
fn birth_in(stat: &str) -> Option<String> {
    let (_, fields) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let ended = matches!(fields.first(), Some(&("Z" | "X")));
    fields.get(19).filter(|_| !ended).map(|&birth| birth.to_owned())
}

/// Ends that process and no other: asks first, and kills what does not listen.
pub(crate) fn end(id: u32, born: &str) -> Result<(), String> {
    let lives = || birth(id).is_some_and(|birth| birth == born);
    for signal in ["-TERM", "-KILL"] {
        if lives() {
            // Fails where it has ended just now.
            let _ = Command::new("kill").args([signal, &id.to_string()]).stderr(Stdio::null()).status();
        }
        let asked = Instant::now();
        while lives() && asked.elapsed() < PATIENCE {
            thread::sleep(Duration::from_millis(20));
        }
    }
    if lives() { Err(format!("process {id} cannot be ended")) } else { Ok(()) }
}

/// Ends a process and all that it started, where the machine can say what that is.
///
/// Cargo passes no signal on to the compilers and tests it runs, so ending cargo alone would leave them behind.
/// A process group would do too, but then Ctrl-C would no longer reach the children.
pub(crate) fn end_tree(root: u32) {
    let tree = descendants(root, &parents());
    let ids: Vec<String> = std::iter::once(root).chain(tree).map(|id| id.to_string()).collect();
    // A process that has ended meanwhile is what was wanted.
    let _ = Command::new("kill")
        .arg("-KILL")
        .args(ids)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
}

/// Each process with its parent, as `ps` tells.
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
    fn a_birth_is_known_while_the_process_lives() {
        let stat = |state: &str| format!("7 (a) b) {state} 1 {}4711 0", "0 ".repeat(17));
        assert_eq!(birth_in(&stat("S")).as_deref(), Some("4711"));
        assert_eq!(birth_in(&stat("Z")), None);
        assert!(birth(std::process::id()).is_some());
    }

    #[test]
    fn only_the_process_that_is_meant_is_ended() {
        let mut child = Command::new("sleep").arg("600").spawn().unwrap();
        let born = birth(child.id()).unwrap();
        assert_eq!(end(child.id(), "another"), Ok(()));
        assert!(child.try_wait().unwrap().is_none(), "another one had the same id");
        assert_eq!(end(child.id(), &born), Ok(()));
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
