//! W5: properties on the current span, set in nested calls.

use std::hint::black_box;

use fastrace::{Span, collector::SpanContext, local::LocalSpan};

use super::reporting;
use crate::case::{KEYS, Running, Setting, nested};

pub(super) fn w5_0(setting: Setting) -> Running {
    w5(setting, &[])
}

pub(super) fn w5_10(setting: Setting) -> Running {
    w5(setting, &KEYS)
}

fn w5(setting: Setting, keys: &'static [&'static str]) -> Running {
    reporting(setting, move |repeats| workload_w5(keys, repeats))
}

#[inline(never)]
fn workload_w5(keys: &[&'static str], repeats: u64) {
    for _ in 0..repeats {
        let span = Span::root("GET /users", SpanContext::random());
        let current = span.set_local_parent();
        for key in keys {
            first(key);
        }
        drop(current);
        drop(span);
    }
}

fn set(key: &'static str) {
    LocalSpan::add_property(|| (key, black_box(200_i64).to_string()));
}

nested!(set);
