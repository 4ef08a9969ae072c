//! Operations while a span is current.

use std::{
    future::{Future, Pending},
    hint::black_box,
    pin::Pin,
    task::{Context, Waker},
};

use fastrace::{
    Span,
    collector::SpanContext,
    future::{FutureExt, InSpan},
};

use super::{reporting, start_reporting};
use crate::case::{Running, Setting};

fn root(setting: Setting) -> Span {
    start_reporting(setting);
    Span::root("GET /users", SpanContext::random())
}

pub(super) fn read_ids(setting: Setting) -> Running {
    let span = root(setting);
    reporting(setting, move |repeats| {
        let _current = span.set_local_parent();
        assert!(SpanContext::current_local_parent().is_some());
        workload_read_ids(repeats);
    })
}

#[inline(never)]
fn workload_read_ids(repeats: u64) {
    for _ in 0..repeats {
        black_box(SpanContext::current_local_parent());
    }
}

pub(super) fn enter_leave(setting: Setting) -> Running {
    let span = root(setting);
    reporting(setting, move |repeats| workload_enter_leave(&span, repeats))
}

#[inline(never)]
fn workload_enter_leave(span: &Span, repeats: u64) {
    for _ in 0..repeats {
        drop(span.set_local_parent());
    }
}

pub(super) fn poll(setting: Setting) -> Running {
    let mut future = Box::pin(std::future::pending().in_span(root(setting)));
    reporting(setting, move |repeats| workload_poll(future.as_mut(), repeats))
}

#[inline(never)]
fn workload_poll(mut future: Pin<&mut InSpan<Pending<()>>>, repeats: u64) {
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..repeats {
        assert!(black_box(future.as_mut().poll(&mut context)).is_pending());
    }
}
