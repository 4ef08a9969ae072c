//! Complete spans, from start to finish.

use std::hint::black_box;

use fastrace::{Span, collector::SpanContext};

use super::{properties, reporting, start_reporting};
use crate::case::{Running, Setting};

pub(super) fn w0(setting: Setting) -> Running {
    reporting(setting, workload_w0)
}

#[inline(never)]
fn workload_w0(repeats: u64) {
    for _ in 0..repeats {
        drop(Span::root("GET /users", SpanContext::random()));
    }
}

pub(super) fn w1_at_start(setting: Setting) -> Running {
    reporting(setting, workload_w1_at_start)
}

#[inline(never)]
fn workload_w1_at_start(repeats: u64) {
    for _ in 0..repeats {
        drop(Span::root("GET /users", SpanContext::random()).with_properties(properties));
    }
}

pub(super) fn w1_after(setting: Setting) -> Running {
    reporting(setting, workload_w1_after)
}

#[inline(never)]
fn workload_w1_after(repeats: u64) {
    for _ in 0..repeats {
        let span = Span::root("GET /users", SpanContext::random());
        span.add_property(method);
        span.add_property(route);
        span.add_property(status);
        span.add_property(hit);
        drop(span);
    }
}

pub(super) fn w1_one_call(setting: Setting) -> Running {
    reporting(setting, workload_w1_one_call)
}

#[inline(never)]
fn workload_w1_one_call(repeats: u64) {
    for _ in 0..repeats {
        let span = Span::root("GET /users", SpanContext::random());
        span.add_properties(properties);
        drop(span);
    }
}

/// The workload of each thread.
pub(crate) fn threads(repeats: u64) {
    start_reporting(Setting::OnFlush);
    workload_w1_at_start(repeats);
}

fn method() -> (&'static str, &'static str) {
    ("http.method", "GET")
}

fn route() -> (&'static str, &'static str) {
    ("http.route", "/users/{id}")
}

fn status() -> (&'static str, String) {
    ("http.status_code", black_box(200_i64).to_string())
}

fn hit() -> (&'static str, &'static str) {
    ("cache.hit", if black_box(true) { "true" } else { "false" })
}
