//! Ending processes.

use std::process::{Command, Stdio};

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
    fn descendants_are_found_at_any_depth() {
        let parents = pairs("  1 0\n 10 1\n 11 10\n 12 11\n 13 1\n not a line\n");
        assert_eq!(descendants(10, &parents), [11, 12]);
        assert_eq!(descendants(12, &parents), Vec::<u32>::new());
        assert_eq!(descendants(0, &[(0, 0)]), Vec::<u32>::new());
    }
}
