//! JSON strings.

use super::scan;

/// The suffix that needs an escape: the Zipkin server mistakes a body with these bytes before a quote for its old
/// format and refuses the body. Quotes within a text are escaped, so that only its end matters.
const OLD_FORMAT: &str = "yAnnotations";

/// Appends a quoted string.
pub(crate) fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    match text.strip_suffix(OLD_FORMAT) {
        None => escaped(out, text),
        Some(start) => {
            escaped(out, start);
            out.extend_from_slice(b"\\u0079");
            escaped(out, &OLD_FORMAT[1..]);
        }
    }
    out.push(b'"');
}

/// Appends a string in lower case. ASCII is converted in place.
pub(crate) fn lower_case(out: &mut Vec<u8>, text: &str) {
    if text.is_ascii() {
        out.push(b'"');
        let start = out.len();
        escaped(out, text);
        // Escapes are already in lower case, and the suffix of the old format cannot result.
        out[start..].make_ascii_lowercase();
        out.push(b'"');
    } else {
        string(out, &text.to_lowercase());
    }
}

/// Appends the content of a string with the escapes that JSON requires.
fn escaped(out: &mut Vec<u8>, text: &str) {
    let mut rest = text.as_bytes();
    loop {
        let (plain, other) = rest.split_at(scan::plain(rest));
        out.extend_from_slice(plain);
        let [byte, after @ ..] = other else { return };
        escape(out, *byte);
        rest = after;
    }
}

fn escape(out: &mut Vec<u8>, byte: u8) {
    match byte {
        b'"' => out.extend_from_slice(b"\\\""),
        b'\\' => out.extend_from_slice(b"\\\\"),
        b'\n' => out.extend_from_slice(b"\\n"),
        b'\r' => out.extend_from_slice(b"\\r"),
        b'\t' => out.extend_from_slice(b"\\t"),
        control => unit(out, control.into()),
    }
}

/// Appends the escape of a UTF-16 unit.
fn unit(out: &mut Vec<u8>, unit: u16) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |shift: u16| DIGITS[usize::from(unit >> shift & 15)];
    out.extend_from_slice(&[b'\\', b'u', digit(12), digit(8), digit(4), digit(0)]);
}

/// Converts JSON to ASCII by escaping all other characters, which occur only in strings. Required for compressed
/// requests: the Zipkin server (3.6.1) decompresses blocks of 8 KiB and corrupts multi-byte characters at their
/// boundaries.
pub(crate) fn to_ascii(json: &mut Vec<u8>) {
    if json.is_ascii() {
        return;
    }
    // The JSON consists of text only, so it is valid UTF-8.
    let text = String::from_utf8(std::mem::take(json)).unwrap_or_default();
    let mut rest = text.as_str();
    while let Some((at, char)) = rest.char_indices().find(|(_, char)| !char.is_ascii()) {
        json.extend_from_slice(&rest.as_bytes()[..at]);
        char.encode_utf16(&mut [0; 2]).iter().for_each(|half| unit(json, *half));
        rest = &rest[at + char.len_utf8()..];
    }
    json.extend_from_slice(rest.as_bytes());
}

/// Appends a quoted string that needs no escapes.
pub(super) fn quoted(out: &mut Vec<u8>, inside: impl FnOnce(&mut Vec<u8>)) {
    out.push(b'"');
    inside(out);
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        let mut out = Vec::new();
        string(&mut out, text);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_is_written_reads_back() {
        let all: String = (0..=0x2100).filter_map(char::from_u32).collect();
        for text in [
            all.as_str(),
            "",
            "\\",
            "\"",
            "binaryAnnotations",
            "yAnnotations",
            "yAnnotations\"",
            "Annotations",
        ] {
            let json = written(text);
            assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
            assert!(!json.contains("yAnnotations\""), "{json}");
        }
    }

    #[test]
    fn ascii_reads_back_as_the_same_text() {
        let mut json = written("ä€𝄞\u{10ffff}\"and ß, at last").into_bytes();
        to_ascii(&mut json);
        assert_eq!(json, br#""\u00e4\u20ac\ud834\udd1e\udbff\udfff\"and \u00df, at last""#);
        assert_eq!(serde_json::from_slice::<String>(&json).unwrap(), "ä€𝄞\u{10ffff}\"and ß, at last");
    }

    #[test]
    fn lower_case_changes_nothing_else() {
        let all: String = (0..=0x2100).filter_map(char::from_u32).collect();
        for text in [
            all.as_str(),
            &all[..128],
            "",
            "GET /Users",
            "binaryAnnotations",
            "yAnnotations",
            "ÄyAnnotations",
        ] {
            let mut json = Vec::new();
            lower_case(&mut json, text);
            assert_eq!(serde_json::from_slice::<String>(&json).unwrap(), text.to_lowercase());
        }
    }
}
