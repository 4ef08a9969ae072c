//! Spans that stay on their thread.

use fastrace::{Event, Span, collector::SpanContext, local::LocalSpan};

use super::{properties, reporting, traces::cache_key, two_properties};
use crate::case::{Running, Setting};

/// Without a parent, fastrace creates no local span.
pub(super) fn off(_: Setting) -> Running {
    Running::new(workload_off)
}

#[inline(never)]
fn workload_off(repeats: u64) {
    for _ in 0..repeats {
        drop(LocalSpan::enter_with_local_parent("GET /users"));
    }
}

pub(super) fn w2(setting: Setting) -> Running {
    reporting(setting, workload_local_w2)
}

#[inline(never)]
fn workload_local_w2(repeats: u64) {
    for _ in 0..repeats {
        let root = Span::root("GET /users", SpanContext::random());
        let current = root.set_local_parent();
        let child = LocalSpan::enter_with_local_parent("load").with_properties(properties);
        LocalSpan::add_event(Event::new("cache miss").with_property(cache_key));
        drop(child);
        drop(current);
        drop(root);
    }
}

pub(super) fn w3(setting: Setting) -> Running {
    reporting(setting, workload_local_w3)
}

#[inline(never)]
fn workload_local_w3(repeats: u64) {
    for _ in 0..repeats {
        let root = Span::root("GET /users", SpanContext::random());
        let current = root.set_local_parent();
        for _ in 0..99 {
            drop(LocalSpan::enter_with_local_parent("SELECT users").with_properties(two_properties));
        }
        drop(current);
        drop(root);
    }
}
