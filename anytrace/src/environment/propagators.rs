//! Which headers are written and read.

use anytrace_api::propagation::Composite;

use super::Variables;
use crate::InitError;

/// `OTEL_PROPAGATORS`.
pub(crate) fn propagators(variables: &Variables) -> Result<Option<Composite>, InitError> {
    let Some(variable) = variables.find(&["OTEL_PROPAGATORS"]) else { return Ok(None) };
    let formats = Composite::named(&variable.value);
    let expected = || format!("a list, each one of {}, or `none` alone", Composite::NAMES.join(", "));
    formats.map(Some).map_err(|_| variable.refused(expected()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use anytrace_api::propagation::Propagator;

    fn read(value: &'static str) -> Result<Option<Composite>, InitError> {
        propagators(&[("OTEL_PROPAGATORS", value)].into())
    }

    #[test]
    fn the_formats_that_are_named_are_spoken() {
        let fields = |value| read(value).unwrap().unwrap().fields().to_vec();
        assert_eq!(fields("b3,b3multi")[..2], ["b3", "x-b3-traceid"]);
        assert_eq!(fields("xray, Baggage"), ["x-amzn-trace-id", "baggage"]);
        assert_eq!(fields("none"), [""; 0]);
        assert!(read("").unwrap().is_none());
    }

    #[test]
    fn an_unknown_name_is_reported() {
        let names = "tracecontext, baggage, b3, b3multi, jaeger, xray, none";
        for value in ["tracecontext,ottrace", "none,b3"] {
            let error = read(value).unwrap_err().to_string();
            assert_eq!(
                error,
                format!("OTEL_PROPAGATORS is not a list, each one of {names}, or `none` alone: {value}")
            );
        }
    }
}
