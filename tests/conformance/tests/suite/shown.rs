//! What a person sees of a test that passes.

use std::io::{self, Write};

/// Straight to the terminal: the test harness swallows what is merely printed.
pub(crate) fn past_the_harness(text: &str) {
    let _ = write!(io::stderr(), "\n{text}");
}
