//! What RFC 9110 says of a field: its name (section 5.1), its value (5.5), tokens and white space (5.6.2, 5.6.3).

/// A field name, and what the W3C formats call a key: one or more token characters.
pub(crate) fn is_token(text: &[u8]) -> bool {
    !text.is_empty()
        && text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte))
}

/// A value that every carrier can hold and no intermediary changes: printable ASCII.
pub(crate) fn is_value(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// Without the optional white space around it, which is SP and HTAB and nothing else.
pub(crate) fn trim(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

/// Whether `name` begins with `prefix`, whatever the case.
pub(crate) fn has_prefix(name: &str, prefix: &str) -> bool {
    name.as_bytes().get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_blanks_and_tabs_are_trimmed() {
        assert_eq!(trim(b" \t a b\t "), b"a b");
        assert_eq!(trim(b" \t "), b"");
        assert_eq!(trim(b"\x0ba\n"), b"\x0ba\n");
    }

    #[test]
    fn tokens_are_those_of_the_rfc() {
        let tokens = (0..=255u8).filter(|byte| is_token(&[*byte])).count();
        assert_eq!(tokens, 15 + 10 + 52);
        assert!(!is_token(b"") && !is_token(b"a:b") && !is_token("ü".as_bytes()));
    }

    #[test]
    fn a_value_is_printable() {
        assert!(is_value("") && is_value("a b~"));
        for bad in ["\r", "\n", "\0", "\t", "\x7f", "ü"] {
            assert!(!is_value(bad), "{bad:?}");
        }
    }
}
