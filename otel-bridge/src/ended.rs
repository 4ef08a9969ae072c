//! The end of a span, where OpenTelemetry may hear of it.
//!
//! While a thread ends, and its thread-locals go one by one, the SDK is not to be called: its simple processor waits for
//! an export by a thread-local that may be gone, panics, and exports nothing from then on. So a span that ends there, as
//! one does that was kept in a thread-local, is put aside for whoever comes next on a thread that lives.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::SystemTime,
};

use opentelemetry::{Context as OtelContext, trace::TraceContextExt};

use crate::{pending::Pending, recorded::Recorded, shared::foreign};

/// Tells OpenTelemetry all that there is to be told at the end of a span.
pub(crate) fn tell(native: &OtelContext, pending: &mut Pending, at: SystemTime) {
    foreign(|| {
        pending.tell(&mut Recorded::Shown(native.span()));
        native.span().end_with_timestamp(at);
    });
}

/// An end that could not be told where it came about.
pub(crate) struct Ended {
    pub(crate) native: OtelContext,
    pub(crate) pending: Pending,
    pub(crate) at: SystemTime,
}

/// Those ends.
#[derive(Default)]
pub(crate) struct Aside {
    is_there: AtomicBool,
    ended: Mutex<Vec<Ended>>,
}

impl Aside {
    /// Whether ends can be told here, and all that were put aside have been; else the next is put aside too.
    #[inline]
    pub(crate) fn is_open(&self) -> bool {
        let is_open = !thread_is_ending();
        if is_open {
            self.tell_all();
        }
        is_open
    }

    /// For whoever comes next.
    #[cold]
    pub(crate) fn put(&self, ended: Ended) {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner).push(ended);
        self.is_there.store(true, Ordering::Release);
    }

    /// Tells what was put aside, on a thread that lives.
    #[inline]
    pub(crate) fn tell_all(&self) {
        if self.is_there.load(Ordering::Relaxed) {
            self.tell_those_that_are_there();
        }
    }

    #[cold]
    fn tell_those_that_are_there(&self) {
        if thread_is_ending() || !self.is_there.swap(false, Ordering::Acquire) {
            return;
        }
        let ended = std::mem::take(&mut *self.ended.lock().unwrap_or_else(PoisonError::into_inner));
        for Ended { native, mut pending, at } in ended {
            tell(&native, &mut pending, at);
            foreign(|| drop(native));
        }
    }
}

/// It goes when its thread ends.
struct Life;

impl Drop for Life {
    fn drop(&mut self) {}
}

/// Thread-locals go in the reverse order of their first use. This one is used here alone, just before the SDK uses its
/// own, so what outlives the SDK's finds this one gone.
#[inline]
fn thread_is_ending() -> bool {
    thread_local!(static LIFE: Life = const { Life });
    LIFE.try_with(|_| ()).is_err()
}
