//! Methods, of which there are few.

use std::borrow::Cow;

use http::Method;

/// A method as a span may be named after it: what anybody can send must not become a name.
///
/// The known ones are those of RFC 9110, `PATCH` and `QUERY`, as in the semantic conventions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KnownMethod<'a> {
    known: Option<&'static str>,
    sent: &'a str,
}

const KNOWN: [&str; 10] =
    ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY"];

impl<'a> KnownMethod<'a> {
    pub(crate) fn of(method: &'a Method) -> Self {
        let sent = method.as_str();
        KnownMethod { known: KNOWN.into_iter().find(|known| *known == sent), sent }
    }

    /// For names.
    pub(crate) fn name(self) -> &'static str {
        self.known.unwrap_or("HTTP")
    }

    /// For tags.
    pub(crate) fn tag(self) -> &'static str {
        self.known.unwrap_or("_OTHER")
    }

    /// What was sent, where that is not a known method.
    pub(crate) fn original(self) -> Option<&'a str> {
        self.known.is_none().then_some(self.sent)
    }

    pub(crate) fn sent(self) -> &'a str {
        self.sent
    }
}

/// `{method}` or `{method} {what}`.
pub(crate) fn span_name(method: &'static str, what: Option<&str>) -> Cow<'static, str> {
    match what {
        Some(what) => format!("{method} {what}").into(),
        None => method.into(),
    }
}
