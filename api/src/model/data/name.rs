//! Names of spans and events, and keys of tags.

use std::{borrow::Cow, fmt};

/// The name of a span or event, or the key of a tag.
///
/// A `&'static str`, such as a literal, is stored by reference. All other text is borrowed, and a backend copies it
/// only when it records the span.
///
/// | text | write |
/// |---|---|
/// | a literal | `"load"` |
/// | `name: String` or `name: Cow<'static, str>` | `&name` |
/// | `name: &str` that is not `'static` | `&name` or `Name::copied(name)` |
///
/// The compiler error E0521, "borrowed data escapes outside of function", means that a `&str` with a shorter lifetime
/// was passed where only a `&'static str` converts: write `&name` or `Name::copied(name)`.
/// Clippy's lint `needless_borrows_for_generic_args` ignores lifetimes and suggests removing the `&` of such a `&name`,
/// which brings the error back; `Name::copied(name)` satisfies both.
///
/// ```
/// use anytrace_api::Name;
///
/// fn names(method: &str) -> [String; 3] {
///     let owned = format!("HTTP {method}");
///     let names: [Name<'_>; 3] = ["load".into(), (&owned).into(), (&method).into()];
///     names.map(|name| name.to_string())
/// }
///
/// assert_eq!(names("GET"), ["load", "HTTP GET", "GET"]);
/// assert_eq!(Name::copied("GET"), Name::Static("GET"));
/// ```
#[derive(Clone, Copy)]
pub enum Name<'a> {
    /// Text that lives as long as the program, stored by reference.
    Static(&'static str),
    /// Borrowed text, copied by each backend that records it.
    Copied(&'a str),
}

impl<'a> Name<'a> {
    /// Creates a name from text of any lifetime. See [`Name`] for an example.
    pub const fn copied(text: &'a str) -> Self {
        Name::Copied(text)
    }

    /// Returns the text.
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

/// `&name` for a `name: &str` of any lifetime.
impl<'a, 'b: 'a> From<&'a &'b str> for Name<'a> {
    fn from(text: &'a &'b str) -> Self {
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

/// Compares the text alone: a static and a copied name with equal text are equal.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reference_to_any_str_converts() {
        fn name_of(text: &str) -> String {
            Name::from(&text).to_string()
        }
        let outlives_the_reference: &str = &String::from("load");
        assert_eq!(name_of(outlives_the_reference), "load");
        assert!(matches!(Name::from(&"load"), Name::Copied("load")));
    }

    #[test]
    fn borrowed_static_cow_stays_static() {
        let (borrowed, owned) = (Cow::Borrowed("a"), Cow::Owned::<str>("a".to_owned()));
        assert!(matches!(Name::from(&borrowed), Name::Static("a")));
        assert!(matches!(Name::from(&owned), Name::Copied("a")));
    }
}
