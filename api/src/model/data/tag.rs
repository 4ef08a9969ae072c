//! Typed key/value pairs on one span.

use crate::model::{Name, Value};

/// A key and a value that describe one span: an attribute, in other words.
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
    /// What it is called.
    pub key: Name<'a>,
    /// What it is.
    pub value: Value<'a>,
}

impl<'a> Tag<'a> {
    /// The tag `key` with `value`.
    pub fn new(key: impl Into<Name<'a>>, value: impl Into<Value<'a>>) -> Self {
        Tag { key: key.into(), value: value.into() }
    }
}

/// An array of [`Tag`]s, lent to whatever starts a span or sets several tags. Literals are kept, not copied.
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

/// A literal in [`tags!`](crate::tags): text is known to live long enough to be kept.
#[doc(hidden)]
pub fn __literal(literal: impl Literal) -> Value<'static> {
    literal.value()
}

/// The types that literals have.
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
literals!(bool i8 i16 i32 i64 isize u8 u16 u32 u64 usize f32 f64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_that_begins_with_a_literal_is_an_expression() {
        let tags = tags! { "n" => "four".len(), "m" => -1, };
        assert_eq!([tags[0].value, tags[1].value], [Value::I64(4), Value::I64(-1)]);
    }

    #[test]
    fn many_tags_fit() {
        let tags = tags! {
            "a" => 1, "b" => 1, "c" => 1, "d" => 1, "e" => 1, "f" => 1, "g" => 1, "h" => 1, "i" => 1, "j" => 1,
            "k" => 1, "l" => 1, "m" => 1, "n" => 1, "o" => 1, "p" => 1, "q" => 1, "r" => 1, "s" => 1, "t" => 1,
        };
        assert_eq!(tags.len(), 20);
        let none: [Tag<'_>; 0] = tags! {};
        assert!(none.is_empty());
    }
}
