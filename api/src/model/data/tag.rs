//! Tags, and the macro that makes several.

use crate::model::{Name, Value};

/// A typed key/value pair that describes one span, event or link: OpenTelemetry's attribute.
///
/// Use [`tags!`](crate::tags) for several tags. Names of common keys are in [`keys`](crate::keys).
///
/// ```
/// use anytrace_api::{Tag, Value};
///
/// let tag = Tag::new("http.response.status_code", 200_u16);
/// assert_eq!(tag.value, Value::I64(200));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Tag<'a> {
    /// The key, such as `http.request.method`.
    pub key: Name<'a>,
    /// The value. [`Value::Absent`] leaves the tag unset.
    pub value: Value<'a>,
}

impl<'a> Tag<'a> {
    /// Creates the tag `key` with `value`.
    pub fn new(key: impl Into<Name<'a>>, value: impl Into<Value<'a>>) -> Self {
        Tag { key: key.into(), value: value.into() }
    }
}

/// Creates an array of [`Tag`]s, for operations, events, links and functions that set several tags.
///
/// Backends store literals by reference and copy other text. A value borrows its source. If the array is stored in a
/// variable, temporary values such as `&format!(…)` need a variable of their own before it.
///
/// ```
/// use anytrace_api::{Value, tags};
///
/// let user = String::from("ada");
/// let tags = tags! { "cache" => "l2", "user" => &user, "tries" => 3, "shard" => None::<i64> };
/// assert_eq!(tags[0].value, Value::Static("l2"));
/// assert_eq!(tags[1].value, Value::Copied("ada"));
/// assert_eq!(tags[3].value, Value::Absent);
/// ```
#[macro_export]
macro_rules! tags {
    (@ [$($done:expr,)*]) => { [$($done),*] };
    (@ [$($done:expr,)*] $key:expr => $value:literal $(, $($rest:tt)*)?) => {
        $crate::tags!(@ [$($done,)* $crate::Tag::new($key, $crate::__literal($value)),] $($($rest)*)?)
    };
    (@ [$($done:expr,)*] $key:expr => $value:expr $(, $($rest:tt)*)?) => {
        $crate::tags!(@ [$($done,)* $crate::Tag::new($key, $value),] $($($rest)*)?)
    };
    ($($tags:tt)*) => { $crate::tags!(@ [] $($tags)*) };
}

/// Converts a literal in [`tags!`](crate::tags), whose text is `'static`.
#[doc(hidden)]
pub fn __literal(literal: impl Literal) -> Value<'static> {
    literal.value()
}

/// The types of literals.
#[doc(hidden)]
pub trait Literal {
    fn value(self) -> Value<'static>;
}

impl Literal for &'static str {
    fn value(self) -> Value<'static> {
        Value::Static(self)
    }
}

impl<const N: usize> Literal for &'static [u8; N] {
    fn value(self) -> Value<'static> {
        Value::Bytes(self)
    }
}

macro_rules! literals {
    ($($literal:ty)*) => { $(
        impl Literal for $literal {
            fn value(self) -> Value<'static> {
                self.into()
            }
        }
    )* };
}
literals!(bool i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize f32 f64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn method_call_on_a_literal_is_an_expression() {
        let tags = tags! { "n" => "four".len(), "m" => -1, };
        assert_eq!([tags[0].value, tags[1].value], [Value::I64(4), Value::I64(-1)]);
    }

    #[test]
    fn tags_takes_no_tag_and_many() {
        let tags = tags! {
            "a" => 1, "b" => 1, "c" => 1, "d" => 1, "e" => 1, "f" => 1, "g" => 1, "h" => 1, "i" => 1, "j" => 1,
            "k" => 1, "l" => 1, "m" => 1, "n" => 1, "o" => 1, "p" => 1, "q" => 1, "r" => 1, "s" => 1, "t" => 1,
        };
        assert_eq!(tags.len(), 20);
        let none: [Tag<'_>; 0] = tags! {};
        assert!(none.is_empty());
    }
}
