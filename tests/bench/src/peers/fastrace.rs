//! fastrace's text of a span's context, put into headers as its users do.

use std::hint::black_box;

use anytrace_bench::{TRACEPARENT, WARM_UP};
use fastrace::collector::SpanContext;
use http::{HeaderMap, HeaderName, HeaderValue};

/// As the integrations of fastrace have it.
const NAME: HeaderName = HeaderName::from_static("traceparent");

pub(crate) fn inject_traceparent(repeats: u64) {
    let context = SpanContext::decode_w3c_traceparent(TRACEPARENT).expect("it is right");
    assert_eq!(context.encode_w3c_traceparent(), TRACEPARENT);
    workload_fastrace_inject_traceparent(&context, WARM_UP);
    workload_fastrace_inject_traceparent(&context, repeats);
}

#[inline(never)]
fn workload_fastrace_inject_traceparent(context: &SpanContext, repeats: u64) {
    for _ in 0..repeats {
        let mut headers = HeaderMap::new();
        if let Ok(value) = HeaderValue::from_str(&black_box(context).encode_w3c_traceparent()) {
            headers.insert(NAME, value);
        }
        black_box(&headers);
    }
}

pub(crate) fn extract_traceparent(repeats: u64) {
    let headers = HeaderMap::from_iter([(NAME, HeaderValue::from_static(TRACEPARENT))]);
    workload_fastrace_extract_traceparent(&headers, WARM_UP);
    workload_fastrace_extract_traceparent(&headers, repeats);
}

#[inline(never)]
fn workload_fastrace_extract_traceparent(headers: &HeaderMap, repeats: u64) {
    for _ in 0..repeats {
        let text = black_box(headers).get(NAME).and_then(|value| value.to_str().ok());
        black_box(&text.and_then(SpanContext::decode_w3c_traceparent));
    }
}
