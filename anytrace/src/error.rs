//! The error of [`init`](crate::init) and [`build`](crate::TracingBuilder::build).

use std::{error::Error, fmt};

use anytrace_recorder::{SetupError, SetupErrorKind, sanitized};

/// The error of a setup that failed.
///
/// The message names the variable and the expected value. It shows the invalid value, escaped and shortened, and without
/// secrets.
///
/// ```
/// use anytrace::InitErrorKind;
///
/// let error = anytrace::builder()
///     .variables(|name| (name == "OTEL_TRACES_EXPORTER").then(|| "paper".to_owned()))
///     .build()
///     .unwrap_err();
/// assert_eq!(error.kind(), InitErrorKind::InvalidVariable);
/// assert_eq!(error.variable(), Some("OTEL_TRACES_EXPORTER"));
/// assert_eq!(
///     error.to_string(),
///     r#"invalid value for OTEL_TRACES_EXPORTER: "paper" is not one of otlp, zipkin, console, none"#
/// );
/// ```
pub struct InitError {
    kind: InitErrorKind,
    variable: Option<&'static str>,
    message: String,
    source: Option<SetupError>,
}

/// The kind of an [`InitError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InitErrorKind {
    /// The value of an environment variable is invalid.
    InvalidVariable,
    /// The exporter or protocol needs a feature of this crate that is off.
    FeatureDisabled,
    /// The recorder could not be created, and no variable is the cause.
    Recorder,
    /// Another tracer is already installed in this process.
    AlreadyInstalled,
}

impl InitError {
    /// Creates the error for a variable whose `value` is not `expected`.
    pub(crate) fn invalid(variable: &'static str, value: &str, expected: impl fmt::Display) -> Self {
        // The text before the last `@` can be a password.
        let value = sanitized(value.rsplit('@').next().unwrap_or_default());
        Self::variable_error(variable, format!("\"{value}\" is not {expected}"))
    }

    /// Creates the error for a variable whose value must not be shown.
    pub(crate) fn variable_error(variable: &'static str, detail: impl fmt::Display) -> Self {
        InitError {
            kind: InitErrorKind::InvalidVariable,
            variable: Some(variable),
            message: format!("invalid value for {variable}: {detail}"),
            source: None,
        }
    }

    /// Creates the error for a recorder that rejects the value of a variable. `example` is a valid endpoint.
    #[allow(dead_code, reason = "needs an exporter with an endpoint")]
    pub(crate) fn rejected(variable: &'static str, error: SetupError, example: &str) -> Self {
        let has_example = error.kind() == SetupErrorKind::InvalidEndpoint;
        let example = if has_example { format!(", such as {example}") } else { String::new() };
        let mut init_error = Self::variable_error(variable, format!("{error}{example}"));
        init_error.source = Some(error);
        init_error
    }

    /// Creates the error for a recorder that could not be created, without a variable as the cause.
    #[allow(dead_code, reason = "needs an exporter with an endpoint")]
    pub(crate) fn recorder(error: SetupError) -> Self {
        let message = error.to_string();
        InitError { kind: InitErrorKind::Recorder, variable: None, message, source: Some(error) }
    }

    /// Creates the error for `item`, which needs `features` of this crate that are off.
    #[allow(dead_code, reason = "cannot occur if all features are on")]
    pub(crate) fn feature(variable: Option<&'static str>, item: &str, features: &str) -> Self {
        let message = format!("{item} requires {features} of the crate anytrace");
        let message = variable.map_or(message.clone(), |name| format!("invalid value for {name}: {message}"));
        InitError { kind: InitErrorKind::FeatureDisabled, variable, message, source: None }
    }

    pub(crate) fn already_installed(message: String) -> Self {
        InitError { kind: InitErrorKind::AlreadyInstalled, variable: None, message, source: None }
    }

    /// Returns the kind of the error.
    pub fn kind(&self) -> InitErrorKind {
        self.kind
    }

    /// Returns the name of the environment variable that caused the error, if one did.
    pub fn variable(&self) -> Option<&str> {
        self.variable
    }
}

impl fmt::Display for InitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Prints the message, because a `main` that returns the error prints its `Debug` output.
impl fmt::Debug for InitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InitError({self})")
    }
}

impl Error for InitError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| source as &(dyn Error + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shown_value_is_escaped_and_shortened_and_has_no_password() {
        let message = |value: &str| InitError::invalid("X", value, "valid").to_string();
        assert_eq!(message("a\r\n\u{1b}[31m"), r#"invalid value for X: "a\r\n\u{1b}[31m" is not valid"#);
        assert_eq!(message("http://me:secret@host"), r#"invalid value for X: "host" is not valid"#);
        assert!(message(&"ü".repeat(10_000)).len() < 1_000);
    }
}
