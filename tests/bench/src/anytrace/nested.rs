//! W5: tags on the current span, set in nested calls.

use std::hint::black_box;

use anytrace_api::{TracerExt, backend::Tracer};

use super::recording::{exporting_case, recording};
use crate::case::{KEYS, Running, Setting, nested};

pub(super) fn w5_0(setting: Setting) -> Running {
    w5(setting, &[])
}

pub(super) fn w5_10(setting: Setting) -> Running {
    w5(setting, &KEYS)
}

fn w5(setting: Setting, keys: &'static [&'static str]) -> Running {
    let tracer = recording(setting);
    exporting_case(tracer, move |repeats| workload_w5(tracer, keys, repeats))
}

#[inline(never)]
fn workload_w5(tracer: &dyn Tracer, keys: &[&'static str], repeats: u64) {
    for _ in 0..repeats {
        let span = tracer.start_trace("GET /users");
        let current = span.enter();
        for key in keys {
            first(key);
        }
        drop(current);
        span.finish();
    }
}

fn set(key: &'static str) {
    anytrace_api::set_tag(key, black_box(200_i64));
}

nested!(set);
