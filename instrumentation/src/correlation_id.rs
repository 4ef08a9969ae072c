//! The id under which everybody who had to do with a request knows it.

use std::{error::Error, fmt, str::FromStr};

use anytrace_api::TraceId;

use crate::http::LONGEST;

/// The id under which everybody who had to do with a request knows it: 1 to 128 visible ASCII characters, so that it
/// is harmless in a header, a log line and a tag.
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
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CorrelationId {
    type Err = InvalidCorrelationId;

    fn from_str(text: &str) -> Result<Self, InvalidCorrelationId> {
        let fits = (1..=LONGEST).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_graphic());
        if fits { Ok(CorrelationId(text.into())) } else { Err(InvalidCorrelationId) }
    }
}

/// In hex, where nobody gave the request another id.
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

/// A text is no [`CorrelationId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidCorrelationId;

impl fmt::Display for InvalidCorrelationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a correlation id has 1 to {LONGEST} visible ascii characters")
    }
}

impl Error for InvalidCorrelationId {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_short_visible_text_is_one() {
        let longest = "x".repeat(LONGEST);
        for good in ["a", "{7F3A-1}", &longest] {
            assert_eq!(good.parse::<CorrelationId>().unwrap().as_str(), good);
        }
        for bad in ["", " ", "a b", "a\r\nb", "ü", &format!("{longest}x")] {
            assert_eq!(bad.parse::<CorrelationId>(), Err(InvalidCorrelationId), "{bad}");
        }
    }
}
