//! Errors found in carriers.

use std::fmt;

/// An error in a field of a carrier that was read.
///
/// An invalid field, or an invalid member of a list, counts as absent. All other fields are still read. Get the errors
/// of one carrier from [`Extracted::errors`](super::Extracted::errors), and the totals of the process from
/// [`extract_errors`](super::extract_errors).
///
/// The [`Display`](fmt::Display) output has the field name and the kind, but never the field's content, which is
/// untrusted. The output is therefore safe to log.
///
/// ```
/// use anytrace_api::propagation::{ExtractErrorKind, Extracted, W3cBaggage};
///
/// let extracted = Extracted::read(&W3cBaggage, &[("baggage", "tenant=acme,no member,=x")]);
/// let [error] = extracted.errors() else { panic!() };
/// assert_eq!((error.field(), error.kind(), error.count()), ("baggage", ExtractErrorKind::Malformed, 2));
/// assert_eq!(error.to_string(), "baggage: malformed (2 times)");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtractError {
    pub(super) field: &'static str,
    pub(super) kind: ExtractErrorKind,
    pub(super) count: usize,
}

/// The kind of an [`ExtractError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExtractErrorKind {
    /// The field violates the grammar of its specification.
    Malformed,
    /// The field occurs more than once, and its specification allows one value.
    Repeated,
    /// A required part is missing: another field, or the end of a message.
    Incomplete,
    /// The version of the wire format is not supported.
    UnsupportedVersion,
    /// The field exceeds the read budget of [`Extracted`](super::Extracted), or a length or count limit.
    OverBudget,
}

impl ExtractError {
    /// Returns the lower-case name of the field.
    pub fn field(&self) -> &'static str {
        self.field
    }

    /// Returns the kind of the error.
    pub fn kind(&self) -> ExtractErrorKind {
        self.kind
    }

    /// Returns how often the error occurred. In a list field, each invalid member counts.
    pub fn count(&self) -> usize {
        self.count
    }
}

impl fmt::Display for ExtractError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            ExtractErrorKind::Malformed => "malformed",
            ExtractErrorKind::Repeated => "repeated",
            ExtractErrorKind::Incomplete => "incomplete",
            ExtractErrorKind::UnsupportedVersion => "unsupported version",
            ExtractErrorKind::OverBudget => "over budget",
        };
        write!(f, "{}: {kind}", self.field)?;
        if self.count > 1 { write!(f, " ({} times)", self.count) } else { Ok(()) }
    }
}
