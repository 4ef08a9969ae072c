//! The suite can fail: every tracer that is broken on purpose breaks just the rules that it should.

use std::{env, fmt::Write, fs, path::Path};

use crate::broken::{self, Fault};

/// One line for each fault: its name, and the rules that it breaks. `BLESS=1` writes the file anew, to be read.
const MATRIX: &str = "tests/suite/matrix.txt";

#[test]
fn every_fault_breaks_the_rules_that_it_should_and_no_other() {
    let (mut matrix, mut unseen) = (String::new(), Vec::new());
    for fault in Fault::ALL {
        let report = broken::check_with(*fault);
        if report.broken().is_empty() {
            unseen.push(fault);
        }
        let _ = writeln!(matrix, "{fault:?}");
        for rule in report.broken() {
            let _ = writeln!(matrix, "    {rule}");
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(MATRIX);
    if env::var_os("BLESS").is_some() {
        fs::write(&path, &matrix).expect("the folder is there");
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(unseen.is_empty(), "nobody notices {unseen:?}");
    assert_eq!(matrix, expected, "{MATRIX}");
    println!("{matrix}");
}
