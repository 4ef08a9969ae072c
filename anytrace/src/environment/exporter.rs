//! The exporter, and the switch that turns tracing off.

use super::Variables;
use crate::{ExporterKind, InitError};

const EXPORTERS: [(&str, ExporterKind); 4] = [
    ("otlp", ExporterKind::Otlp),
    ("zipkin", ExporterKind::Zipkin),
    ("console", ExporterKind::Console),
    ("none", ExporterKind::None),
];

/// Reads `OTEL_SDK_DISABLED`.
pub(crate) fn is_disabled(variables: &Variables) -> Result<bool, InitError> {
    let Some(variable) = variables.find(&["OTEL_SDK_DISABLED"]) else { return Ok(false) };
    variable.choice(&[("true", true), ("false", false)])
}

/// Reads `OTEL_TRACES_EXPORTER`. Lists, which the specification allows, are not supported.
pub(crate) fn exporter(variables: &Variables) -> Result<ExporterKind, InitError> {
    let Some(variable) = variables.find(&["OTEL_TRACES_EXPORTER"]) else { return Ok(ExporterKind::Otlp) };
    variable.choice(&EXPORTERS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_exporter_is_otlp() {
        assert_eq!(exporter(&Variables::from([])).unwrap(), ExporterKind::Otlp);
        assert_eq!(exporter(&[("OTEL_TRACES_EXPORTER", "")].into()).unwrap(), ExporterKind::Otlp);
        for (name, expected) in EXPORTERS {
            let variables = Variables::new(move |_| Some(name.to_owned()));
            assert_eq!(exporter(&variables).unwrap(), expected);
        }
        for wrong in ["jaeger", "otlp,zipkin"] {
            let error = exporter(&[("OTEL_TRACES_EXPORTER", wrong)].into()).unwrap_err().to_string();
            let expected = "is not one of otlp, zipkin, console, none";
            assert_eq!(error, format!("invalid value for OTEL_TRACES_EXPORTER: \"{wrong}\" {expected}"));
        }
    }

    #[test]
    fn the_operator_can_turn_tracing_off() {
        for (value, expected) in [("", false), ("false", false), ("true", true), ("TRUE", true)] {
            assert_eq!(is_disabled(&[("OTEL_SDK_DISABLED", value)].into()).unwrap(), expected);
        }
        let error = is_disabled(&[("OTEL_SDK_DISABLED", "yes")].into()).unwrap_err().to_string();
        assert_eq!(error, "invalid value for OTEL_SDK_DISABLED: \"yes\" is not one of true, false");
    }
}
