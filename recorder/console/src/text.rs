//! Makes text safe for a terminal, and measures it in columns.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The maximum number of stored columns of a text: one more than the widest drawing, so that cut text is recognised.
const MAX_TEXT_COLUMNS: usize = crate::style::MAX_COLUMNS + 1;

/// The maximum number of combining marks on a character. Marks have no width, so the limit of columns does not bound them.
const MAX_MARKS: usize = 3;

/// Returns `text` on one line and without terminal control: control characters become pictures, and invisible and
/// bidirectional format characters are removed.
pub(crate) fn clean(text: &str) -> String {
    let mut clean = String::new();
    let (mut columns, mut marks) = (0, 0);
    for char in text.chars().filter(|char| !is_invisible(*char)) {
        let char = visible(char);
        let width = char.width().unwrap_or(0);
        marks = if width == 0 { marks + 1 } else { 0 };
        if marks > MAX_MARKS {
            continue;
        }
        columns += width;
        if columns > MAX_TEXT_COLUMNS {
            break;
        }
        clean.push(char);
    }
    clean.shrink_to_fit();
    clean
}

fn visible(char: char) -> char {
    match char {
        '\u{0}'..='\u{1f}' if !char.is_whitespace() => {
            char::from_u32(0x2400 + u32::from(char)).unwrap_or('\u{fffd}')
        }
        '\u{7f}' => '\u{2421}',
        _ if char.is_whitespace() => ' ',
        _ if char.is_control() => '\u{fffd}',
        _ => char,
    }
}

/// Returns whether a character is a format control (category Cf) or a variation selector. Terminals differ in their
/// width, and some of them reorder the following text.
fn is_invisible(char: char) -> bool {
    matches!(char,
        '\u{ad}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Replaces all characters beyond ASCII.
pub(crate) fn to_ascii(text: &str) -> String {
    let replaced = |char: char| match char {
        'µ' => 'u',
        _ if char.is_ascii() => char,
        _ => '?',
    };
    text.chars().filter(|char| char.width() != Some(0)).map(replaced).collect()
}

/// Returns the width of clean text in columns: the sum over its characters, as most terminals compute it.
pub(crate) fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().map(|char| char.width().unwrap_or(0)).sum() }
}

/// Cuts `text` to `columns`, with `ellipsis` at the end if text is missing.
pub(crate) fn cut(text: &str, columns: usize, ellipsis: &str) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let available = columns.saturating_sub(ellipsis.width());
    let mut cut = String::new();
    let mut used = 0;
    for char in text.chars() {
        used += char.width().unwrap_or(0);
        if used > available {
            break;
        }
        cut.push(char);
    }
    if columns >= ellipsis.width() {
        cut.push_str(ellipsis);
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clean_text_has_no_terminal_control() {
        assert_eq!(clean("\u{1b}[31mred\u{7}\u{7f}"), "␛[31mred␇␡");
        assert_eq!(clean("a\r\nb\tc\u{2028}d"), "a  b c d");
        assert_eq!(clean("c1: \u{9b}2J, bidi: \u{202e}abc\u{2066}"), "c1: \u{fffd}2J, bidi: abc");
        for char in (0..=0xffff).filter_map(char::from_u32) {
            let clean = clean(&char.to_string());
            assert!(!clean.chars().any(char::is_control), "{char:?}");
        }
    }

    #[test]
    fn long_text_and_piles_of_marks_are_bounded() {
        assert_eq!(width(&clean(&"x".repeat(1_000_000))), MAX_TEXT_COLUMNS);
        assert_eq!(clean(&format!("e{}x", "\u{301}".repeat(1000))), "e\u{301}\u{301}\u{301}x");
    }

    #[test]
    fn wide_characters_are_never_cut_in_half() {
        assert_eq!(width("日本語"), 6);
        assert_eq!(cut("日本語", 6, "…"), "日本語");
        assert_eq!(cut("日本語", 5, "…"), "日本…");
        assert_eq!(cut("日本語", 4, "…"), "日…");
        assert_eq!((cut("日本語", 1, "…"), cut("日本語", 0, "…")), ("…".to_owned(), String::new()));
        assert_eq!(cut("abcdef", 2, "..."), "");
    }

    #[test]
    fn other_characters_are_replaced_in_ascii() {
        assert_eq!(to_ascii("é 日本 1.20 µs"), "? ?? 1.20 us");
    }
}
