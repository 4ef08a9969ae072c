//! The bytes of a message are those that `prost` makes of `opentelemetry-proto`'s messages.

mod reference;
mod spans;

use anytrace_otlp::OtlpRecorder;
use anytrace_recorder::{Batch, FinishedSpan, Resource};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use proptest::{collection::vec, prelude::*};
use prost::Message;

use self::spans::{Told, finished, told};

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
        told in vec(told(), 0..6),
        service in any::<String>(),
        tags in vec((any::<String>(), any::<String>()), 0..3),
    ) {
        let resource = tags.into_iter().fold(Resource::new(service), |made, (key, text)| made.with(key, text));
        prop_assert_eq!(same(&resource, &finished(&told)), Ok(()));
    }
}

#[test]
fn a_batch_of_any_size_is_the_bytes_that_others_make() {
    let resource =
        Resource::new("shop").with("telemetry.sdk.name", "mine").with("service.name", "not this one");
    for count in [0, 1, 2, 50, 81, 82, 83, 300, 1500] {
        let told = vec![Told::named("GET /users"); count];
        assert_eq!(same(&resource, &finished(&told)), Ok(()), "{count} spans");
    }
}

/// Wherever a length takes one byte more.
#[test]
fn texts_of_any_size_are_the_bytes_that_others_make() {
    let resource = Resource::new("shop");
    for len in (0..300).chain(16_200..16_400).chain([70_000, 2_097_100, 2_097_152]) {
        let told = [Told::named(&"x".repeat(len)), Told::tagged("ä", &"x".repeat(len))];
        assert_eq!(same(&resource, &finished(&told)), Ok(()), "{len} bytes");
    }
}

#[test]
fn messages_one_after_the_other_are_one() {
    let (first, second) = (Resource::new("first"), Resource::new("second"));
    let (one, two) = (finished(&[Told::named("1")]), finished(&[Told::named("2"), Told::named("3")]));
    let mut message = encoded(&first, &one);
    OtlpRecorder::encode(Batch::new(&second, &two), &mut message);
    let mut expected = reference::request(&first, &one);
    expected.resource_spans.extend(reference::request(&second, &two).resource_spans);
    assert_eq!(ExportTraceServiceRequest::decode(message.as_slice()), Ok(expected));
}
