//! What vendors carry along beside the identity.

use std::{error::Error, fmt, str::FromStr};

use crate::model::{LimitError, LimitKind, carrier::field, rejected::Rejected};

/// The `tracestate` of [W3C Trace Context level 2], section 3.3: an ordered list of vendors' entries, the most recent
/// first.
///
/// Keys are unique, 1 to 256 lower-case letters, digits and `_-*/@`, beginning with a letter or digit. Values are 1
/// to 256 printable ASCII characters without `,` and `=`, and do not end with a space. There are at most 32 entries.
/// A list that is not in this form cannot exist.
///
/// ```
/// use anytrace_api::TraceState;
///
/// let mut state: TraceState = "rojo=1 , congo=t61".parse()?;
/// state.set("acme", "7").unwrap();
/// state.set("congo", "u2").unwrap();
/// assert_eq!(state.to_string(), "congo=u2,acme=7,rojo=1");
/// assert_eq!(state.get("rojo"), Some("1"));
/// # Ok::<(), anytrace_api::ParseTraceStateError>(())
/// ```
///
/// [W3C Trace Context level 2]: https://www.w3.org/TR/trace-context-2/#tracestate-header
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct TraceState {
    /// As it is sent: `key=value` joined by commas, without optional white space.
    text: String,
}

const ENTRIES: usize = 32;
const LENGTH: usize = 256;
/// What is longer goes first when the list has to be cut.
const LONG: usize = 128;

impl TraceState {
    /// No entry at all.
    pub const fn new() -> Self {
        TraceState { text: String::new() }
    }

    /// The value under `key`.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.iter().find(|entry| entry.0 == key).map(|entry| entry.1)
    }

    /// Sets `key` and moves it to the front, as whoever changes an entry must. A 33rd entry pushes the last one out.
    ///
    /// # Errors
    ///
    /// When key or value are not of the form that the format can carry. The list is then as it was.
    ///
    /// ```
    /// use anytrace_api::{LimitKind, TraceState};
    ///
    /// let mut state = TraceState::new();
    /// assert_eq!(state.set("Acme", "1").unwrap_err().kind(), LimitKind::Key);
    /// assert_eq!(state.set("acme", "a,b").unwrap_err().kind(), LimitKind::Value);
    /// assert!(state.is_empty());
    /// ```
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), LimitError> {
        if !is_key(key.as_bytes()) {
            return Err(LimitError::new("trace state", LimitKind::Key, key));
        }
        if !is_value(value.as_bytes()) {
            return Err(LimitError::new("trace state", LimitKind::Value, value));
        }
        let mut changed =
            TraceState { text: String::with_capacity(self.text.len() + key.len() + value.len() + 2) };
        changed.push(key, value);
        for (key, value) in self.iter().filter(|entry| entry.0 != key).take(ENTRIES - 1) {
            changed.push(key, value);
        }
        *self = changed;
        Ok(())
    }

    /// Removes `key`; true if it was there.
    pub fn remove(&mut self, key: &str) -> bool {
        let there = self.get(key).is_some();
        if there {
            self.retain(|_, entry| entry.0 != key);
        }
        there
    }

    /// Leaves out whole entries until the text is at most `characters` long: first those of more than 128, then
    /// others, from the end each time ([W3C Trace Context level 2], section "tracestate Limits", which asks
    /// everybody to carry 512 at least).
    ///
    /// Nothing in this crate calls it: what was received is sent on whole. It is for carriers that are short.
    ///
    /// ```
    /// use anytrace_api::TraceState;
    ///
    /// let mut state: TraceState = "a=1,b=2,c=3".parse()?;
    /// state.truncate(10);
    /// assert_eq!(state.to_string(), "a=1,b=2");
    /// # Ok::<(), anytrace_api::ParseTraceStateError>(())
    /// ```
    ///
    /// [W3C Trace Context level 2]: https://www.w3.org/TR/trace-context-2/#tracestate-limits
    pub fn truncate(&mut self, characters: usize) {
        while self.text.len() > characters {
            let is_long = |entry: (&str, &str)| entry.0.len() + 1 + entry.1.len() > LONG;
            let (last, long) = self.iter().enumerate().fold((0, None), |(_, long), (index, entry)| {
                (index, if is_long(entry) { Some(index) } else { long })
            });
            let out = long.unwrap_or(last);
            self.retain(|index, _| index != out);
        }
    }

    /// The entries, the most recent first.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.text.split(',').filter_map(|entry| entry.split_once('='))
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// There is no entry.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    fn retain(&mut self, mut stays: impl FnMut(usize, (&str, &str)) -> bool) {
        let mut kept = TraceState { text: String::with_capacity(self.text.len()) };
        for (index, entry) in self.iter().enumerate() {
            if stays(index, entry) {
                kept.push(entry.0, entry.1);
            }
        }
        *self = kept;
    }

    fn push(&mut self, key: &str, value: &str) {
        if !self.text.is_empty() {
            self.text.push(',');
        }
        self.text.push_str(key);
        self.text.push('=');
        self.text.push_str(value);
    }
}

/// Reads field lines one after the other: together they are one list.
#[derive(Debug, Default)]
pub(crate) struct TraceStateLines {
    state: TraceState,
    members: usize,
}

impl TraceStateLines {
    /// None when the line makes the whole list invalid. Of entries with one key the first stays, being the newest.
    pub(crate) fn read(&mut self, line: &[u8]) -> Option<()> {
        self.state.text.reserve(line.len().min(ENTRIES * (2 * LENGTH + 2)));
        for member in line.split(|byte| *byte == b',').map(field::trim).filter(|member| !member.is_empty()) {
            let equals = member.iter().position(|byte| *byte == b'=')?;
            let (key, value) = (&member[..equals], &member[equals + 1..]);
            self.members += 1;
            if self.members > ENTRIES || !is_key(key) || !is_value(value) {
                return None;
            }
            let (key, value) = (std::str::from_utf8(key).ok()?, std::str::from_utf8(value).ok()?);
            if self.state.get(key).is_none() {
                self.state.push(key, value);
            }
        }
        Some(())
    }

    pub(crate) fn finish(self) -> TraceState {
        self.state
    }
}

fn is_key(key: &[u8]) -> bool {
    let first = key.first().is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let others = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-*/@".contains(byte);
    first && key.len() <= LENGTH && key.iter().all(others)
}

fn is_value(value: &[u8]) -> bool {
    let allowed = |byte: &u8| matches!(byte, b' '..=b'~') && !matches!(byte, b',' | b'=');
    value.last().is_some_and(|last| *last != b' ') && value.len() <= LENGTH && value.iter().all(allowed)
}

/// From one header's text. Empty members and white space around members are skipped, and of entries with one key the
/// first stays.
impl FromStr for TraceState {
    type Err = ParseTraceStateError;

    fn from_str(text: &str) -> Result<Self, ParseTraceStateError> {
        let mut lines = TraceStateLines::default();
        match lines.read(text.as_bytes()) {
            Some(()) => Ok(lines.finish()),
            None => Err(ParseTraceStateError(Rejected::new(text.as_bytes()))),
        }
    }
}

/// The header's text; empty when there is no entry, and then no header is to be sent.
impl fmt::Display for TraceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl fmt::Debug for TraceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// The text is no trace state: an entry is not in the form of the format, or there are more than 32.
///
/// ```
/// let error = "Acme=1".parse::<anytrace_api::TraceState>().unwrap_err();
/// assert_eq!(error.to_string(), r#"not a trace state: "Acme=1""#);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseTraceStateError(Rejected);

impl fmt::Display for ParseTraceStateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a trace state: {}", self.0)
    }
}

impl Error for ParseTraceStateError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> TraceState {
        let members: Vec<_> = (0..ENTRIES).map(|n| format!("k{n}=v{n}")).collect();
        members.join(",").parse().unwrap()
    }

    #[test]
    fn the_thirty_third_pushes_the_last_one_out() {
        let mut state = full();
        state.set("acme", "1").unwrap();
        assert_eq!((state.len(), state.get("k31"), state.get("k30")), (ENTRIES, None, Some("v30")));
        state.set("k30", "new").unwrap();
        assert_eq!((state.len(), state.iter().next()), (ENTRIES, Some(("k30", "new"))));
    }

    #[test]
    fn what_is_refused_changes_nothing() {
        let mut state: TraceState = "a=1,b=2".parse().unwrap();
        for (key, value) in
            [("", "1"), ("@a", "1"), ("a.b", "1"), ("a", ""), ("a", "x "), ("a", "x=y"), ("a", "ü")]
        {
            assert!(state.set(key, value).is_err(), "{key}={value}");
        }
        assert_eq!(state.as_str(), "a=1,b=2");
    }

    #[test]
    fn repeated_keys_count_towards_the_limit() {
        assert!(format!("{},k0=1", full()).parse::<TraceState>().is_err());
    }

    #[test]
    fn removing_says_whether_it_was_there() {
        let mut state: TraceState = "a=1".parse().unwrap();
        assert!(!state.remove("b") && state.remove("a") && state.is_empty());
        assert_eq!((state.len(), state.iter().next()), (0, None));
    }
}
