//! W4: injecting a context into new headers, and extracting it from headers without other fields. `w3c` also looks for
//! baggage, which is absent.

use std::hint::black_box;

use anytrace_api::{
    Context, TraceContext,
    propagation::{Extracted, Propagator, W3C, W3cTraceContext},
};
use http::{HeaderMap, HeaderValue};

use crate::case::{Running, Setting, TRACEPARENT, distinct};

fn filled() -> HeaderMap {
    HeaderMap::from_iter([("traceparent".parse().expect("a name"), HeaderValue::from_static(TRACEPARENT))])
}

fn injecting(workload: fn(&Context, u64)) -> Running {
    let context = Extracted::read(&W3cTraceContext, &filled()).into_context();
    let mut headers = HeaderMap::new();
    W3C.inject(&context, &mut headers);
    assert_eq!(headers, filled());
    Running::new(move |repeats| workload(&context, repeats))
}

fn extracting(workload: fn(&HeaderMap, u64)) -> Running {
    let headers = filled();
    assert!(Extracted::read(&W3C, &headers).context().ids().is_some());
    Running::new(move |repeats| workload(&headers, repeats))
}

pub(super) fn inject_traceparent(_: Setting) -> Running {
    injecting(workload_inject_traceparent)
}

#[inline(never)]
fn workload_inject_traceparent(context: &Context, repeats: u64) {
    for _ in 0..repeats {
        let mut headers = HeaderMap::new();
        W3cTraceContext.inject(black_box(context), &mut headers);
        black_box(&headers);
    }
}

pub(super) fn inject_w3c(_: Setting) -> Running {
    injecting(workload_inject_w3c)
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

pub(super) fn extract_traceparent(_: Setting) -> Running {
    extracting(workload_extract_traceparent)
}

#[inline(never)]
fn workload_extract_traceparent(headers: &HeaderMap, repeats: u64) {
    for _ in 0..repeats {
        black_box(&Extracted::read(&W3cTraceContext, black_box(headers)));
    }
}

pub(super) fn extract_w3c(_: Setting) -> Running {
    extracting(workload_extract_w3c)
}

#[inline(never)]
fn workload_extract_w3c(headers: &HeaderMap, repeats: u64) {
    distinct("extract_w3c");
    for _ in 0..repeats {
        black_box(&Extracted::read(&W3C, black_box(headers)));
    }
}
