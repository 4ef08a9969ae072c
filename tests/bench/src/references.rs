//! What is done with a span at hand.

use std::hint::black_box;

use anytrace_api::{SpanRef, TracerExt};
use anytrace_bench::{WARM_UP, distinct};

use crate::setting::{not_sampling, recording};

fn on_recorded(repeats: u64, workload: fn(&SpanRef, u64)) {
    let tracer = recording();
    let span = tracer.start_trace("GET /users");
    assert!(span.is_recording());
    workload(&span, WARM_UP);
    workload(&span, repeats);
}

fn on_not_recorded(repeats: u64, workload: fn(&SpanRef, u64)) {
    let tracer = not_sampling();
    let span = tracer.start_trace("GET /users");
    assert!(!span.is_recording() && !span.is_none());
    workload(&span, WARM_UP);
    workload(&span, repeats);
}

pub(crate) fn ref_clone_recorded(repeats: u64) {
    on_recorded(repeats, workload_ref_clone_recorded);
}

#[inline(never)]
fn workload_ref_clone_recorded(span: &SpanRef, repeats: u64) {
    for _ in 0..repeats {
        drop(black_box(span.clone()));
    }
}

pub(crate) fn ref_clone_not(repeats: u64) {
    on_not_recorded(repeats, workload_ref_clone_not);
}

#[inline(never)]
fn workload_ref_clone_not(span: &SpanRef, repeats: u64) {
    distinct("ref_clone_not");
    for _ in 0..repeats {
        drop(black_box(span.clone()));
    }
}

pub(crate) fn enter_leave_recorded(repeats: u64) {
    on_recorded(repeats, workload_enter_leave_recorded);
}

#[inline(never)]
fn workload_enter_leave_recorded(span: &SpanRef, repeats: u64) {
    for _ in 0..repeats {
        drop(span.enter());
    }
}

pub(crate) fn enter_leave_not(repeats: u64) {
    on_not_recorded(repeats, workload_enter_leave_not);
}

#[inline(never)]
fn workload_enter_leave_not(span: &SpanRef, repeats: u64) {
    distinct("enter_leave_not");
    for _ in 0..repeats {
        drop(span.enter());
    }
}

pub(crate) fn set_tag_handle(repeats: u64) {
    on_recorded(repeats, workload_set_tag_handle);
}

#[inline(never)]
fn workload_set_tag_handle(span: &SpanRef, repeats: u64) {
    for _ in 0..repeats {
        span.set_tag("http.status_code", black_box(200_i64));
    }
}
