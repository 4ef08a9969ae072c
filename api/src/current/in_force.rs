//! What is in force here: a scoped tracer, silence.

use super::{
    entry::Kind,
    stack::{self, Stack},
};
use crate::{Tracer, TracerHandle, tracer::installed};

/// Whether anything suppresses tracing here.
#[inline]
pub(super) fn is_suppressed() -> bool {
    stack::here(Stack::is_suppressed)
}

/// The tracer of the nearest scope, if there is one. Never late bound.
pub(crate) fn scoped_tracer() -> Option<TracerHandle> {
    stack::here(|stack| {
        if !stack.has_tracers() {
            return None;
        }
        stack.find(|entry| match &entry.kind {
            Kind::Tracer(tracer) => Some(tracer.clone()),
            _ => None,
        })
    })
}

/// Does `work` with the scoped tracer, else the installed one.
pub(crate) fn with_tracer_in_force<R>(work: impl FnOnce(Option<&dyn Tracer>) -> R) -> R {
    match scoped_tracer() {
        Some(scoped) => work(scoped.resolved()),
        None => work(installed().map(|tracer| &**tracer)),
    }
}

/// The scoped tracer, else the installed one, to be kept.
pub(crate) fn tracer_in_force() -> Option<TracerHandle> {
    scoped_tracer().or_else(|| installed().cloned().map(TracerHandle::from))
}
