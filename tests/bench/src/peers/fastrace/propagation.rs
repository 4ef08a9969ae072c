//! The text form of fastrace's context in headers.

use std::hint::black_box;

use fastrace::collector::SpanContext;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::case::{Running, Setting, TRACEPARENT};

/// The header name used by fastrace's integrations.
const NAME: HeaderName = HeaderName::from_static("traceparent");

pub(super) fn inject_traceparent(_: Setting) -> Running {
    let context = SpanContext::decode_w3c_traceparent(TRACEPARENT).expect("a valid header");
    assert_eq!(context.encode_w3c_traceparent(), TRACEPARENT);
    Running::new(move |repeats| workload_inject_traceparent(&context, repeats))
}

#[inline(never)]
fn workload_inject_traceparent(context: &SpanContext, repeats: u64) {
    for _ in 0..repeats {
        let mut headers = HeaderMap::new();
        if let Ok(value) = HeaderValue::from_str(&black_box(context).encode_w3c_traceparent()) {
            headers.insert(NAME, value);
        }
        black_box(&headers);
    }
}

pub(super) fn extract_traceparent(_: Setting) -> Running {
    let headers = HeaderMap::from_iter([(NAME, HeaderValue::from_static(TRACEPARENT))]);
    Running::new(move |repeats| workload_extract_traceparent(&headers, repeats))
}

#[inline(never)]
fn workload_extract_traceparent(headers: &HeaderMap, repeats: u64) {
    for _ in 0..repeats {
        black_box(&decoded(black_box(headers)));
    }
}

#[inline]
fn decoded(headers: &HeaderMap) -> Option<SpanContext> {
    SpanContext::decode_w3c_traceparent(headers.get(NAME)?.to_str().ok()?)
}
