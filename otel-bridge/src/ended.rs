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

use crate::{boxed::Boxed, pending::Pending, recorded::Recorded, shared::foreign};

/// All that OpenTelemetry has to be told at the end of a span.
pub(crate) struct Ended {
    pub(crate) home: Home,
    pub(crate) pending: Pending,
    pub(crate) at: SystemTime,
}

/// What has the span.
pub(crate) enum Home {
    /// No context; what it started in goes with it.
    Alone {
        span: Boxed,
        #[expect(dead_code, reason = "its destructors are anybody's: it goes where panics are caught")]
        base: OtelContext,
    },
    Shown(OtelContext),
}

impl Ended {
    #[inline]
    fn tell(self) {
        foreign(move || {
            let Ended { mut home, pending, at } = self;
            let mut span = match &mut home {
                Home::Alone { span, .. } => Recorded::Alone(span),
                Home::Shown(native) => Recorded::Shown(native.span()),
            };
            pending.tell(&mut span);
            span.end(at);
        });
    }
}

/// Ends that could not be told where they came about.
#[derive(Default)]
pub(crate) struct Aside {
    is_there: AtomicBool,
    ended: Mutex<Vec<Ended>>,
}

impl Aside {
    /// Tells it now, or puts it aside.
    #[inline]
    pub(crate) fn tell(&self, ended: Ended) {
        if thread_is_ending() {
            return self.put(ended);
        }
        self.tell_all();
        ended.tell();
    }

    #[cold]
    fn put(&self, ended: Ended) {
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
        ended.into_iter().for_each(Ended::tell);
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
