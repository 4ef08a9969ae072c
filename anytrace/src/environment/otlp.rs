//! The OTLP recorder.

use anytrace_otlp::{OtlpRecorder, OtlpRecorderBuilder, Protocol};

use super::{Variable, Variables, list::Members};
use crate::InitError;

const EXAMPLE: &str = "http://localhost:4318";
const TRACES_ENDPOINT: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const PROTOCOL: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"];
const HEADERS: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"];
const TIMEOUT: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"];
const COMPRESSION: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "OTEL_EXPORTER_OTLP_COMPRESSION"];

/// Reads `OTEL_EXPORTER_OTLP_*`. Variables for traces override the general ones.
pub(crate) fn otlp(variables: &Variables) -> Result<OtlpRecorder, InitError> {
    let endpoint = variables.find(&[TRACES_ENDPOINT, ENDPOINT]);
    let headers = variables.find(&HEADERS);
    let without_headers =
        || without_endpoint(variables).map(|recorder| with_endpoint(endpoint.as_ref(), recorder));
    let pairs = headers.as_ref().map_or(Ok(Vec::new()), |list| list.pairs(Members::Secret))?;
    let recorder =
        pairs.into_iter().fold(without_headers()?, |recorder, (name, value)| recorder.header(name, value));
    recorder.build().map_err(|error| match (&headers, &endpoint) {
        // The headers are the cause if the recorder can be built without them.
        (Some(headers), _) if without_headers().is_ok_and(|recorder| recorder.build().is_ok()) => {
            InitError::rejected(headers.name, error, EXAMPLE)
        }
        (_, Some(endpoint)) => InitError::rejected(endpoint.name, error, EXAMPLE),
        (_, None) => InitError::recorder(error),
    })
}

fn with_endpoint(endpoint: Option<&Variable>, recorder: OtlpRecorderBuilder) -> OtlpRecorderBuilder {
    match endpoint {
        Some(variable) if variable.name == TRACES_ENDPOINT => recorder.traces_endpoint(&variable.value),
        Some(variable) => recorder.endpoint(&variable.value),
        None => recorder,
    }
}

/// Reads all options but the endpoint and the headers.
fn without_endpoint(variables: &Variables) -> Result<OtlpRecorderBuilder, InitError> {
    let mut recorder = OtlpRecorder::builder();
    if let Some(variable) = variables.find(&PROTOCOL) {
        let protocols = [("http/protobuf", Protocol::HttpProtobuf), ("grpc", Protocol::Grpc)];
        recorder = recorder.protocol(check_feature(&variable, variable.choice(&protocols)?)?);
    }
    if let Some(variable) = variables.find(&TIMEOUT) {
        recorder = recorder.timeout(variable.timeout()?);
    }
    if let Some(variable) = variables.find(&COMPRESSION) {
        if variable.choice(&[("gzip", false), ("none", true)])? {
            recorder = recorder.without_compression();
        }
    }
    Ok(recorder)
}

fn check_feature(variable: &Variable, protocol: Protocol) -> Result<Protocol, InitError> {
    let missing = match protocol {
        Protocol::Grpc if !cfg!(feature = "otlp-grpc") => "the feature `otlp-grpc`",
        Protocol::HttpProtobuf if !cfg!(feature = "otlp-http") => "the feature `otlp-http`",
        _ => return Ok(protocol),
    };
    Err(InitError::feature(Some(variable.name), &variable.value, missing))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(variables: impl Into<Variables>) -> String {
        otlp(&variables.into()).unwrap_err().to_string()
    }

    #[test]
    fn all_variables_are_optional() {
        assert!(otlp(&Variables::from([])).is_ok());
    }

    #[test]
    fn errors_name_the_variable() {
        for (name, path) in [(TRACES_ENDPOINT, ""), (ENDPOINT, "/v1/traces")] {
            let error = error([(name, "x://me:secret@collector"), (HEADERS[1], "a=1")]);
            let invalid = format!("invalid value for {name}: invalid endpoint \"collector{path}\"");
            let expected = "expected an http or https URL, such as http://localhost:4318";
            assert_eq!(error, format!("{invalid}: {expected}"));
        }
        for name in HEADERS {
            assert_eq!(
                error([(name, "a b=secret")]),
                format!("invalid value for {name}: invalid header \"a b\"")
            );
            let expected = "member 2 is not key=value, percent-encoded";
            assert_eq!(error([(name, "a=1,secret")]), format!("invalid value for {name}: {expected}"));
        }
        for name in PROTOCOL {
            let error = error([(name, "http/json")]);
            assert_eq!(
                error,
                format!("invalid value for {name}: \"http/json\" is not one of http/protobuf, grpc")
            );
        }
        for name in TIMEOUT {
            assert_eq!(
                error([(name, "10s")]),
                format!("invalid value for {name}: \"10s\" is not a time in milliseconds")
            );
        }
        for name in COMPRESSION {
            assert_eq!(
                error([(name, "zstd")]),
                format!("invalid value for {name}: \"zstd\" is not one of gzip, none")
            );
        }
    }

    #[test]
    fn variables_for_traces_override_the_general_ones() {
        assert!(otlp(&[(TRACES_ENDPOINT, "http://collector"), (ENDPOINT, "paper")].into()).is_ok());
        for [first, general] in [PROTOCOL, HEADERS, TIMEOUT, COMPRESSION] {
            assert!(error([(general, "paper")]).contains(general));
            assert!(error([(first, "paper"), (general, "paper")]).contains(first));
        }
    }

    #[test]
    fn the_error_about_a_protocol_names_its_feature() {
        for (protocol, is_enabled) in
            [("grpc", cfg!(feature = "otlp-grpc")), ("http/protobuf", cfg!(feature = "otlp-http"))]
        {
            let variables = Variables::new(move |name| (name == PROTOCOL[1]).then(|| protocol.to_owned()));
            match otlp(&variables) {
                Ok(_) => assert!(is_enabled),
                Err(error) => {
                    assert!(!is_enabled && error.to_string().contains("the feature `otlp-"), "{error}");
                }
            }
        }
    }
}
