//! The values of tags, and their conversions.

use std::{borrow::Cow, fmt, num::NonZero, rc::Rc, sync::Arc, time::Duration};

/// The value of a tag, or the description of a status.
///
/// A value borrows text, bytes and lists, so that making a value never allocates. A backend copies them only when it
/// records the span. These types convert with `into()`, which the functions that take a value call for you:
///
/// | type | value |
/// |---|---|
/// | `bool`, integers up to 64 bits and their `NonZero` types, `f64`, and references to them | the number |
/// | `u128`, `i128` | [`I64`](Self::I64) or [`U64`](Self::U64) if the number fits, else [`F64`](Self::F64) |
/// | `f32` | the nearest number with at most 8 decimals that is the same `f32`, else exact: `0.1_f32` is `0.1` |
/// | [`Duration`] | seconds as [`F64`](Self::F64), the unit of OpenTelemetry's semantic conventions |
/// | `&str`, `&&str`, `&String`, `&Cow<str>`, `&Box<str>`, `&Rc<str>`, `&Arc<str>` | the text |
/// | `&[T]`, `&[T; N]`, `&Vec<T>` of `bool`, `i64`, `f64`, `&str` or `String` | the list |
/// | `&[u8]`, `&[u8; N]`, `&Vec<u8>` | bytes |
/// | `Option` of any of these | the value, or [`Absent`](Self::Absent) |
///
/// For other types, write:
///
/// * `String` by value: borrow it, as in `set_tag("user", &user)` or `set_tag("user", &format!("{id:x}"))`.
/// * `Option<String>`: `user.as_ref()` or `user.as_deref()`.
/// * `char`: `&character.to_string()`.
/// * Lists of other integers, such as `&[u64]`: collect them into a `Vec<i64>`, since OpenTelemetry has no lists of
///   other integers.
///
/// ```
/// use anytrace_api::Value;
/// use std::time::Duration;
///
/// let values: [Value<'_>; 4] = [true.into(), 7_u16.into(), "text".into(), Some(0.5).into()];
/// assert_eq!(values, [Value::Bool(true), Value::I64(7), Value::Copied("text"), Value::F64(0.5)]);
/// assert_eq!(Value::from(None::<&str>), Value::Absent);
/// assert_eq!(Value::from(Duration::from_millis(1_500)), Value::F64(1.5));
/// assert_eq!(Value::from(0.1_f32), Value::F64(0.1));
///
/// let user: Option<String> = None;
/// assert_eq!(Value::from(user.as_deref()), Value::Absent);
/// ```
// `repr(u8)` gives the enum a discriminant of its own. By default the compiler stores it in a niche of `Texts`, and
// reading it takes three steps, for each tag.
#[repr(u8)]
#[derive(Clone, Copy, Default)]
#[non_exhaustive]
pub enum Value<'a> {
    /// No value: the tag is not set, and an earlier value of the tag stays.
    #[default]
    Absent,
    /// A boolean.
    Bool(bool),
    /// An integer that fits into an `i64`.
    I64(i64),
    /// An integer above [`i64::MAX`].
    U64(u64),
    /// A floating-point number.
    F64(f64),
    /// Text that lives as long as the program, stored by reference.
    Static(&'static str),
    /// Borrowed text, copied by each backend that records it.
    Copied(&'a str),
    /// Bytes that need not be UTF-8.
    Bytes(&'a [u8]),
    /// A list of booleans.
    Bools(&'a [bool]),
    /// A list of integers.
    I64s(&'a [i64]),
    /// A list of floating-point numbers.
    F64s(&'a [f64]),
    /// A list of texts.
    Texts(Texts<'a>),
}

impl Value<'_> {
    /// Creates a text value that backends store by reference instead of copying it.
    ///
    /// [`tags!`](crate::tags) does so for literals.
    pub const fn literal(text: &'static str) -> Self {
        Value::Static(text)
    }

    /// Returns the text if the value is text.
    ///
    /// ```
    /// # use anytrace_api::Value;
    /// assert_eq!(Value::from("a").as_str(), Some("a"));
    /// assert_eq!(Value::from(1).as_str(), None);
    /// ```
    pub const fn as_str(&self) -> Option<&str> {
        match self {
            Value::Static(text) | Value::Copied(text) => Some(text),
            _ => None,
        }
    }
}

/// Compares the contents: static and copied text are equal if their characters are, and so are signed and unsigned
/// integers if their numbers are.
impl PartialEq for Value<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Value::Absent, Value::Absent) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::I64(a), Value::I64(b)) => a == b,
            (Value::U64(a), Value::U64(b)) => a == b,
            (Value::I64(a), Value::U64(b)) | (Value::U64(b), Value::I64(a)) => u64::try_from(*a) == Ok(*b),
            (Value::F64(a), Value::F64(b)) => a == b,
            (Value::Bytes(a), Value::Bytes(b)) => a == b,
            (Value::Bools(a), Value::Bools(b)) => a == b,
            (Value::I64s(a), Value::I64s(b)) => a == b,
            (Value::F64s(a), Value::F64s(b)) => a == b,
            (Value::Texts(a), Value::Texts(b)) => a == b,
            _ => matches!((self.as_str(), other.as_str()), (Some(a), Some(b)) if a == b),
        }
    }
}

/// Writes lists in brackets, bytes as their count (`3 bytes`) and nothing for [`Absent`](Value::Absent).
impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Absent => Ok(()),
            Value::Bool(value) => value.fmt(f),
            Value::I64(value) => value.fmt(f),
            Value::U64(value) => value.fmt(f),
            Value::F64(value) => value.fmt(f),
            Value::Static(text) | Value::Copied(text) => text.fmt(f),
            Value::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
            Value::Bools(list) => f.debug_list().entries(*list).finish(),
            Value::I64s(list) => f.debug_list().entries(*list).finish(),
            Value::F64s(list) => f.debug_list().entries(*list).finish(),
            Value::Texts(list) => list.fmt(f),
        }
    }
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Absent => f.write_str("absent"),
            Value::Static(text) | Value::Copied(text) => fmt::Debug::fmt(text, f),
            Value::F64(value) => fmt::Debug::fmt(value, f),
            Value::Bytes(bytes) => write!(f, "b\"{}\"", bytes.escape_ascii()),
            value => fmt::Display::fmt(value, f),
        }
    }
}

macro_rules! scalars {
    ($($variant:ident($($from:ty)*))*) => { $($(
        impl From<$from> for Value<'_> {
            #[allow(clippy::cast_lossless, clippy::cast_possible_wrap, reason = "one macro for all widths that fit")]
            fn from(value: $from) -> Self {
                Value::$variant(value as _)
            }
        }
    )*)* };
}
scalars! { Bool(bool) I64(i8 i16 i32 i64 isize u8 u16 u32) F64(f64) }

/// [`Value::I64`] if the number fits, so that equal numbers make equal values, and else [`Value::U64`].
impl From<u64> for Value<'_> {
    fn from(value: u64) -> Self {
        i64::try_from(value).map_or(Value::U64(value), Value::I64)
    }
}

/// See the conversion from `u64`.
impl From<usize> for Value<'_> {
    fn from(value: usize) -> Self {
        Value::from(value as u64)
    }
}

/// [`Value::I64`] or [`Value::U64`] if the number fits, and else the nearest [`Value::F64`].
impl From<i128> for Value<'_> {
    fn from(value: i128) -> Self {
        match (i64::try_from(value), u64::try_from(value)) {
            (Ok(value), _) => Value::I64(value),
            (Err(_), Ok(value)) => Value::U64(value),
            (Err(_), Err(_)) => Value::F64(value as f64),
        }
    }
}

/// [`Value::I64`] or [`Value::U64`] if the number fits, and else the nearest [`Value::F64`].
impl From<u128> for Value<'_> {
    fn from(value: u128) -> Self {
        u64::try_from(value).map_or(Value::F64(value as f64), Value::from)
    }
}

/// The number with the fewest decimals, up to 8, that is the same `f32`, and else the exact number: `0.1_f32` becomes
/// `0.1`, not `0.10000000149011612`.
impl From<f32> for Value<'_> {
    #[allow(clippy::float_cmp, reason = "the question is whether the decimals name the same `f32`")]
    fn from(value: f32) -> Self {
        const SCALES: [f64; 9] = [1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8];
        let exact = f64::from(value);
        let mut rounded = SCALES.iter().map(|scale| (exact * scale).round() / scale);
        Value::F64(rounded.find(|rounded| *rounded as f32 == value).unwrap_or(exact))
    }
}

/// Seconds as [`Value::F64`]: OpenTelemetry's semantic conventions measure durations in seconds.
impl From<Duration> for Value<'_> {
    fn from(value: Duration) -> Self {
        Value::F64(value.as_secs_f64())
    }
}

macro_rules! references {
    ($($from:ty)*) => { $(
        impl From<&$from> for Value<'_> {
            fn from(value: &$from) -> Self {
                Value::from(*value)
            }
        }
    )* };
}
references! { bool i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize f32 f64 Duration }

macro_rules! non_zero {
    ($($from:ty)*) => { $(
        impl From<NonZero<$from>> for Value<'_> {
            fn from(value: NonZero<$from>) -> Self {
                Value::from(value.get())
            }
        }
    )* };
}
non_zero! { i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize }

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Value::Copied(text)
    }
}

macro_rules! texts {
    ($($from:ty)*) => { $(
        impl<'a> From<&'a $from> for Value<'a> {
            fn from(text: &'a $from) -> Self {
                Value::Copied(text)
            }
        }
    )* };
}
texts! { &str String Cow<'_, str> Box<str> Rc<str> Arc<str> }

macro_rules! slices {
    ($($from:ty => $variant:ident)*) => { $(
        impl<'a> From<&'a [$from]> for Value<'a> {
            fn from(list: &'a [$from]) -> Self {
                Value::$variant(list.into())
            }
        }

        impl<'a, const N: usize> From<&'a [$from; N]> for Value<'a> {
            fn from(list: &'a [$from; N]) -> Self {
                Self::from(list.as_slice())
            }
        }

        impl<'a> From<&'a Vec<$from>> for Value<'a> {
            fn from(list: &'a Vec<$from>) -> Self {
                Self::from(list.as_slice())
            }
        }
    )* };
}
slices! { u8 => Bytes bool => Bools i64 => I64s f64 => F64s &'a str => Texts String => Texts }

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Absent, Into::into)
    }
}

/// A borrowed list of texts: of `&str` or of `String`.
///
/// ```
/// use anytrace_api::data::Texts;
///
/// let owned = vec![String::from("a"), String::from("b")];
/// assert_eq!(Texts::from(owned.as_slice()), Texts::from(["a", "b"].as_slice()));
/// assert_eq!(Texts::from(owned.as_slice()).iter().collect::<String>(), "ab");
/// ```
#[derive(Clone, Copy)]
pub struct Texts<'a>(TextSlice<'a>);

#[derive(Clone, Copy)]
enum TextSlice<'a> {
    Strs(&'a [&'a str]),
    Strings(&'a [String]),
}

impl<'a> Texts<'a> {
    /// Returns the number of texts.
    pub const fn len(self) -> usize {
        match self.0 {
            TextSlice::Strs(texts) => texts.len(),
            TextSlice::Strings(texts) => texts.len(),
        }
    }

    /// Returns true if the list has no text.
    pub const fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Returns the text at `index`, counted from 0, or `None` beyond the end.
    pub fn get(self, index: usize) -> Option<&'a str> {
        match self.0 {
            TextSlice::Strs(texts) => texts.get(index).copied(),
            TextSlice::Strings(texts) => texts.get(index).map(String::as_str),
        }
    }

    /// Returns an iterator over the texts, in order.
    pub fn iter(self) -> impl Iterator<Item = &'a str> {
        (0..self.len()).filter_map(move |index| self.get(index))
    }
}

impl<'a> From<&'a [&'a str]> for Texts<'a> {
    fn from(texts: &'a [&'a str]) -> Self {
        Texts(TextSlice::Strs(texts))
    }
}

impl<'a> From<&'a [String]> for Texts<'a> {
    fn from(texts: &'a [String]) -> Self {
        Texts(TextSlice::Strings(texts))
    }
}

impl PartialEq for Texts<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl fmt::Debug for Texts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl fmt::Display for Texts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_integer_is_an_integer_if_it_fits() {
        assert!(matches!(Value::from(7_u128), Value::I64(7)));
        assert!(matches!(Value::from(-7_i128), Value::I64(-7)));
        assert!(matches!(Value::from(u128::from(u64::MAX)), Value::U64(u64::MAX)));
        assert!(matches!(Value::from(i128::from(u64::MAX)), Value::U64(u64::MAX)));
        assert_eq!(Value::from(u128::from(u64::MAX) + 1), Value::F64(18_446_744_073_709_551_616.0));
        assert_eq!(
            Value::from(i128::MIN),
            Value::F64(-170_141_183_460_469_231_731_687_303_715_884_105_728.0)
        );
    }

    #[test]
    fn f32_keeps_its_decimals() {
        let written = [0.1_f32, -0.3, 1.0, 1e-7, 123.456, 0.728_395_1, 16_777_216.0, 1e10, 0.0]
            .map(|value| Value::from(value).to_string());
        let expected =
            ["0.1", "-0.3", "1", "0.0000001", "123.456", "0.7283951", "16777216", "10000000000", "0"];
        assert_eq!(written, expected);
        assert_eq!(Value::from(f32::INFINITY), Value::F64(f64::INFINITY));
        assert!(matches!(Value::from(f32::NAN), Value::F64(value) if value.is_nan()));
    }

    #[test]
    #[allow(clippy::float_cmp, reason = "equality is the rule")]
    fn f32_converts_without_loss() {
        let mut bits = 1_u32;
        for _ in 0..10_000 {
            bits = bits.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let value = f32::from_bits(bits);
            let Value::F64(converted) = Value::from(value) else { panic!("{value} is not an f64") };
            assert!(converted as f32 == value || value.is_nan(), "{value}: {converted}");
        }
    }

    #[test]
    fn duration_is_in_seconds() {
        assert_eq!(Value::from(Duration::from_millis(1_500)), Value::F64(1.5));
        assert_eq!(Value::from(&Duration::from_nanos(1)), Value::F64(1e-9));
    }

    #[test]
    fn non_zero_and_referenced_numbers_convert() {
        assert_eq!(Value::from(NonZero::new(7_u8)), Value::I64(7));
        assert_eq!(Value::from(NonZero::<u64>::MAX), Value::U64(u64::MAX));
        assert_eq!([Value::from(&true), Value::from(&7_usize)], [Value::Bool(true), Value::I64(7)]);
        assert_eq!(Value::from([1_i64].first()), Value::I64(1));
    }

    #[test]
    fn every_owner_of_text_converts_by_reference() {
        let (text, owned) = ("a", String::from("a"));
        let (boxed, cow): (Box<str>, Cow<'_, str>) = (text.into(), text.into());
        let (rc, arc): (Rc<str>, Arc<str>) = (text.into(), text.into());
        let values = [
            Value::from(&text),
            Value::from(&owned),
            Value::from(&boxed),
            Value::from(&cow),
            Value::from(&rc),
            Value::from(&arc),
        ];
        assert_eq!(values, [Value::Copied("a"); 6]);
        assert_eq!(Value::from(&format!("{text}b")), Value::Copied("ab"));
        assert_eq!(Value::from(Some(owned).as_ref()), Value::Copied("a"));
    }

    #[test]
    fn lists_convert_from_slices_arrays_and_vectors() {
        let (numbers, texts) = (vec![1.5, 2.5], vec![String::from("a")]);
        assert_eq!(Value::from(&numbers), Value::from(&[1.5, 2.5]));
        assert_eq!(Value::from(&texts), Value::from(&["a"]));
        assert_eq!(Value::from(&[true]), Value::from([true].as_slice()));
        assert_eq!(Value::from(&vec![1_i64]), Value::I64s(&[1]));
        assert_eq!(Value::from(&[1_u8]), Value::Bytes(&[1]));
    }

    #[test]
    fn value_is_small() {
        assert_eq!(size_of::<Value<'_>>(), 32);
    }
}
