//! Whether there is tracing at all, and where its spans go.

use super::Variables;
use crate::{ExporterKind, InitError};

const EXPORTERS: [(&str, ExporterKind); 4] = [
    ("otlp", ExporterKind::Otlp),
    ("zipkin", ExporterKind::Zipkin),
    ("console", ExporterKind::Console),
    ("none", ExporterKind::None),
];

/// `OTEL_SDK_DISABLED`.
pub(crate) fn is_disabled(variables: &Variables) -> Result<bool, InitError> {
    let Some(variable) = variables.find(&["OTEL_SDK_DISABLED"]) else { return Ok(false) };
    variable.choice(&[("true", true), ("false", false)])
}

/// `OTEL_TRACES_EXPORTER`. The specification allows a list; this is one.
pub(crate) fn exporter(variables: &Variables) -> Result<ExporterKind, InitError> {
    let Some(variable) = variables.find(&["OTEL_TRACES_EXPORTER"]) else { return Ok(ExporterKind::Otlp) };
    variable.choice(&EXPORTERS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exporter_is_otlp_unless_another_is_named() {
        assert_eq!(exporter(&Variables::from([])).unwrap(), ExporterKind::Otlp);
        assert_eq!(exporter(&[("OTEL_TRACES_EXPORTER", "")].into()).unwrap(), ExporterKind::Otlp);
        for (name, expected) in EXPORTERS {
            let variables = Variables::new(move |_| Some(name.to_owned()));
            assert_eq!(exporter(&variables).unwrap(), expected);
        }
        for wrong in ["jaeger", "otlp,zipkin"] {
            let error = exporter(&[("OTEL_TRACES_EXPORTER", wrong)].into()).unwrap_err().to_string();
            let expected = "is not one of otlp, zipkin, console, none";
            assert_eq!(error, format!("OTEL_TRACES_EXPORTER {expected}: {wrong}"));
        }
    }

    #[test]
    fn tracing_is_off_where_the_operator_says_so() {
        for (value, expected) in [("", false), ("false", false), ("true", true), ("TRUE", true)] {
            assert_eq!(is_disabled(&[("OTEL_SDK_DISABLED", value)].into()).unwrap(), expected);
        }
        let error = is_disabled(&[("OTEL_SDK_DISABLED", "yes")].into()).unwrap_err().to_string();
        assert_eq!(error, "OTEL_SDK_DISABLED is not one of true, false: yes");
    }
}
