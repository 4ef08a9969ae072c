//! [`Redaction`]: removes secrets from URLs.

mod query_parameters;
mod userinfo;

use std::{borrow::Cow, sync::Arc};

/// The secrets that are removed from a URL before it is recorded: user, password, and the values of sensitive query
/// keys.
///
/// The default keys are those that the [semantic conventions] list for `url.full`: `X-Amz-Signature`,
/// `X-Amz-Credential`, `X-Amz-Security-Token`, `AWSAccessKeyId`, `Signature`, `sig` and `X-Goog-Signature`. Keys are
/// percent-decoded and then compared with case.
///
/// All other parts of the URL stay unchanged. In malformed URLs, in URLs inside of URLs and in fragments with the form
/// of a query, a part that may be a credential is redacted, too.
///
/// ```
/// use anytrace_instrumentation::Redaction;
///
/// let redaction = Redaction::default();
/// assert_eq!(
///     redaction.url("https://ada:lovelace@store.test/o?a=1&sig=c0ffee"),
///     "https://REDACTED:REDACTED@store.test/o?a=1&sig=REDACTED",
/// );
/// assert_eq!(redaction.and_keys(["token"]).url("/o?token=c0ffee"), "/o?token=REDACTED");
/// ```
///
/// [semantic conventions]: https://opentelemetry.io/docs/specs/semconv/registry/attributes/url/
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redaction {
    keys: Arc<[Box<str>]>,
}

const REDACTED: &str = "REDACTED";

const DEFAULT_KEYS: [&str; 7] = [
    "X-Amz-Signature",
    "X-Amz-Credential",
    "X-Amz-Security-Token",
    "AWSAccessKeyId",
    "Signature",
    "sig",
    "X-Goog-Signature",
];

impl Redaction {
    /// Creates a redaction of these query keys instead of the default keys. User and password are always redacted.
    ///
    /// ```
    /// use anytrace_instrumentation::Redaction;
    ///
    /// let redaction = Redaction::of_keys(["token"]);
    /// assert_eq!(redaction.url("/o?sig=1&token=2"), "/o?sig=1&token=REDACTED");
    /// ```
    pub fn of_keys<K: Into<Box<str>>>(keys: impl IntoIterator<Item = K>) -> Self {
        Redaction { keys: keys.into_iter().map(Into::into).collect() }
    }

    /// Adds query keys to the present keys.
    pub fn and_keys<K: Into<Box<str>>>(self, keys: impl IntoIterator<Item = K>) -> Self {
        Redaction { keys: self.keys.iter().cloned().chain(keys.into_iter().map(Into::into)).collect() }
    }

    /// Returns `url` without its secrets. `url` may be an absolute URL or a relative reference.
    ///
    /// A URL without secrets is returned unchanged, without an allocation.
    pub fn url<'a>(&self, url: &'a str) -> Cow<'a, str> {
        match userinfo::redact(url) {
            Cow::Borrowed(url) => query_parameters::redact(url, &self.keys),
            Cow::Owned(url) => Cow::Owned(query_parameters::redact(&url, &self.keys).into_owned()),
        }
    }
}

/// Creates a redaction of the keys that the semantic conventions list.
impl Default for Redaction {
    fn default() -> Self {
        Self::of_keys(DEFAULT_KEYS)
    }
}

/// A text with some ranges replaced, in ascending order. The text stays borrowed if no range is replaced.
struct Replacements<'a> {
    text: &'a str,
    copied_to: usize,
    result: String,
}

impl<'a> Replacements<'a> {
    fn new(text: &'a str) -> Self {
        Replacements { text, copied_to: 0, result: String::new() }
    }

    /// Replaces the range from `start` to `end`. `start` must not be before the end of the last replacement.
    fn replace(&mut self, start: usize, end: usize, replacement: &str) {
        self.result.push_str(&self.text[self.copied_to..start]);
        self.result.push_str(replacement);
        self.copied_to = end;
    }

    fn finish(mut self) -> Cow<'a, str> {
        if self.copied_to == 0 && self.result.is_empty() {
            return Cow::Borrowed(self.text);
        }
        self.result.push_str(&self.text[self.copied_to..]);
        Cow::Owned(self.result)
    }
}
