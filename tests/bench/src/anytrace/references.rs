//! Operations on a span reference.

use std::hint::black_box;

use anytrace_api::{SpanRef, TracerExt};

use super::recording::{not_sampling, recording};
use crate::case::{Running, Setting, distinct};

fn on_recorded(setting: Setting, workload: fn(&SpanRef, u64)) -> Running {
    let span = recording(setting).start_trace("GET /users");
    assert!(span.is_recording());
    Running::new(move |repeats| workload(&span, repeats))
}

fn on_not_recorded(workload: fn(&SpanRef, u64)) -> Running {
    let span = not_sampling().start_trace("GET /users");
    assert!(!span.is_recording() && !span.is_none());
    Running::new(move |repeats| workload(&span, repeats))
}

pub(super) fn ref_clone_recorded(setting: Setting) -> Running {
    on_recorded(setting, workload_ref_clone_recorded)
}

#[inline(never)]
fn workload_ref_clone_recorded(span: &SpanRef, repeats: u64) {
    for _ in 0..repeats {
        drop(black_box(span.clone()));
    }
}

pub(super) fn ref_clone_not(_: Setting) -> Running {
    on_not_recorded(workload_ref_clone_not)
}

#[inline(never)]
fn workload_ref_clone_not(span: &SpanRef, repeats: u64) {
    distinct("ref_clone_not");
    for _ in 0..repeats {
        drop(black_box(span.clone()));
    }
}

pub(super) fn enter_leave(setting: Setting) -> Running {
    on_recorded(setting, workload_enter_leave)
}

#[inline(never)]
fn workload_enter_leave(span: &SpanRef, repeats: u64) {
    for _ in 0..repeats {
        drop(span.enter());
    }
}

pub(super) fn enter_leave_not(_: Setting) -> Running {
    on_not_recorded(workload_enter_leave_not)
}

#[inline(never)]
fn workload_enter_leave_not(span: &SpanRef, repeats: u64) {
    distinct("enter_leave_not");
    for _ in 0..repeats {
        drop(span.enter());
    }
}

pub(super) fn set_tag_handle(setting: Setting) -> Running {
    on_recorded(setting, workload_set_tag_handle)
}

#[inline(never)]
fn workload_set_tag_handle(span: &SpanRef, repeats: u64) {
    for _ in 0..repeats {
        span.set_tag("http.status_code", black_box(200_i64));
    }
}
