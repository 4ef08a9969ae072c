//! Operations while a recorded span is current.

use std::{
    future::Pending,
    hint::black_box,
    pin::Pin,
    task::{Context, Waker},
};

use anytrace_api::{FutureExt, TracerExt, future::InSpan};

use super::recording::{exporting_case, recording};
use crate::case::{Running, Setting};

fn beneath_recorded(setting: Setting, workload: fn(u64)) -> Running {
    let tracer = recording(setting);
    let span = tracer.start_trace("GET /users");
    assert!(span.is_recording());
    exporting_case(tracer, move |repeats| {
        let _current = span.enter();
        workload(repeats);
    })
}

pub(super) fn set_tag_current(setting: Setting) -> Running {
    beneath_recorded(setting, workload_set_tag_current)
}

#[inline(never)]
fn workload_set_tag_current(repeats: u64) {
    for _ in 0..repeats {
        anytrace_api::set_tag("http.status_code", black_box(200_i64));
    }
}

pub(super) fn start_span_beneath_current(setting: Setting) -> Running {
    beneath_recorded(setting, workload_start_span_beneath_current)
}

#[inline(never)]
fn workload_start_span_beneath_current(repeats: u64) {
    for _ in 0..repeats {
        anytrace_api::start_span("SELECT users").finish();
    }
}

pub(super) fn read_ids(setting: Setting) -> Running {
    beneath_recorded(setting, workload_read_ids)
}

#[inline(never)]
fn workload_read_ids(repeats: u64) {
    for _ in 0..repeats {
        black_box(anytrace_api::current_ids());
    }
}

pub(super) fn poll(setting: Setting) -> Running {
    let span = recording(setting).start_trace("GET /users");
    let mut future = Box::pin(std::future::pending().in_span(span));
    Running::new(move |repeats| workload_poll(future.as_mut(), repeats))
}

#[inline(never)]
fn workload_poll(mut future: Pin<&mut InSpan<Pending<()>>>, repeats: u64) {
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..repeats {
        assert!(black_box(future.as_mut().poll(&mut context)).is_pending());
    }
}
