//! Output that is visible for passing tests too.

use std::io::{self, Write};

/// Writes to standard error directly, because the test harness captures `print!` and `eprint!`.
pub(crate) fn print(text: &str) {
    let _ = write!(io::stderr(), "\n{text}");
}
