//! Somebody else's words.

/// The most characters that are shown.
const SHOWN: usize = 200;

/// Somebody else's words, escaped and cut: what a server says ends up in logs.
///
/// ```
/// use anytrace_recorder::told;
///
/// assert_eq!(told("no\r\nway"), r"no\r\nway");
/// assert_eq!(told(&"x".repeat(1_000_000)).chars().count(), 201);
/// ```
pub fn told(words: &str) -> String {
    let mut told: String = words.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    if words.chars().nth(SHOWN).is_some() {
        told.push('…');
    }
    told
}
