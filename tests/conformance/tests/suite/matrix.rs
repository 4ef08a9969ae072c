//! The suite can fail: every tracer that is broken on purpose breaks just the rules that it should.

use std::{collections::BTreeMap, env, fmt::Write, fs, path::Path};

use crate::{
    broken::{self, Fault},
    shown,
};

/// The name of each fault, and beneath it the rules that it breaks; those of [`RACES`] are left out.
/// `BLESS=1` writes the file anew, to be read.
const MATRIX: &str = "tests/suite/matrix.txt";

/// What a shutdown meets of other threads is chance.
const RACES: [&str; 1] = ["a_shutdown_while_others_trace_is_harmless"];

type Matrix<'a> = BTreeMap<&'a str, Vec<&'a str>>;

#[test]
fn every_fault_breaks_the_rules_that_it_should_and_no_other() {
    let mut written = String::new();
    for fault in Fault::ALL {
        let _ = writeln!(written, "{fault:?}");
        for rule in broken::check_with(*fault).broken() {
            if !RACES.contains(&rule) {
                let _ = writeln!(written, "    {rule}");
            }
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(MATRIX);
    if env::var_os("BLESS").is_some() {
        fs::write(&path, &written).expect("the folder is there");
    }
    let expected = fs::read_to_string(&path).expect("the matrix is there");
    let (found, expected) = (read(&written), read(&expected));
    let (mut wrong, mut table) = (String::new(), String::new());
    for fault in Fault::ALL {
        let name = format!("{fault:?}");
        let [found, expected] =
            [&found, &expected].map(|matrix| matrix.get(&*name).cloned().unwrap_or_default());
        if found.is_empty() {
            let _ = writeln!(wrong, "nobody notices {name}");
        }
        for rule in found.iter().filter(|rule| !expected.contains(rule)) {
            let _ = writeln!(wrong, "{name} breaks {rule}, which it should not");
        }
        for rule in expected.iter().filter(|rule| !found.contains(rule)) {
            let _ = writeln!(wrong, "{name} does not break {rule}, as it should");
        }
        let first = found.first().copied().unwrap_or_default();
        let more = if found.len() > 1 { format!(", {} more", found.len() - 1) } else { String::new() };
        let _ = writeln!(table, "{name:<30} breaks {first}{more}");
    }
    shown::past_the_harness(&table);
    assert!(wrong.is_empty() && expected.len() == Fault::ALL.len(), "{MATRIX}:\n{wrong}");
}

fn read(text: &str) -> Matrix<'_> {
    let (mut matrix, mut fault) = (Matrix::new(), "");
    for line in text.lines() {
        match line.strip_prefix("    ") {
            Some(rule) => matrix.entry(fault).or_default().push(rule),
            None => fault = line,
        }
    }
    matrix
}
