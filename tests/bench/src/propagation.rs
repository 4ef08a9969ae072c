//! A trace's identity through the headers of a request: into fresh ones, and out of those that hold nothing else.

use std::hint::black_box;

use anytrace_api::{Context, Extracted, Propagator, TraceContext, W3C, W3cTraceContext};
use anytrace_bench::{TRACEPARENT, WARM_UP, distinct};
use http::{HeaderMap, HeaderValue};

fn filled() -> HeaderMap {
    HeaderMap::from_iter([("traceparent".parse().expect("a name"), HeaderValue::from_static(TRACEPARENT))])
}

fn injecting(repeats: u64, workload: fn(&Context, u64)) {
    let context = Extracted::read(&W3cTraceContext, &filled()).into_context();
    let mut headers = HeaderMap::new();
    W3C.inject(&context, &mut headers);
    assert_eq!(headers, filled());
    workload(&context, WARM_UP);
    workload(&context, repeats);
}

fn extracting(repeats: u64, workload: fn(&HeaderMap, u64)) {
    let headers = filled();
    assert!(Extracted::read(&W3C, &headers).context().ids().is_some());
    workload(&headers, WARM_UP);
    workload(&headers, repeats);
}

pub(crate) fn inject_traceparent(repeats: u64) {
    injecting(repeats, workload_inject_traceparent);
}

#[inline(never)]
fn workload_inject_traceparent(context: &Context, repeats: u64) {
    for _ in 0..repeats {
        let mut headers = HeaderMap::new();
        W3cTraceContext.inject(black_box(context), &mut headers);
        black_box(&headers);
    }
}

pub(crate) fn inject_w3c(repeats: u64) {
    injecting(repeats, workload_inject_w3c);
}

#[inline(never)]
fn workload_inject_w3c(context: &Context, repeats: u64) {
    distinct("inject_w3c");
    for _ in 0..repeats {
        let mut headers = HeaderMap::new();
        W3C.inject(black_box(context), &mut headers);
        black_box(&headers);
    }
}

pub(crate) fn extract_traceparent(repeats: u64) {
    extracting(repeats, workload_extract_traceparent);
}

#[inline(never)]
fn workload_extract_traceparent(headers: &HeaderMap, repeats: u64) {
    for _ in 0..repeats {
        black_box(&Extracted::read(&W3cTraceContext, black_box(headers)));
    }
}

pub(crate) fn extract_w3c(repeats: u64) {
    extracting(repeats, workload_extract_w3c);
}

#[inline(never)]
fn workload_extract_w3c(headers: &HeaderMap, repeats: u64) {
    distinct("extract_w3c");
    for _ in 0..repeats {
        black_box(&Extracted::read(&W3C, black_box(headers)));
    }
}
