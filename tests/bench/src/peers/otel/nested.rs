//! W5: attributes on the current span, set in nested calls.

use std::hint::black_box;

use opentelemetry::{
    Context, KeyValue,
    global::BoxedTracer,
    trace::{TraceContextExt, Tracer, get_active_span},
};

use super::provider::sdk;
use crate::case::{KEYS, Running, Setting, nested};

type Keys = &'static [&'static str];

pub(super) fn noop_w5_0(_: Setting) -> Running {
    noop(&[])
}

pub(super) fn noop_w5_10(_: Setting) -> Running {
    noop(&KEYS)
}

fn noop(keys: Keys) -> Running {
    let tracer = opentelemetry::global::tracer("bench");
    Running::new(move |repeats| workload_w5(&tracer, keys, repeats))
}

pub(super) fn sdk_w5_0(setting: Setting) -> Running {
    recorded(setting, &[])
}

pub(super) fn sdk_w5_10(setting: Setting) -> Running {
    recorded(setting, &KEYS)
}

fn recorded(setting: Setting, keys: Keys) -> Running {
    let sdk = sdk(setting);
    let tracer = sdk.tracer();
    Running::new(move |repeats| workload_w5(&tracer, keys, repeats))
        .exporting(|spans| sdk.export_spans(spans))
}

#[inline(never)]
fn workload_w5(tracer: &BoxedTracer, keys: Keys, repeats: u64) {
    for _ in 0..repeats {
        let context = Context::current_with_span(tracer.start("GET /users"));
        let current = context.clone().attach();
        for key in keys {
            first(key);
        }
        drop(current);
        context.span().end();
    }
}

fn set(key: &'static str) {
    get_active_span(|span| span.set_attribute(KeyValue::new(key, black_box(200_i64))));
}

nested!(set);
