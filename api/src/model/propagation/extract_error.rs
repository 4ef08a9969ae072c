use std::fmt;

/// What was wrong with a field of a carrier. The field then counted as absent, and the rest was read all the same.
///
/// ```
/// use anytrace_api::{Extracted, ExtractErrorKind, W3cBaggage};
///
/// let found = Extracted::read(&W3cBaggage, &[("baggage", "tenant=acme,no member,=x")]);
/// let [fault] = found.errors() else { panic!() };
/// assert_eq!((fault.field(), fault.kind(), fault.count()), ("baggage", ExtractErrorKind::Malformed, 2));
/// assert_eq!(fault.to_string(), "baggage: malformed (2 times)");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtractError {
    pub(super) field: &'static str,
    pub(super) kind: ExtractErrorKind,
    pub(super) count: usize,
}

/// In which way a field was wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExtractErrorKind {
    /// It is not in the form of its specification.
    Malformed,
    /// It is there more than once, and the specification knows one value.
    Repeated,
    /// A part that belongs to it is missing: another field, or its end.
    Incomplete,
    /// It names a version of the format that is not to be read.
    UnsupportedVersion,
    /// It is more, or longer, than may be read or carried.
    OverBudget,
}

impl ExtractError {
    /// The name of the field, in lower case.
    pub fn field(&self) -> &'static str {
        self.field
    }

    /// In which way it was wrong.
    pub fn kind(&self) -> ExtractErrorKind {
        self.kind
    }

    /// How often: for lists, how many members.
    pub fn count(&self) -> usize {
        self.count
    }
}

/// The field's name and what it was, never its content, which may come from anyone: safe to log.
impl fmt::Display for ExtractError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            ExtractErrorKind::Malformed => "malformed",
            ExtractErrorKind::Repeated => "repeated",
            ExtractErrorKind::Incomplete => "incomplete",
            ExtractErrorKind::UnsupportedVersion => "unsupported version",
            ExtractErrorKind::OverBudget => "over budget",
        };
        write!(f, "{}: {what}", self.field)?;
        if self.count > 1 { write!(f, " ({} times)", self.count) } else { Ok(()) }
    }
}
