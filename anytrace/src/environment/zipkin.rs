//! Where a Zipkin server is.

use anytrace_zipkin_bridge::ZipkinRecorder;

use super::Variables;
use crate::InitError;

const ENDPOINT: &str = "OTEL_EXPORTER_ZIPKIN_ENDPOINT";

/// `OTEL_EXPORTER_ZIPKIN_ENDPOINT` and `OTEL_EXPORTER_ZIPKIN_TIMEOUT`.
pub(crate) fn zipkin(variables: &Variables) -> Result<ZipkinRecorder, InitError> {
    let mut recorder = ZipkinRecorder::builder();
    if let Some(variable) = variables.find(&[ENDPOINT]) {
        recorder = recorder.endpoint(variable.value);
    }
    if let Some(variable) = variables.find(&["OTEL_EXPORTER_ZIPKIN_TIMEOUT"]) {
        recorder = recorder.timeout(variable.timeout()?);
    }
    // Nothing but the endpoint can be wrong, and the bridge shows it without its password.
    let right = ZipkinRecorder::ENDPOINT;
    recorder.build().map_err(|error| InitError::new(format!("{ENDPOINT}: {error} (one is {right})")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: impl Into<Variables>) -> Result<String, String> {
        let recorder = zipkin(&variables.into()).map_err(|error| error.to_string())?;
        Ok(format!("{recorder:?}"))
    }

    #[test]
    fn nothing_needs_to_be_set() {
        assert!(read([]).is_ok());
        let recorder =
            read([(ENDPOINT, "http://zipkin/api/v2/spans"), ("OTEL_EXPORTER_ZIPKIN_TIMEOUT", "1500")]);
        assert!(recorder.unwrap().contains("timeout: 1.5s"));
    }

    #[test]
    fn a_bad_endpoint_is_named_without_its_password() {
        let error = read([(ENDPOINT, "x://me:secret@zipkin")]).unwrap_err();
        assert_eq!(
            error,
            "OTEL_EXPORTER_ZIPKIN_ENDPOINT: not an endpoint: zipkin (one is http://localhost:9411/api/v2/spans)"
        );
        let error = read([("OTEL_EXPORTER_ZIPKIN_TIMEOUT", "1s")]).unwrap_err();
        assert_eq!(error, "OTEL_EXPORTER_ZIPKIN_TIMEOUT is not a time in milliseconds: 1s");
    }
}
