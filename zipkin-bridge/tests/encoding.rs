//! Rules of the encoder that the vectors do not cover.

mod schema;

use std::time::{Duration, SystemTime};

use anytrace_api::{Kind, Operation, StartedSpan, Tag, TracerExt, tags};
use anytrace_recorder::{MockTracer, Resource};
use anytrace_zipkin_bridge::{Encoder, keys};
use serde_json::{Value as Json, json};

fn encoded_by(
    mut encoder: Encoder,
    resource: &Resource,
    span: impl FnOnce(&MockTracer) -> StartedSpan,
) -> Json {
    let mock = MockTracer::new();
    drop(span(&mock));
    let mut body = b"[".to_vec();
    encoder.encode(resource, &mock.finished()[0], &mut body);
    body.push(b']');
    let body = String::from_utf8(body).unwrap();
    assert_eq!(schema::list_of_spans(&body), Ok(()));
    serde_json::from_str::<Json>(&body).unwrap()[0].take()
}

fn encoded(span: impl FnOnce(&MockTracer) -> StartedSpan) -> Json {
    encoded_by(Encoder::new(), &Resource::new("shop"), span)
}

fn remote(kind: Kind, tags: &[Tag<'_>]) -> Json {
    encoded(|mock| mock.start_trace(Operation::new("call".into(), kind).tags(tags)))["remoteEndpoint"].take()
}

#[test]
fn an_end_reason_other_than_finished_is_a_tag() {
    let span = encoded(|mock| mock.start_trace("dropped"));
    assert_eq!(span["tags"], json!({"anytrace.end_reason": "dropped"}));
}

#[test]
fn an_address_with_a_port_sets_both_fields() {
    let both = remote(Kind::Client, &tags! { "peer.address" => "192.0.2.1:80" });
    assert_eq!(both, json!({"ipv4": "192.0.2.1", "port": 80}));
    let both = remote(Kind::Client, &tags! { "peer.address" => "[2001:db8::1]:80" });
    assert_eq!(both, json!({"ipv6": "2001:db8::1", "port": 80}));
    let own = tags! { "network.peer.address" => "192.0.2.1:80", "network.peer.port" => 81 };
    assert_eq!(remote(Kind::Client, &own), json!({"ipv4": "192.0.2.1", "port": 80}));
}

#[test]
fn ports_are_numbers_of_16_bits() {
    for (port, expected) in [(65_535, json!(65_535)), (65_536, Json::Null), (-1, Json::Null)] {
        let tags = tags! { "network.peer.address" => "host", "network.peer.port" => port };
        assert_eq!(remote(Kind::Client, &tags)["port"], expected);
    }
    let text = tags! { "network.peer.address" => "host", "network.peer.port" => "80" };
    assert_eq!(remote(Kind::Client, &text), json!({"serviceName": "host", "port": 80}));
}

#[test]
fn keys_of_the_remote_endpoint_are_not_tags() {
    let tags = tags! { keys::REMOTE_ADDRESS => "198.51.100.7", keys::REMOTE_PORT => 51234 };
    let span = encoded(|mock| mock.start_trace(Operation::server("GET").tags(&tags)));
    assert_eq!(span["remoteEndpoint"], json!({"ipv4": "198.51.100.7", "port": 51234}));
    assert_eq!(span["tags"], json!({"anytrace.end_reason": "dropped"}));
}

#[test]
fn an_unspecified_address_is_omitted() {
    let any = Encoder::new().local_address(([0, 0, 0, 0], 8080).into());
    let span = encoded_by(any, &Resource::new("shop"), |mock| mock.start_trace("a"));
    assert_eq!(span["localEndpoint"], json!({"serviceName": "shop", "port": 8080}));
    let nameless = encoded_by(Encoder::new(), &Resource::new(""), |mock| mock.start_trace("a"));
    assert_eq!(nameless["localEndpoint"], json!({"serviceName": "unknown_service"}));
}

#[test]
fn a_timestamp_of_zero_is_omitted() {
    let start = |micros| {
        let time = SystemTime::UNIX_EPOCH + Duration::from_micros(micros);
        encoded(move |mock| mock.start_trace(Operation::internal("a").start_at(time)))["timestamp"].take()
    };
    assert_eq!((start(0), start(1)), (Json::Null, json!(1)));
}

#[test]
fn a_property_of_the_span_replaces_a_tag_with_its_key() {
    let resource = Resource::new("shop").with("service.namespace", "retail");
    let span = encoded_by(Encoder::new(), &resource, |mock| {
        mock.start_trace("a").tag("service.namespace", "mine").tag(keys::END_REASON, "mine")
    });
    assert_eq!(span["tags"], json!({"service.namespace": "mine", "anytrace.end_reason": "dropped"}));
}

#[test]
fn the_text_false_in_any_case_is_no_error() {
    let tags = |value: &'static str| encoded(|mock| mock.start_trace("a").tag("error", value))["tags"].take();
    assert_eq!(tags("False")["error"], Json::Null);
    assert_eq!(tags("no")["error"], "no");
}

#[test]
fn the_cached_endpoint_follows_the_service() {
    let mock = MockTracer::new();
    mock.start_trace("a").finish();
    let spans = mock.finished();
    let mut encoder = Encoder::new();
    let here = |encoder: &mut Encoder, service: &str| {
        let mut body = Vec::new();
        encoder.encode(&Resource::new(service), &spans[0], &mut body);
        serde_json::from_slice::<Json>(&body).unwrap()["localEndpoint"].take()
    };
    for service in ["shop", "shop", "bank", "shop"] {
        assert_eq!(here(&mut encoder, service), json!({"serviceName": service}));
    }
    assert_eq!(here(&mut encoder, ""), json!({"serviceName": "unknown_service"}));
    let mut encoder = encoder.local_address("192.0.2.1:80".parse().unwrap());
    assert_eq!(
        here(&mut encoder, ""),
        json!({"serviceName": "unknown_service", "ipv4": "192.0.2.1", "port": 80})
    );
}
