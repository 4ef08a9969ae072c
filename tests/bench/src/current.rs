//! What is done where a recorded span is current.

use std::{
    hint::black_box,
    pin::{Pin, pin},
    task::{Context, Waker},
};

use anytrace_api::{FutureExt, InSpan, Tracer, TracerExt};
use anytrace_bench::WARM_UP;

use crate::setting::{in_bursts, recording};

fn beneath_recorded(repeats: u64, workload: fn(u64)) {
    let tracer = recording();
    let span = tracer.start_trace("GET /users");
    assert!(span.is_recording());
    let _current = span.enter();
    workload(WARM_UP);
    workload(repeats);
}

pub(crate) fn set_tag_current(repeats: u64) {
    beneath_recorded(repeats, workload_set_tag_current);
}

#[inline(never)]
fn workload_set_tag_current(repeats: u64) {
    for _ in 0..repeats {
        anytrace_api::set_tag("http.status_code", black_box(200_i64));
    }
}

pub(crate) fn start_span_beneath_current(repeats: u64) {
    let tracer = recording();
    let span = tracer.start_trace("GET /users");
    let _current = span.enter();
    in_bursts(&tracer, repeats, workload_start_span_beneath_current);
}

#[inline(never)]
fn workload_start_span_beneath_current(_: &dyn Tracer, repeats: u64) {
    for _ in 0..repeats {
        anytrace_api::start_span("SELECT users").finish();
    }
}

pub(crate) fn current_ids(repeats: u64) {
    beneath_recorded(repeats, workload_current_ids);
}

#[inline(never)]
fn workload_current_ids(repeats: u64) {
    for _ in 0..repeats {
        black_box(anytrace_api::current_ids());
    }
}

type Wrapped = InSpan<std::future::Pending<()>>;

pub(crate) fn future_poll(repeats: u64) {
    let tracer = recording();
    let span = tracer.start_trace("GET /users");
    let mut future = pin!(std::future::pending().in_span(span));
    workload_future_poll(future.as_mut(), WARM_UP);
    workload_future_poll(future.as_mut(), repeats);
}

#[inline(never)]
fn workload_future_poll(mut future: Pin<&mut Wrapped>, repeats: u64) {
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..repeats {
        assert!(black_box(future.as_mut().poll(&mut context)).is_pending());
    }
}
