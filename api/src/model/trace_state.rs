//! The trace state: vendor-specific entries that travel with the ids.

use std::{error::Error, fmt, str::FromStr};

use crate::model::{LimitError, LimitKind, carrier::field, rejected::Rejected};

/// The trace state: an ordered list of key/value entries of tracing systems, most recent entry first ([W3C Trace
/// Context level 2], section 3.3).
///
/// | part | rule |
/// |---|---|
/// | key | unique; 1 to 256 lower-case letters, digits and `_-*/@`; begins with a letter or digit |
/// | value | 1 to 256 printable ASCII characters, except `,` and `=`; does not end with a space |
/// | entries | at most 32 |
///
/// A `TraceState` always follows these rules.
///
/// ```
/// use anytrace_api::data::TraceState;
///
/// let mut state: TraceState = "rojo=1 , congo=t61".parse()?;
/// state.set("acme", "7").unwrap();
/// state.set("congo", "u2").unwrap();
/// assert_eq!(state.to_string(), "congo=u2,acme=7,rojo=1");
/// assert_eq!(state.get("rojo"), Some("1"));
/// # Ok::<(), anytrace_api::errors::ParseTraceStateError>(())
/// ```
///
/// [W3C Trace Context level 2]: https://www.w3.org/TR/trace-context-2/#tracestate-header
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct TraceState {
    /// The value of the header: `key=value` entries joined by commas, without optional white space.
    text: String,
}

const MAX_ENTRIES: usize = 32;
/// The maximum length of a key, and of a value.
const MAX_LEN: usize = 256;
/// The length above which `truncate` removes entries first.
const LONG_ENTRY: usize = 128;

impl TraceState {
    /// Creates an empty trace state.
    pub const fn new() -> Self {
        TraceState { text: String::new() }
    }

    /// Returns the value of `key`, if there is one.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.iter().find(|entry| entry.0 == key).map(|entry| entry.1)
    }

    /// Sets `key` to `value` and moves the entry to the front, as the format requires of every change. If there are
    /// more than 32 entries then, the last entry is removed.
    ///
    /// # Errors
    ///
    /// Fails if the key or the value is not valid (see [`TraceState`]). The trace state is unchanged then.
    ///
    /// ```
    /// use anytrace_api::{data::TraceState, errors::LimitKind};
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
        for (key, value) in self.iter().filter(|entry| entry.0 != key).take(MAX_ENTRIES - 1) {
            changed.push(key, value);
        }
        *self = changed;
        Ok(())
    }

    /// Removes `key`. Returns true if the key existed.
    pub fn remove(&mut self, key: &str) -> bool {
        let existed = self.get(key).is_some();
        if existed {
            self.retain(|_, entry| entry.0 != key);
        }
        existed
    }

    /// Removes whole entries until the header value has at most `characters` characters.
    ///
    /// Entries of more than 128 characters are removed first, then others, each time from the end ([W3C Trace Context
    /// level 2], section "tracestate Limits"). The specification asks systems to propagate at least 512 characters.
    ///
    /// Use this method for carriers with a length limit. The propagators of this crate never call it: they send a
    /// received trace state unchanged.
    ///
    /// ```
    /// use anytrace_api::data::TraceState;
    ///
    /// let mut state: TraceState = "a=1,b=2,c=3".parse()?;
    /// state.truncate(10);
    /// assert_eq!(state.to_string(), "a=1,b=2");
    /// # Ok::<(), anytrace_api::errors::ParseTraceStateError>(())
    /// ```
    ///
    /// [W3C Trace Context level 2]: https://www.w3.org/TR/trace-context-2/#tracestate-limits
    pub fn truncate(&mut self, characters: usize) {
        while self.text.len() > characters {
            let is_long = |entry: (&str, &str)| entry.0.len() + 1 + entry.1.len() > LONG_ENTRY;
            let (last, long) = self.iter().enumerate().fold((0, None), |(_, long), (index, entry)| {
                (index, if is_long(entry) { Some(index) } else { long })
            });
            let removed = long.unwrap_or(last);
            self.retain(|index, _| index != removed);
        }
    }

    /// Returns an iterator over the entries, most recent entry first.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.text.split(',').filter_map(|entry| entry.split_once('='))
    }

    /// Returns the number of entries.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Returns true if there is no entry.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    fn retain(&mut self, mut keep: impl FnMut(usize, (&str, &str)) -> bool) {
        let mut retained = TraceState { text: String::with_capacity(self.text.len()) };
        for (index, entry) in self.iter().enumerate() {
            if keep(index, entry) {
                retained.push(entry.0, entry.1);
            }
        }
        *self = retained;
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

/// A parser of header lines, which together form one list.
#[derive(Debug, Default)]
pub(crate) struct TraceStateLines {
    state: TraceState,
    members: usize,
}

impl TraceStateLines {
    /// Parses one header line. Returns `None` if the line makes the whole list invalid. The first of several entries
    /// with an equal key stays, because the first entry is the most recent one.
    pub(crate) fn read(&mut self, line: &[u8]) -> Option<()> {
        self.state.text.reserve(line.len().min(MAX_ENTRIES * (2 * MAX_LEN + 2)));
        for member in line.split(|byte| *byte == b',').map(field::trim).filter(|member| !member.is_empty()) {
            let equals = member.iter().position(|byte| *byte == b'=')?;
            let (key, value) = (&member[..equals], &member[equals + 1..]);
            self.members += 1;
            if self.members > MAX_ENTRIES || !is_key(key) || !is_value(value) {
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
    let allowed = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-*/@".contains(byte);
    first && key.len() <= MAX_LEN && key.iter().all(allowed)
}

fn is_value(value: &[u8]) -> bool {
    let allowed = |byte: &u8| matches!(byte, b' '..=b'~') && !matches!(byte, b',' | b'=');
    value.last().is_some_and(|last| *last != b' ') && value.len() <= MAX_LEN && value.iter().all(allowed)
}

/// Parses the value of a header. Empty members and white space around members are ignored, and the first of several
/// entries with an equal key stays.
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

/// Writes the value of the header. Without entries, the value is empty and the header should not be sent.
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

/// The error of parsing a [`TraceState`]: an entry is not valid, or there are more than 32 entries.
///
/// ```
/// let error = "Acme=1".parse::<anytrace_api::data::TraceState>().unwrap_err();
/// assert_eq!(error.to_string(), r#"invalid trace state: "Acme=1""#);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseTraceStateError(Rejected);

impl fmt::Display for ParseTraceStateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid trace state: {}", self.0)
    }
}

impl Error for ParseTraceStateError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> TraceState {
        let members: Vec<_> = (0..MAX_ENTRIES).map(|n| format!("k{n}=v{n}")).collect();
        members.join(",").parse().unwrap()
    }

    #[test]
    fn thirty_third_entry_removes_the_last_one() {
        let mut state = full();
        state.set("acme", "1").unwrap();
        assert_eq!((state.len(), state.get("k31"), state.get("k30")), (MAX_ENTRIES, None, Some("v30")));
        state.set("k30", "new").unwrap();
        assert_eq!((state.len(), state.iter().next()), (MAX_ENTRIES, Some(("k30", "new"))));
    }

    #[test]
    fn rejected_entry_changes_nothing() {
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
    fn removing_returns_whether_the_key_existed() {
        let mut state: TraceState = "a=1".parse().unwrap();
        assert!(!state.remove("b") && state.remove("a") && state.is_empty());
        assert_eq!((state.len(), state.iter().next()), (0, None));
    }
}
