//! The Zipkin recorder.

use anytrace_zipkin_bridge::ZipkinRecorder;

use super::Variables;
use crate::InitError;

const ENDPOINT: &str = "OTEL_EXPORTER_ZIPKIN_ENDPOINT";

/// Reads `OTEL_EXPORTER_ZIPKIN_ENDPOINT` and `OTEL_EXPORTER_ZIPKIN_TIMEOUT`.
pub(crate) fn zipkin(variables: &Variables) -> Result<ZipkinRecorder, InitError> {
    let mut recorder = ZipkinRecorder::builder();
    if let Some(variable) = variables.find(&[ENDPOINT]) {
        recorder = recorder.endpoint(variable.value);
    }
    if let Some(variable) = variables.find(&["OTEL_EXPORTER_ZIPKIN_TIMEOUT"]) {
        recorder = recorder.timeout(variable.timeout()?);
    }
    // Only the endpoint can be invalid.
    recorder.build().map_err(|error| InitError::rejected(ENDPOINT, error, ZipkinRecorder::ENDPOINT))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: impl Into<Variables>) -> Result<String, String> {
        let recorder = zipkin(&variables.into()).map_err(|error| error.to_string())?;
        Ok(format!("{recorder:?}"))
    }

    #[test]
    fn all_variables_are_optional() {
        assert!(read([]).is_ok());
        let recorder =
            read([(ENDPOINT, "http://zipkin/api/v2/spans"), ("OTEL_EXPORTER_ZIPKIN_TIMEOUT", "1500")]);
        assert!(recorder.unwrap().contains("timeout: 1.5s"));
    }

    #[test]
    fn the_error_about_an_endpoint_omits_the_password() {
        let error = read([(ENDPOINT, "x://me:secret@zipkin")]).unwrap_err();
        assert_eq!(
            error,
            "invalid value for OTEL_EXPORTER_ZIPKIN_ENDPOINT: invalid endpoint \"zipkin\": expected an http or https \
             URL, such as http://localhost:9411/api/v2/spans"
        );
        let error = read([("OTEL_EXPORTER_ZIPKIN_TIMEOUT", "1s")]).unwrap_err();
        assert_eq!(
            error,
            "invalid value for OTEL_EXPORTER_ZIPKIN_TIMEOUT: \"1s\" is not a time in milliseconds"
        );
    }
}
