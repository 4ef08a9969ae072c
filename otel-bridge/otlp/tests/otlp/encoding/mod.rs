//! The bytes of a message are those that `prost` makes of `opentelemetry-proto`'s messages.

mod reference;
mod spans;

use anytrace_otlp::OtlpRecorder;
use anytrace_recorder::{Batch, FinishedSpan, Resource};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use proptest::{collection::vec, prelude::*};
use prost::Message;

use self::spans::{SpanUpdate, finished, span_update};

fn encoded(resource: &Resource, spans: &[FinishedSpan]) -> Vec<u8> {
    let mut message = Vec::new();
    OtlpRecorder::encode(Batch::new(resource, spans), &mut message);
    message
}

/// Texts say where they differ, which bytes do not.
fn same(resource: &Resource, spans: &[FinishedSpan]) -> Result<(), String> {
    let expected = reference::request(resource, spans);
    let message = encoded(resource, spans);
    if message == expected.encode_to_vec() {
        return Ok(());
    }
    let read = ExportTraceServiceRequest::decode(message.as_slice());
    Err(format!("\n  got      {read:?}\n  expected {expected:?}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_spans_are_the_bytes_that_others_make(
        updates in vec(span_update(), 0..6),
        service in any::<String>(),
        tags in vec((any::<String>(), any::<String>()), 0..3),
    ) {
        let resource = tags.into_iter().fold(Resource::new(service), |made, (key, text)| made.with(key, text));
        prop_assert_eq!(same(&resource, &finished(&updates)), Ok(()));
    }
}

#[test]
fn a_batch_of_any_size_is_encoded_like_the_reference() {
    let resource =
        Resource::new("shop").with("telemetry.sdk.name", "mine").with("service.name", "not this one");
    for count in [0, 1, 2, 50, 81, 82, 83, 300, 1500] {
        let updates = vec![SpanUpdate::named("GET /users"); count];
        assert_eq!(same(&resource, &finished(&updates)), Ok(()), "{count} spans");
    }
}

/// Wherever a length takes one byte more.
#[test]
fn texts_of_any_size_are_the_bytes_that_others_make() {
    let resource = Resource::new("shop");
    for len in (0..300).chain(16_200..16_400).chain([70_000, 2_097_100, 2_097_152]) {
        let updates = [SpanUpdate::named(&"x".repeat(len)), SpanUpdate::tagged("ä", &"x".repeat(len))];
        assert_eq!(same(&resource, &finished(&updates)), Ok(()), "{len} bytes");
    }
}

#[test]
fn concatenated_requests_merge() {
    let (first, second) = (Resource::new("first"), Resource::new("second"));
    let (one, two) =
        (finished(&[SpanUpdate::named("1")]), finished(&[SpanUpdate::named("2"), SpanUpdate::named("3")]));
    let mut message = encoded(&first, &one);
    OtlpRecorder::encode(Batch::new(&second, &two), &mut message);
    let mut expected = reference::request(&first, &one);
    expected.resource_spans.extend(reference::request(&second, &two).resource_spans);
    assert_eq!(ExportTraceServiceRequest::decode(message.as_slice()), Ok(expected));
}
