//! How an error shows what it refused: escaped and cut, because it may come from anyone and go into a log.

use std::fmt;

const SHOWN: usize = 64;

/// The start of a refused input, safe to print.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Rejected(Box<str>);

impl Rejected {
    pub(crate) fn new(input: &[u8]) -> Self {
        let shown = input[..input.len().min(SHOWN)].escape_ascii();
        let more = if input.len() > SHOWN { "…" } else { "" };
        Rejected(format!("{shown}{more}").into())
    }
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0)
    }
}

impl fmt::Debug for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_and_length_are_tamed() {
        let shown = Rejected::new(b"a\r\n\x1b[31m\xff").to_string();
        assert_eq!(shown, r#""a\r\n\x1b[31m\xff""#);
        assert_eq!(Rejected::new(&vec![b'x'; 1_000_000]).to_string().chars().count(), SHOWN + 3);
    }
}
