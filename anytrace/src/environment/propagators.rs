//! The propagator.

use anytrace_api::propagation::Composite;

use super::Variables;
use crate::InitError;

/// Reads `OTEL_PROPAGATORS`.
pub(crate) fn propagators(variables: &Variables) -> Result<Option<Composite>, InitError> {
    let Some(variable) = variables.find(&["OTEL_PROPAGATORS"]) else { return Ok(None) };
    let formats = Composite::named(&variable.value);
    let expected = || format!("a list of {}, or `none` alone", Composite::NAMES.join(", "));
    formats.map(Some).map_err(|_| variable.invalid(expected()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use anytrace_api::propagation::Propagator;

    fn read(value: &'static str) -> Result<Option<Composite>, InitError> {
        propagators(&[("OTEL_PROPAGATORS", value)].into())
    }

    #[test]
    fn the_listed_formats_are_combined() {
        let fields = |value| read(value).unwrap().unwrap().fields().to_vec();
        assert_eq!(fields("b3,b3multi")[..2], ["b3", "x-b3-traceid"]);
        assert_eq!(fields("xray, Baggage"), ["x-amzn-trace-id", "baggage"]);
        assert_eq!(fields("none"), [""; 0]);
        assert!(read("").unwrap().is_none());
    }

    #[test]
    fn an_unknown_name_is_an_error() {
        let names = "tracecontext, baggage, b3, b3multi, jaeger, xray, none";
        for value in ["tracecontext,ottrace", "none,b3"] {
            let error = read(value).unwrap_err().to_string();
            assert_eq!(
                error,
                format!(
                    "invalid value for OTEL_PROPAGATORS: \"{value}\" is not a list of {names}, or `none` alone"
                )
            );
        }
    }
}
