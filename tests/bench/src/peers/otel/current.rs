//! Operations while a recorded span is current.

use std::{
    future::{Future, Pending},
    hint::black_box,
    pin::Pin,
    task,
};

use opentelemetry::{
    Context,
    trace::{FutureExt, TraceContextExt, Tracer, WithContext},
};

use super::provider::sdk;
use crate::case::{Running, Setting};

fn holding_a_span(setting: Setting) -> Context {
    let context = Context::current_with_span(sdk(setting).tracer().start("GET /users"));
    assert!(context.span().is_recording());
    context
}

pub(super) fn read_ids(setting: Setting) -> Running {
    let context = holding_a_span(setting);
    Running::new(move |repeats| {
        let _current = context.clone().attach();
        workload_read_ids(repeats);
    })
}

#[inline(never)]
fn workload_read_ids(repeats: u64) {
    for _ in 0..repeats {
        let context = Context::current();
        let span = context.span();
        let ids = span.span_context();
        black_box((ids.trace_id(), ids.span_id()));
    }
}

pub(super) fn enter_leave(setting: Setting) -> Running {
    let context = holding_a_span(setting);
    Running::new(move |repeats| workload_enter_leave(&context, repeats))
}

#[inline(never)]
fn workload_enter_leave(context: &Context, repeats: u64) {
    for _ in 0..repeats {
        drop(context.clone().attach());
    }
}

pub(super) fn poll(setting: Setting) -> Running {
    let mut future = Box::pin(std::future::pending().with_context(holding_a_span(setting)));
    Running::new(move |repeats| workload_poll(future.as_mut(), repeats))
}

#[inline(never)]
fn workload_poll(mut future: Pin<&mut WithContext<Pending<()>>>, repeats: u64) {
    let mut context = task::Context::from_waker(task::Waker::noop());
    for _ in 0..repeats {
        assert!(black_box(future.as_mut().poll(&mut context)).is_pending());
    }
}
