//! The values of tags.

use std::{borrow::Cow, fmt};

/// The value of a tag. Nothing in it is owned, so making one costs nothing where no span is recorded.
///
/// Everything that users have converts: booleans, integers, floats, text, bytes, slices of these, and an `Option` of
/// each, where `None` means that the tag is not set.
///
/// ```
/// use anytrace_api::Value;
///
/// let values: [Value<'_>; 4] = [true.into(), 7_u16.into(), "text".into(), Some(0.5).into()];
/// assert_eq!(values, [Value::Bool(true), Value::I64(7), Value::Copied("text"), Value::F64(0.5)]);
/// assert_eq!(Value::from(None::<&str>), Value::Absent);
///
/// // An `Option` of something owned is lent first.
/// let user: Option<String> = None;
/// assert_eq!(Value::from(user.as_deref()), Value::Absent);
/// ```
// With a tag of its own, though one fits into a gap: asking which it is would take three steps then, for every tag.
#[repr(u8)]
#[derive(Clone, Copy, Default)]
#[non_exhaustive]
pub enum Value<'a> {
    /// The tag is not set.
    #[default]
    Absent,
    /// Yes or no.
    Bool(bool),
    /// A signed integer.
    I64(i64),
    /// An integer that is too large for a signed one.
    U64(u64),
    /// A floating point number.
    F64(f64),
    /// Text that lives as long as the program: it is kept, not copied.
    Static(&'static str),
    /// Text.
    Copied(&'a str),
    /// Bytes that are no text.
    Bytes(&'a [u8]),
    /// A list of booleans.
    Bools(&'a [bool]),
    /// A list of integers.
    I64s(&'a [i64]),
    /// A list of numbers.
    F64s(&'a [f64]),
    /// A list of texts.
    Texts(Texts<'a>),
}

impl Value<'_> {
    /// Text that lives as long as the program. A literal in [`tags!`](crate::tags) is this by itself.
    pub const fn literal(text: &'static str) -> Self {
        Value::Static(text)
    }

    /// The text, where it is one.
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

/// Equal when they say the same: a text is, whether it is kept or copied.
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

/// As in a log line: lists in brackets, bytes as their number.
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
scalars! { Bool(bool) I64(i8 i16 i32 i64 isize u8 u16 u32) F64(f32 f64) }

/// [`Value::I64`] where it fits, so that equal numbers are equal values.
impl From<u64> for Value<'_> {
    fn from(value: u64) -> Self {
        i64::try_from(value).map_or(Value::U64(value), Value::I64)
    }
}

/// As from `u64`.
impl From<usize> for Value<'_> {
    fn from(value: usize) -> Self {
        Value::from(value as u64)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Value::Copied(text)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Value::Copied(text)
    }
}

impl<'a> From<&'a Cow<'_, str>> for Value<'a> {
    fn from(text: &'a Cow<'_, str>) -> Self {
        Value::Copied(text)
    }
}

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

/// A list of texts, whoever owns them.
///
/// ```
/// use anytrace_api::Texts;
///
/// let owned = vec![String::from("a"), String::from("b")];
/// assert_eq!(Texts::from(owned.as_slice()), Texts::from(["a", "b"].as_slice()));
/// assert_eq!(Texts::from(owned.as_slice()).iter().collect::<String>(), "ab");
/// ```
#[derive(Clone, Copy)]
pub struct Texts<'a>(Held<'a>);

#[derive(Clone, Copy)]
enum Held<'a> {
    Lent(&'a [&'a str]),
    Owned(&'a [String]),
}

impl<'a> Texts<'a> {
    /// How many.
    pub const fn len(self) -> usize {
        match self.0 {
            Held::Lent(texts) => texts.len(),
            Held::Owned(texts) => texts.len(),
        }
    }

    /// Is there none?
    pub const fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The text at `index`.
    pub fn get(self, index: usize) -> Option<&'a str> {
        match self.0 {
            Held::Lent(texts) => texts.get(index).copied(),
            Held::Owned(texts) => texts.get(index).map(String::as_str),
        }
    }

    /// One after the other.
    pub fn iter(self) -> impl Iterator<Item = &'a str> {
        (0..self.len()).filter_map(move |index| self.get(index))
    }
}

impl<'a> From<&'a [&'a str]> for Texts<'a> {
    fn from(texts: &'a [&'a str]) -> Self {
        Texts(Held::Lent(texts))
    }
}

impl<'a> From<&'a [String]> for Texts<'a> {
    fn from(texts: &'a [String]) -> Self {
        Texts(Held::Owned(texts))
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
