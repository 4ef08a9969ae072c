//! Text from other parties, made safe for logs.

/// The maximum number of characters that are kept.
const MAX_CHARS: usize = 200;

/// Returns `text` with control characters escaped, cut to 200 characters: text from a server ends up in logs.
///
/// ```
/// use anytrace_recorder::sanitized;
///
/// assert_eq!(sanitized("no\r\nway"), r"no\r\nway");
/// assert_eq!(sanitized(&"x".repeat(1_000_000)).chars().count(), 201);
/// ```
pub fn sanitized(text: &str) -> String {
    let mut sanitized: String = text.chars().take(MAX_CHARS).flat_map(char::escape_debug).collect();
    if text.chars().nth(MAX_CHARS).is_some() {
        sanitized.push('…');
    }
    sanitized
}
