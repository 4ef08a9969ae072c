//! Grammar of fields in RFC 9110: names (section 5.1), values (5.5), tokens (5.6.2) and white space (5.6.3).

/// Returns true for a token, which is the grammar of field names and of baggage keys: one or more token characters.
pub(crate) fn is_token(text: &[u8]) -> bool {
    !text.is_empty()
        && text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte))
}

/// Returns true for printable ASCII, which every carrier accepts and no intermediary changes.
pub(crate) fn is_value(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// Removes surrounding optional white space (OWS): spaces and tabs, but no other characters.
pub(crate) fn trim(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', inner @ ..] | [inner @ .., b' ' | b'\t'] = value {
        value = inner;
    }
    value
}

/// Returns true if `name` begins with `prefix`, ignoring ASCII case.
pub(crate) fn has_prefix(name: &str, prefix: &str) -> bool {
    name.as_bytes().get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_spaces_and_tabs_are_trimmed() {
        assert_eq!(trim(b" \t a b\t "), b"a b");
        assert_eq!(trim(b" \t "), b"");
        assert_eq!(trim(b"\x0ba\n"), b"\x0ba\n");
    }

    #[test]
    fn tokens_match_rfc_9110() {
        let tokens = (0..=255u8).filter(|byte| is_token(&[*byte])).count();
        assert_eq!(tokens, 15 + 10 + 52);
        assert!(!is_token(b"") && !is_token(b"a:b") && !is_token("ü".as_bytes()));
    }

    #[test]
    fn values_are_printable_ascii() {
        assert!(is_value("") && is_value("a b~"));
        for invalid in ["\r", "\n", "\0", "\t", "\x7f", "ü"] {
            assert!(!is_value(invalid), "{invalid:?}");
        }
    }
}
