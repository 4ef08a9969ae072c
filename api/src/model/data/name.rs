//! Names and keys.

use std::{borrow::Cow, fmt};

/// The name of a span or event, or the key of a tag.
///
/// Usually a literal, which is kept as it is. Other text is lent, and copied by the backend only when the span is
/// recorded: a reference to a `String` converts by itself, any other text is said to be copied.
///
/// ```
/// use anytrace_api::Name;
///
/// let method = String::from("GET");
/// let names: [Name<'_>; 3] = ["load".into(), (&method).into(), Name::copied(&method[..1])];
/// assert_eq!(names.map(Name::as_str), ["load", "GET", "G"]);
/// ```
#[derive(Clone, Copy)]
pub enum Name<'a> {
    /// Text that lives as long as the program.
    Static(&'static str),
    /// Text that whoever wants to keep it copies.
    Copied(&'a str),
}

impl<'a> Name<'a> {
    /// A name that is not a literal.
    pub const fn copied(text: &'a str) -> Self {
        Name::Copied(text)
    }

    /// The text.
    pub const fn as_str(self) -> &'a str {
        match self {
            Name::Static(text) | Name::Copied(text) => text,
        }
    }
}

impl From<&'static str> for Name<'_> {
    fn from(text: &'static str) -> Self {
        Name::Static(text)
    }
}

impl<'a> From<&'a String> for Name<'a> {
    fn from(text: &'a String) -> Self {
        Name::Copied(text)
    }
}

impl<'a> From<&'a Cow<'static, str>> for Name<'a> {
    fn from(text: &'a Cow<'static, str>) -> Self {
        match text {
            Cow::Borrowed(text) => Name::Static(text),
            Cow::Owned(text) => Name::Copied(text),
        }
    }
}

/// Equal when the text is, wherever it lives.
impl PartialEq for Name<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Name<'_> {}

impl fmt::Debug for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
