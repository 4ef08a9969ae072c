//! [`CorrelationId`]: the id that services and their logs share for one request.

use std::{error::Error, fmt, str::FromStr};

use anytrace_api::TraceId;

use crate::http::MAX_TEXT_LENGTH;

/// An id that services, logs and support staff share for one request, such as the value of `x-request-id`.
///
/// A correlation id has 1 to 128 visible ASCII characters, so that any id can be written to a header, a log line and a
/// tag without escaping. [`RequestContext::correlation_id`](crate::RequestContext::correlation_id) returns that of the
/// current request.
///
/// ```
/// use anytrace_instrumentation::CorrelationId;
///
/// let id: CorrelationId = "order-7f3a".parse()?;
/// assert_eq!(id.as_str(), "order-7f3a");
/// assert!("two\nlines".parse::<CorrelationId>().is_err());
/// # Ok::<(), anytrace_instrumentation::InvalidCorrelationId>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CorrelationId(Box<str>);

impl CorrelationId {
    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Parses an id.
///
/// # Errors
///
/// [`InvalidCorrelationId`] if the text is empty, longer than 128 characters, or has a character that is not visible
/// ASCII.
impl FromStr for CorrelationId {
    type Err = InvalidCorrelationId;

    fn from_str(text: &str) -> Result<Self, InvalidCorrelationId> {
        let is_valid =
            (1..=MAX_TEXT_LENGTH).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_graphic());
        if is_valid { Ok(CorrelationId(text.into())) } else { Err(InvalidCorrelationId) }
    }
}

/// Writes the trace id in hex: the correlation id of a request that brings none.
impl From<TraceId> for CorrelationId {
    fn from(id: TraceId) -> Self {
        CorrelationId(id.to_string().into())
    }
}

impl fmt::Display for CorrelationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The error of parsing a text that is not a valid [`CorrelationId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidCorrelationId;

impl fmt::Display for InvalidCorrelationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a correlation id needs 1 to {MAX_TEXT_LENGTH} visible ASCII characters")
    }
}

impl Error for InvalidCorrelationId {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_1_to_128_visible_ascii_characters() {
        let longest = "x".repeat(MAX_TEXT_LENGTH);
        for good in ["a", "{7F3A-1}", &longest] {
            assert_eq!(good.parse::<CorrelationId>().unwrap().as_str(), good);
        }
        for bad in ["", " ", "a b", "a\r\nb", "ü", &format!("{longest}x")] {
            assert_eq!(bad.parse::<CorrelationId>(), Err(InvalidCorrelationId), "{bad}");
        }
    }
}
