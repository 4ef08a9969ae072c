//! The state that a tracer shares with its spans.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use anytrace_api::propagation::Composite;

use super::{deferred_ends::DeferredEnds, provider::Provider};
use crate::control::Controller;

pub(crate) struct TracerState {
    pub(crate) provider: Box<dyn Provider>,
    pub(crate) propagator: Composite,
    pub(crate) controller: Controller,
    pub(crate) is_shut_down: AtomicBool,
    pub(crate) started: AtomicU64,
    pub(crate) finished: AtomicU64,
    pub(crate) late: AtomicU64,
    pub(crate) deferred_ends: DeferredEnds,
}

impl TracerState {
    #[inline]
    pub(crate) fn is_shut_down(&self) -> bool {
        self.is_shut_down.load(Ordering::Relaxed)
    }
}

#[inline]
pub(super) fn increment(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
