//! Secrets in URLs.

mod parameters;
mod userinfo;

use std::{borrow::Cow, sync::Arc};

/// What is taken out of a URL before it is recorded: user and password, and the values of sensitive query keys.
///
/// The keys are those of the [semantic conventions] (`url.full`) unless replaced; they are compared with case and after
/// percent-decoding. Nothing else of the URL is changed. What cannot be told from a credential is taken for one: in
/// malformed URLs, in URLs within the URL, and in fragments that have the form of a query.
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

const KEYS: [&str; 7] = [
    "X-Amz-Signature",
    "X-Amz-Credential",
    "X-Amz-Security-Token",
    "AWSAccessKeyId",
    "Signature",
    "sig",
    "X-Goog-Signature",
];

impl Redaction {
    /// With these keys alone. User and password go in any case.
    pub fn of_keys<K: Into<Box<str>>>(keys: impl IntoIterator<Item = K>) -> Self {
        Redaction { keys: keys.into_iter().map(Into::into).collect() }
    }

    /// With these keys too.
    pub fn and_keys<K: Into<Box<str>>>(self, keys: impl IntoIterator<Item = K>) -> Self {
        Redaction { keys: self.keys.iter().cloned().chain(keys.into_iter().map(Into::into)).collect() }
    }

    /// `url` without its secrets: borrowed where there are none. Relative references are URLs here too.
    pub fn url<'a>(&self, url: &'a str) -> Cow<'a, str> {
        match userinfo::redact(url) {
            Cow::Borrowed(url) => parameters::redact(url, &self.keys),
            Cow::Owned(url) => Cow::Owned(parameters::redact(&url, &self.keys).into_owned()),
        }
    }
}

/// With the keys of the semantic conventions.
impl Default for Redaction {
    fn default() -> Self {
        Self::of_keys(KEYS)
    }
}

/// A text of which some ranges are replaced, from the front to the back. It stays borrowed where none is.
struct Replaced<'a> {
    text: &'a str,
    done: usize,
    result: String,
}

impl<'a> Replaced<'a> {
    fn new(text: &'a str) -> Self {
        Replaced { text, done: 0, result: String::new() }
    }

    /// `start` is not before what was replaced already.
    fn replace(&mut self, start: usize, end: usize, with: &str) {
        self.result.push_str(&self.text[self.done..start]);
        self.result.push_str(with);
        self.done = end;
    }

    fn finish(mut self) -> Cow<'a, str> {
        if self.done == 0 && self.result.is_empty() {
            return Cow::Borrowed(self.text);
        }
        self.result.push_str(&self.text[self.done..]);
        Cow::Owned(self.result)
    }
}
