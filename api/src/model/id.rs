//! Trace ids and span ids.

use std::{error::Error, fmt, num::NonZeroU64, str::FromStr};

use crate::model::{hex, rejected::Rejected};

/// The id of a trace: 128 bits, never all zero.
///
/// The text form is exactly 32 lower-case hexadecimal digits ([W3C Trace Context], section 3.2.2.3). Parsing accepts
/// no other form.
///
/// ```
/// use anytrace_api::TraceId;
///
/// let id: TraceId = "4bf92f3577b34da6a3ce929d0e0e4736".parse()?;
/// assert_eq!(id.to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
/// assert!("4BF92F3577B34DA6A3CE929D0E0E4736".parse::<TraceId>().is_err(), "upper case");
/// assert!("+1".parse::<TraceId>().is_err());
/// # Ok::<(), anytrace_api::errors::ParseIdError>(())
/// ```
///
/// [W3C Trace Context]: https://www.w3.org/TR/trace-context-2/
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TraceId {
    high: u64,
    low: u64,
}

impl TraceId {
    /// Creates an id from its upper and lower half. Returns `None` if both are zero.
    ///
    /// ```
    /// use anytrace_api::TraceId;
    ///
    /// assert_eq!(TraceId::from_halves(0, 1).unwrap().to_u128(), 1);
    /// assert!(TraceId::from_halves(0, 0).is_none());
    /// ```
    pub const fn from_halves(high: u64, low: u64) -> Option<Self> {
        if high == 0 && low == 0 { None } else { Some(TraceId { high, low }) }
    }

    /// Creates an id from its value. Returns `None` for zero. See [`from_halves`](Self::from_halves).
    pub const fn from_u128(value: u128) -> Option<Self> {
        Self::from_halves((value >> 64) as u64, value as u64)
    }

    /// Creates an id from its bytes, most significant byte first. Returns `None` if all are zero.
    ///
    /// ```
    /// # use anytrace_api::TraceId;
    /// let id = TraceId::from_bytes([7; 16]).unwrap();
    /// assert_eq!(id.to_bytes(), [7; 16]);
    /// ```
    pub const fn from_bytes(bytes: [u8; 16]) -> Option<Self> {
        Self::from_u128(u128::from_be_bytes(bytes))
    }

    /// Returns the upper 64 bits.
    pub const fn high(self) -> u64 {
        self.high
    }

    /// Returns the lower 64 bits, which ratio samplers use, and which are the whole id in systems with 64-bit trace
    /// ids.
    pub const fn low(self) -> u64 {
        self.low
    }

    /// Returns the value. See [`from_halves`](Self::from_halves).
    pub const fn to_u128(self) -> u128 {
        (self.high as u128) << 64 | self.low as u128
    }

    /// Returns the bytes, most significant byte first. See [`from_bytes`](Self::from_bytes).
    pub const fn to_bytes(self) -> [u8; 16] {
        self.to_u128().to_be_bytes()
    }

    /// Returns the 32 digits of the text form as ASCII, without an allocation.
    ///
    /// ```
    /// # use anytrace_api::TraceId;
    /// assert_eq!(&TraceId::from_u128(255).unwrap().to_hex()[28..], b"00ff");
    /// ```
    pub fn to_hex(self) -> [u8; 32] {
        let mut digits = [0; 32];
        digits[..16].copy_from_slice(&hex::digits(self.high));
        digits[16..].copy_from_slice(&hex::digits(self.low));
        digits
    }
}

impl FromStr for TraceId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        Self::try_from(text.as_bytes())
    }
}

/// Parses exactly 32 lower-case hexadecimal digits in ASCII.
impl TryFrom<&[u8]> for TraceId {
    type Error = ParseIdError;

    fn try_from(digits: &[u8]) -> Result<Self, ParseIdError> {
        let halves = digits.split_at_checked(16);
        halves
            .and_then(|(high, low)| Self::from_halves(hex::read(high)?, hex::read(low)?))
            .ok_or_else(|| ParseIdError { id: "trace id", digits: 32, rejected: Rejected::new(digits) })
    }
}

/// The id of a span within its trace: 64 bits, never zero.
///
/// The text form is exactly 16 lower-case hexadecimal digits ([W3C Trace Context], section 3.2.2.4). Parsing accepts
/// no other form.
///
/// ```
/// use anytrace_api::SpanId;
///
/// let id: SpanId = "00f067aa0ba902b7".parse()?;
/// assert_eq!(id.to_string(), "00f067aa0ba902b7");
/// assert!("0000000000000000".parse::<SpanId>().is_err());
/// # Ok::<(), anytrace_api::errors::ParseIdError>(())
/// ```
///
/// [W3C Trace Context]: https://www.w3.org/TR/trace-context-2/
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpanId(NonZeroU64);

impl SpanId {
    /// Creates an id from its value. Returns `None` for zero.
    ///
    /// ```
    /// use anytrace_api::SpanId;
    ///
    /// assert_eq!(SpanId::from_u64(9).unwrap().to_u64(), 9);
    /// assert!(SpanId::from_u64(0).is_none());
    /// ```
    pub const fn from_u64(value: u64) -> Option<Self> {
        match NonZeroU64::new(value) {
            Some(value) => Some(SpanId(value)),
            None => None,
        }
    }

    /// Creates an id from its bytes, most significant byte first. Returns `None` if all are zero.
    ///
    /// ```
    /// # use anytrace_api::SpanId;
    /// assert_eq!(SpanId::from_bytes([7; 8]).unwrap().to_bytes(), [7; 8]);
    /// ```
    pub const fn from_bytes(bytes: [u8; 8]) -> Option<Self> {
        Self::from_u64(u64::from_be_bytes(bytes))
    }

    /// Returns the value. See [`from_u64`](Self::from_u64).
    pub const fn to_u64(self) -> u64 {
        self.0.get()
    }

    /// Returns the bytes, most significant byte first. See [`from_bytes`](Self::from_bytes).
    pub const fn to_bytes(self) -> [u8; 8] {
        self.to_u64().to_be_bytes()
    }

    /// Returns the 16 digits of the text form as ASCII, without an allocation.
    ///
    /// ```
    /// # use anytrace_api::SpanId;
    /// assert_eq!(&SpanId::from_u64(255).unwrap().to_hex(), b"00000000000000ff");
    /// ```
    pub fn to_hex(self) -> [u8; 16] {
        hex::digits(self.to_u64())
    }
}

impl FromStr for SpanId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        Self::try_from(text.as_bytes())
    }
}

/// Parses exactly 16 lower-case hexadecimal digits in ASCII.
impl TryFrom<&[u8]> for SpanId {
    type Error = ParseIdError;

    fn try_from(digits: &[u8]) -> Result<Self, ParseIdError> {
        hex::read(digits).and_then(Self::from_u64).ok_or_else(|| ParseIdError {
            id: "span id",
            digits: 16,
            rejected: Rejected::new(digits),
        })
    }
}

macro_rules! display_as_hex {
    ($($id:ident)*) => { $(
        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(std::str::from_utf8(&self.to_hex()).unwrap_or_default())
            }
        }

        impl fmt::Debug for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    )* };
}
display_as_hex!(TraceId SpanId);

/// The error of parsing an id: the text has the wrong length, contains a character that is not a lower-case hexadecimal
/// digit, or is all zero.
///
/// ```
/// let error = "1".parse::<anytrace_api::SpanId>().unwrap_err();
/// assert_eq!(error.to_string(), r#"invalid span id "1": not 16 lower-case hexadecimal digits, or all zero"#);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseIdError {
    id: &'static str,
    digits: usize,
    rejected: Rejected,
}

impl fmt::Display for ParseIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ParseIdError { id, digits, rejected } = self;
        write!(f, "invalid {id} {rejected}: not {digits} lower-case hexadecimal digits, or all zero")
    }
}

impl Error for ParseIdError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_survive_a_round_trip_through_text_and_bytes() {
        let trace = TraceId::from_u128(0x0123_4567_89ab_cdef_0011_2233_4455_6677).unwrap();
        assert_eq!(trace.to_string().parse(), Ok(trace));
        assert_eq!(TraceId::from_bytes(trace.to_bytes()), Some(trace));
        let span = SpanId::from_u64(0x0123_4567_89ab_cdef).unwrap();
        assert_eq!(span.to_string().parse(), Ok(span));
        assert_eq!(SpanId::from_bytes(span.to_bytes()), Some(span));
    }

    #[test]
    fn only_the_exact_form_is_parsed() {
        let valid = "4bf92f3577b34da6a3ce929d0e0e4736";
        for invalid in [
            "",
            "1",
            &valid[1..],
            &format!("{valid}0"),
            &valid.to_uppercase(),
            &"0".repeat(32),
            "+".repeat(32).as_str(),
        ] {
            assert!(invalid.parse::<TraceId>().is_err(), "{invalid}");
        }
        assert!("é".repeat(16).parse::<TraceId>().is_err());
    }
}
