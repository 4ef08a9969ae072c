//! Each deliberate defect breaks exactly the expected rules.

use std::{collections::BTreeMap, env, fmt::Write, fs, path::Path};

use crate::{
    broken::{self, Defect},
    terminal,
};

/// The file with the name of each defect, followed by the rules it breaks, except those in [`RACES`].
/// `BLESS=1` rewrites the file; review the difference.
const MATRIX: &str = "tests/suite/matrix.txt";

/// Rules whose result depends on thread timing.
const RACES: [&str; 1] = ["a_shutdown_while_other_threads_trace_is_harmless"];

type Matrix<'a> = BTreeMap<&'a str, Vec<&'a str>>;

#[test]
fn every_defect_breaks_exactly_the_expected_rules() {
    let mut written = String::new();
    for defect in Defect::ALL {
        let _ = writeln!(written, "{defect:?}");
        for rule in broken::check_with(*defect).failed() {
            if !RACES.contains(&rule) {
                let _ = writeln!(written, "    {rule}");
            }
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(MATRIX);
    if env::var_os("BLESS").is_some() {
        fs::write(&path, &written).expect("the folder exists");
    }
    let expected = fs::read_to_string(&path).expect("the matrix file exists");
    let (found, expected) = (parse(&written), parse(&expected));
    let (mut wrong, mut table) = (String::new(), String::new());
    for defect in Defect::ALL {
        let name = format!("{defect:?}");
        let [found, expected] =
            [&found, &expected].map(|matrix| matrix.get(&*name).cloned().unwrap_or_default());
        if found.is_empty() {
            let _ = writeln!(wrong, "no rule detects {name}");
        }
        for rule in found.iter().filter(|rule| !expected.contains(rule)) {
            let _ = writeln!(wrong, "{name} breaks {rule} unexpectedly");
        }
        for rule in expected.iter().filter(|rule| !found.contains(rule)) {
            let _ = writeln!(wrong, "{name} does not break {rule}");
        }
        let first = found.first().copied().unwrap_or_default();
        let more = if found.len() > 1 { format!(", {} more", found.len() - 1) } else { String::new() };
        let _ = writeln!(table, "{name:<30} breaks {first}{more}");
    }
    terminal::print(&table);
    assert!(wrong.is_empty() && expected.len() == Defect::ALL.len(), "{MATRIX}:\n{wrong}");
}

#[test]
fn a_tracer_that_adopts_native_spans_passes() {
    broken::check_adopting().assert_passed();
}

fn parse(text: &str) -> Matrix<'_> {
    let (mut matrix, mut defect) = (Matrix::new(), "");
    for line in text.lines() {
        match line.strip_prefix("    ") {
            Some(rule) => matrix.entry(defect).or_default().push(rule),
            None => defect = line,
        }
    }
    matrix
}
