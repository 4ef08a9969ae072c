//! The options of the builder.

use anytrace_api::TracerExt;
use anytrace_otlp::{OtlpRecorder, OtlpRecorderBuilder, Protocol};
use anytrace_test_receiver::{Receiver, ScriptedResponse};

use crate::harness::{LONG, grpc, http, spans, tracer};

fn refused(builder: OtlpRecorderBuilder) -> String {
    builder.build().unwrap_err().to_string()
}

#[test]
fn an_invalid_endpoint_is_an_error() {
    for url in
        ["", "collector", "/v1/traces", "ftp://collector/", "http://", "http:///x", "http://a b/", "\n"]
    {
        for builder in [http(url), grpc(url), http("http://ok").traces_endpoint(url)] {
            let error = refused(builder);
            assert!(error.starts_with("invalid endpoint "), "{error}");
        }
    }
    assert_eq!(
        refused(http("x://user:secret@collector/")),
        r#"invalid endpoint "collector/v1/traces": expected an http or https URL"#
    );
    let error = refused(grpc("http://user:secret@collector/"));
    assert!(!error.contains("secret") && error.contains("header"), "{error}");
    for builder in [http("https://collector"), grpc("https://collector")] {
        let error = builder.build().err().map(|error| error.to_string());
        assert_eq!(error.is_none(), cfg!(feature = "tls"));
        assert!(error.is_none_or(|error| error.contains("https requires the feature `tls`")));
    }
}

#[test]
fn headers_cannot_inject_other_headers() {
    for to in [http, grpc] {
        let to = || to("http://collector");
        assert_eq!(refused(to().header("a\r\nb", "c")), r#"invalid header "a\r\nb""#);
        assert_eq!(refused(to().header("a", "secret\r\nb: c")), r#"invalid header "a""#);
        let error = refused(to().header("Content-Type", "text/plain"));
        assert_eq!(error, r#"the header "content-type" is set by the client and cannot be overridden"#);
    }
    assert_eq!(
        refused(grpc("http://x").header("grpc-timeout", "1")),
        r#"the header "grpc-timeout" is set by the client and cannot be overridden"#
    );
    assert_eq!(refused(grpc("http://x").header("trace-bin", "1")), r#"invalid header "trace-bin""#);
}

#[test]
fn debug_output_omits_secrets() {
    let builder = || {
        OtlpRecorder::builder().header("authorization", "secret").endpoint("http://user:secret@collector/")
    };
    assert!(!format!("{:?}", builder()).contains("secret"));
    assert!(!format!("{:?}", builder().build().unwrap()).contains("secret"));
    let by_grpc = grpc("http://collector").header("authorization", "secret").build().unwrap();
    assert!(!format!("{by_grpc:?}").contains("secret"));
}

#[test]
fn http_is_the_default_protocol() {
    assert_eq!(Protocol::default(), Protocol::HttpProtobuf);
}

/// Sends a span and returns the request.
fn arrives_at(
    set_up: impl Fn(OtlpRecorderBuilder, &Receiver) -> OtlpRecorderBuilder,
) -> anytrace_test_receiver::Request {
    let receiver = Receiver::always(ScriptedResponse::status(200));
    let tracer = tracer(set_up(OtlpRecorder::builder(), &receiver));
    spans(&tracer, 1);
    assert_eq!(tracer.flush_blocking(LONG).delivered, 1);
    receiver.requests()[0].clone()
}

#[test]
fn the_path_is_appended_to_a_base_and_to_nothing_else() {
    let line = |url: &'static str| arrives_at(|builder, receiver| builder.endpoint(receiver.url(url))).line;
    assert_eq!(line(""), "POST /v1/traces HTTP/1.1");
    assert_eq!(line("/"), "POST /v1/traces HTTP/1.1");
    assert_eq!(line("/otlp/"), "POST /otlp/v1/traces HTTP/1.1");
    assert_eq!(line("/otlp?tenant=a"), "POST /otlp/v1/traces?tenant=a HTTP/1.1");
    let line =
        |url: &'static str| arrives_at(|builder, receiver| builder.traces_endpoint(receiver.url(url))).line;
    assert_eq!(line("/elsewhere/"), "POST /elsewhere/ HTTP/1.1");
    assert_eq!(line(""), "POST / HTTP/1.1");
}

#[test]
fn headers_and_credentials_are_sent() {
    let request = arrives_at(|builder, receiver| {
        let url = receiver.url("").replace("http://", "http://user:pass@");
        builder.endpoint(url).header("x-tenant", "acme")
    });
    let header = |name: &str| request.headers[name].clone();
    assert_eq!((header("x-tenant"), header("authorization")), ("acme".into(), "Basic dXNlcjpwYXNz".into()));
    assert_eq!(header("content-type"), "application/x-protobuf");
    assert!(header("user-agent").starts_with("anytrace-otlp/"));
}
