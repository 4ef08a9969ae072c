//! Why tracing cannot be set up.

use std::{error::Error, fmt};

/// The most characters of a refused value that are shown.
const SHOWN: usize = 64;

/// Tracing cannot be set up so: a variable of the environment is wrong, what is asked for is not compiled in, or another
/// tracer is installed already.
///
/// It names the variable, shows what it holds, escaped and cut and without secrets, and says what would be right.
///
/// ```
/// let error = anytrace::builder()
///     .variables(|name| (name == "OTEL_TRACES_SAMPLER").then(|| "sometimes".to_owned()))
///     .exporter(anytrace::Exporter::Console)
///     .build()
///     .unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "OTEL_TRACES_SAMPLER: \"sometimes\" is not one of always_on, always_off, traceidratio, \
///      parentbased_always_on, parentbased_always_off, parentbased_traceidratio"
/// );
/// ```
pub struct SetupError(String);

impl SetupError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        SetupError(message.into())
    }

    /// The variable `name` holds `value`, which is not `expected`.
    pub(crate) fn variable(name: &str, value: &str, expected: impl fmt::Display) -> Self {
        let shown = value.chars().take(SHOWN).flat_map(char::escape_debug).collect::<String>();
        let more = if value.chars().nth(SHOWN).is_some() { "…" } else { "" };
        SetupError(format!("{name}: \"{shown}{more}\" is not {expected}"))
    }

    /// `what` takes `features` of this crate, which are not on.
    #[cfg_attr(
        all(feature = "console", feature = "otlp-http", feature = "otlp-grpc", feature = "zipkin"),
        allow(dead_code)
    )]
    pub(crate) fn feature(what: &str, features: &str) -> Self {
        SetupError(format!("{what} is not compiled in: it takes {features} of the crate anytrace"))
    }
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// As it is displayed: it is what `main` prints when it returns one.
impl fmt::Debug for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SetupError({self})")
    }
}

impl Error for SetupError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_escaped_and_cut() {
        let error = SetupError::variable("X", "a\r\n\u{1b}[31m", "right").to_string();
        assert_eq!(error, "X: \"a\\r\\n\\u{1b}[31m\" is not right");
        let error = SetupError::variable("X", &"ü".repeat(10_000), "right").to_string();
        assert_eq!(error, format!("X: \"{}…\" is not right", "ü".repeat(SHOWN)));
    }
}
