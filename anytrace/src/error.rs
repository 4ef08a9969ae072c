//! Why tracing cannot be set up.

use std::{error::Error, fmt};

use anytrace_recorder::SetupError;

/// Tracing cannot be set up so: a variable of the environment is wrong, what is asked for is not compiled in, or another
/// tracer is installed already.
///
/// It names the variable, says what would be right, and shows what it holds, escaped and cut and without secrets.
///
/// ```
/// let error = anytrace::builder()
///     .variables(|name| (name == "OTEL_TRACES_EXPORTER").then(|| "paper".to_owned()))
///     .build()
///     .unwrap_err();
/// assert_eq!(error.to_string(), "OTEL_TRACES_EXPORTER is not one of otlp, zipkin, console, none: paper");
/// ```
pub struct InitError(String);

impl InitError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        InitError(message.into())
    }

    /// The variable `name` holds `value`, which is not `expected`.
    pub(crate) fn variable(name: &str, value: &str, expected: impl fmt::Display) -> Self {
        InitError(SetupError::new(&format!("{name} is not {expected}"), value).to_string())
    }

    /// `what` takes `features` of this crate, which are not on.
    #[allow(dead_code, reason = "nothing is missed where all features are on")]
    pub(crate) fn feature(what: &str, features: &str) -> Self {
        InitError(format!("{what} is not compiled in: it takes {features} of the crate anytrace"))
    }
}

impl fmt::Display for InitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// As it is displayed: it is what `main` prints when it returns one.
impl fmt::Debug for InitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InitError({self})")
    }
}

impl Error for InitError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_escaped_and_cut_and_holds_no_password() {
        let shown = |value: &str| InitError::variable("X", value, "right").to_string();
        assert_eq!(shown("a\r\n\u{1b}[31m"), "X is not right: a\\r\\n\\u{1b}[31m");
        assert_eq!(shown("http://me:secret@host"), "X is not right: host");
        assert!(shown(&"ü".repeat(10_000)).len() < 1_000);
    }
}
