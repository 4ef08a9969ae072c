//! The conformance rules, checked against the spans that real servers have received.

#[path = "../observed/mod.rs"]
mod observed;
mod recorded;
mod sent_trace_ids;
mod subject;

use anytrace_conformance::{Capabilities, Capability, check};
use anytrace_otlp::{OtlpRecorder, Protocol};
use anytrace_servers::{OTLP_GRPC, OTLP_HTTP, Product, ZIPKIN, zipkin_traces};
use anytrace_zipkin_bridge::ZipkinRecorder;

use self::{sent_trace_ids::SentTraceIds, subject::Collected};

/// Zipkin has text tags and microseconds, and no links.
const ZIPKIN_CAPABILITIES: Capabilities =
    Capabilities::ALL.without(&[Capability::TypedTags, Capability::Nanoseconds, Capability::Links]);

fn check_otlp(name: &str, protocol: Protocol, address: &str) {
    let collector = Product::Collector.from_environment().unwrap();
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
fn spans_in_the_collector_conform_over_http() {
    check_otlp("otlp-http", Protocol::HttpProtobuf, OTLP_HTTP);
}

#[test]
fn spans_in_the_collector_conform_over_grpc() {
    check_otlp("otlp-grpc", Protocol::Grpc, OTLP_GRPC);
}

/// Zipkin sorts annotations by time and text, and merges equal spans and equal annotations. Neither violates a rule.
#[test]
fn spans_in_zipkin_conform() {
    let zipkin = Product::Zipkin.from_environment().unwrap();
    let report = check("zipkin", ZIPKIN_CAPABILITIES, || {
        let recorder = ZipkinRecorder::builder().endpoint(format!("{}/api/v2/spans", zipkin[ZIPKIN]));
        let ids = SentTraceIds::default();
        let zipkin = zipkin.clone();
        subject::fresh("zipkin", ids.before(recorder.build().unwrap()), move |service| {
            // Subjects share traces, because the ids of their callers are the same.
            let mut spans = zipkin_traces(&zipkin, &ids.get())?;
            spans.retain(|span| span.service == service);
            Ok(spans)
        })
    });
    println!("{report}");
    report.assert_passed();
}
