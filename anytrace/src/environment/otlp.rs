//! Where an OTLP server is, and how spans get there.

use anytrace_otlp::{OtlpRecorder, OtlpRecorderBuilder, Protocol};

use super::{Variable, Variables, list::Members};
use crate::InitError;

const TRACES_ENDPOINT: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const PROTOCOL: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"];
const HEADERS: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"];
const TIMEOUT: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"];
const COMPRESSION: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "OTEL_EXPORTER_OTLP_COMPRESSION"];

/// `OTEL_EXPORTER_OTLP_*`, those for traces before the general ones.
pub(crate) fn otlp(variables: &Variables) -> Result<OtlpRecorder, InitError> {
    let endpoint = variables.find(&[TRACES_ENDPOINT, ENDPOINT]);
    let headers = variables.find(&HEADERS);
    let plain = || sending(variables).map(|recorder| to(endpoint.as_ref(), recorder));
    let pairs = headers.as_ref().map_or(Ok(Vec::new()), |list| list.pairs(Members::Secret))?;
    let recorder = pairs.into_iter().fold(plain()?, |recorder, (name, value)| recorder.header(name, value));
    recorder.build().map_err(|error| match (&headers, &endpoint) {
        // The headers are at fault where it works without them.
        (Some(headers), _) if plain().is_ok_and(|recorder| recorder.build().is_ok()) => {
            InitError::new(format!("{}: {error}", headers.name))
        }
        (_, Some(endpoint)) => {
            InitError::new(format!("{}: {error} (one is http://localhost:4318)", endpoint.name))
        }
        (_, None) => InitError::new(error.to_string()),
    })
}

fn to(endpoint: Option<&Variable>, recorder: OtlpRecorderBuilder) -> OtlpRecorderBuilder {
    match endpoint {
        Some(variable) if variable.name == TRACES_ENDPOINT => recorder.traces_endpoint(&variable.value),
        Some(variable) => recorder.endpoint(&variable.value),
        None => recorder,
    }
}

/// How it is sent, wherever that is.
fn sending(variables: &Variables) -> Result<OtlpRecorderBuilder, InitError> {
    let mut recorder = OtlpRecorder::builder();
    if let Some(variable) = variables.find(&PROTOCOL) {
        let protocols = [("http/protobuf", Protocol::HttpProtobuf), ("grpc", Protocol::Grpc)];
        recorder = recorder.protocol(compiled_in(&variable, variable.choice(&protocols)?)?);
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

fn compiled_in(variable: &Variable, protocol: Protocol) -> Result<Protocol, InitError> {
    let missing = match protocol {
        Protocol::Grpc if !cfg!(feature = "otlp-grpc") => "the feature `otlp-grpc`",
        Protocol::HttpProtobuf if !cfg!(feature = "otlp-http") => "the feature `otlp-http`",
        _ => return Ok(protocol),
    };
    Err(InitError::feature(&format!("{}: {}", variable.name, variable.value), missing))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(variables: impl Into<Variables>) -> String {
        otlp(&variables.into()).unwrap_err().to_string()
    }

    #[test]
    fn nothing_needs_to_be_set() {
        assert!(otlp(&Variables::from([])).is_ok());
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (name, path) in [(TRACES_ENDPOINT, ""), (ENDPOINT, "/v1/traces")] {
            let error = refused([(name, "x://me:secret@collector"), (HEADERS[1], "a=1")]);
            let one = "(one is http://localhost:4318)";
            assert_eq!(error, format!("{name}: not an endpoint: collector{path} {one}"));
        }
        for name in HEADERS {
            assert_eq!(refused([(name, "a b=secret")]), format!("{name}: not a header: a b"));
            let expected = "a list of key=value, percent-encoded, at member 2";
            assert_eq!(refused([(name, "a=1,secret")]), format!("{name} is not {expected}"));
        }
        for name in PROTOCOL {
            let error = refused([(name, "http/json")]);
            assert_eq!(error, format!("{name} is not one of http/protobuf, grpc: http/json"));
        }
        for name in TIMEOUT {
            assert_eq!(refused([(name, "10s")]), format!("{name} is not a time in milliseconds: 10s"));
        }
        for name in COMPRESSION {
            assert_eq!(refused([(name, "zstd")]), format!("{name} is not one of gzip, none: zstd"));
        }
    }

    #[test]
    fn what_is_for_traces_comes_first() {
        assert!(otlp(&[(TRACES_ENDPOINT, "http://collector"), (ENDPOINT, "paper")].into()).is_ok());
        for [first, general] in [PROTOCOL, HEADERS, TIMEOUT, COMPRESSION] {
            assert!(refused([(general, "paper")]).starts_with(general));
            assert!(refused([(first, "paper"), (general, "paper")]).starts_with(first));
        }
    }

    #[test]
    fn a_protocol_that_is_not_compiled_in_names_its_feature() {
        for (protocol, is_there) in
            [("grpc", cfg!(feature = "otlp-grpc")), ("http/protobuf", cfg!(feature = "otlp-http"))]
        {
            let variables = Variables::new(move |name| (name == PROTOCOL[1]).then(|| protocol.to_owned()));
            match otlp(&variables) {
                Ok(_) => assert!(is_there),
                Err(error) => {
                    assert!(!is_there && error.to_string().contains("the feature `otlp-"), "{error}");
                }
            }
        }
    }
}
