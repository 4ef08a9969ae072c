//! Request methods and the span names that begin with them.

use std::borrow::Cow;

use http::Method;

/// A request method, restricted to a small set for span names and tags: a client can send any method.
///
/// The known methods are those of RFC 9110, `PATCH` and `QUERY`, as in the semantic conventions.
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

    /// Returns the method for span names: `HTTP` if unknown.
    pub(crate) fn name(self) -> &'static str {
        self.known.unwrap_or("HTTP")
    }

    /// Returns the method for the tag `http.request.method`: `_OTHER` if unknown.
    pub(crate) fn tag(self) -> &'static str {
        self.known.unwrap_or("_OTHER")
    }

    /// Returns the method as sent, if unknown.
    pub(crate) fn original(self) -> Option<&'a str> {
        self.known.is_none().then_some(self.sent)
    }

    pub(crate) fn sent(self) -> &'a str {
        self.sent
    }
}

/// Returns `{method} {target}`, or `{method}` without a target. The target is a route or an endpoint, never a path.
pub(crate) fn span_name(method: &'static str, target: Option<&str>) -> Cow<'static, str> {
    match target {
        Some(target) => format!("{method} {target}").into(),
        None => method.into(),
    }
}
