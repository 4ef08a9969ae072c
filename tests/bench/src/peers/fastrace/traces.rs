//! Spans with children.

use fastrace::{Event, Span, collector::SpanContext};

use super::{properties, reporting, two_properties};
use crate::case::{Running, Setting};

pub(super) fn w2(setting: Setting) -> Running {
    reporting(setting, workload_w2)
}

#[inline(never)]
fn workload_w2(repeats: u64) {
    for _ in 0..repeats {
        let root = Span::root("GET /users", SpanContext::random());
        let child = Span::enter_with_parent("load", &root).with_properties(properties);
        child.add_event(Event::new("cache miss").with_property(cache_key));
        drop(child);
        drop(root);
    }
}

pub(super) fn cache_key() -> (&'static str, &'static str) {
    ("cache.key", "users")
}

pub(super) fn w3(setting: Setting) -> Running {
    reporting(setting, workload_w3)
}

#[inline(never)]
fn workload_w3(repeats: u64) {
    for _ in 0..repeats {
        let root = Span::root("GET /users", SpanContext::random());
        for _ in 0..99 {
            drop(Span::enter_with_parent("SELECT users", &root).with_properties(two_properties));
        }
        drop(root);
    }
}
