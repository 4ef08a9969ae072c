//! Rejected input in error messages: escaped and truncated, because the input is untrusted and errors are logged.

use std::fmt;

const MAX_LEN: usize = 64;

/// The first 64 bytes of a rejected input, escaped so that they are safe to log.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Rejected(Box<str>);

impl Rejected {
    pub(crate) fn new(input: &[u8]) -> Self {
        let escaped = input[..input.len().min(MAX_LEN)].escape_ascii();
        let ellipsis = if input.len() > MAX_LEN { "…" } else { "" };
        Rejected(format!("{escaped}{ellipsis}").into())
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
    fn control_characters_are_escaped_and_long_input_is_truncated() {
        let displayed = Rejected::new(b"a\r\n\x1b[31m\xff").to_string();
        assert_eq!(displayed, r#""a\r\n\x1b[31m\xff""#);
        assert_eq!(Rejected::new(&vec![b'x'; 1_000_000]).to_string().chars().count(), MAX_LEN + 3);
    }
}
