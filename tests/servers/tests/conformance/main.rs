//! The rules of every backend, kept also by what real servers hold of its spans.

mod noted;
#[path = "../passing/mod.rs"]
mod passing;
mod recorded;
mod subject;

use anytrace_conformance::{Capabilities, Capability, check};
use anytrace_otel_bridge::{OtlpRecorder, Protocol};
use anytrace_servers::{OTLP_GRPC, OTLP_HTTP, Product, ZIPKIN, zipkin_traces};
use anytrace_zipkin_bridge::ZipkinRecorder;

use self::{noted::Noted, subject::Collected};

/// Text in tags, microseconds, and no place for links.
const SAID_TO_ZIPKIN: Capabilities =
    Capabilities::ALL.without(&[Capability::TypedTags, Capability::Nanoseconds, Capability::Links]);

fn through_otlp(name: &str, protocol: Protocol, address: &str) {
    let collector = Product::Collector.lent().unwrap();
    let collected = Collected::new(&collector, name);
    let report = check(name, Capabilities::ALL, || {
        let recorder = OtlpRecorder::builder().protocol(protocol).endpoint(&collector[address]);
        let collected = collected.clone();
        subject::fresh(name, recorder.build().unwrap(), move |service| collected.of(service))
    });
    println!("{report}");
    report.assert_passed();
}

#[test]
fn the_collector_holds_what_the_rules_say_sent_over_http() {
    through_otlp("otlp-http", Protocol::HttpProtobuf, OTLP_HTTP);
}

#[test]
fn the_collector_holds_what_the_rules_say_sent_over_grpc() {
    through_otlp("otlp-grpc", Protocol::Grpc, OTLP_GRPC);
}

/// What Zipkin does by itself to what it is sent harms no rule: it sorts annotations by time and text, and keeps of spans
/// and annotations that are equal in everything one.
#[test]
fn zipkin_holds_what_the_rules_say() {
    let zipkin = Product::Zipkin.lent().unwrap();
    let report = check("zipkin", SAID_TO_ZIPKIN, || {
        let recorder = ZipkinRecorder::builder().endpoint(format!("{}/api/v2/spans", zipkin[ZIPKIN]));
        let noted = Noted::default();
        let zipkin = zipkin.clone();
        subject::fresh("zipkin", noted.before(recorder.build().unwrap()), move |service| {
            // Some traces are known to many subjects: their caller's ids are the same.
            let mut spans = zipkin_traces(&zipkin, &noted.ids())?;
            spans.retain(|span| span.service == service);
            Ok(spans)
        })
    });
    println!("{report}");
    report.assert_passed();
}
