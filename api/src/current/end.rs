//! The end of a thread.

use super::stack;

thread_local! {
    /// Empties the stack of a thread that ends. It is there before any box is.
    static END: End = const { End };
}

struct End;

impl Drop for End {
    fn drop(&mut self) {
        stack::here(|stack| {
            stack.empty();
            stack.boxes.empty();
        });
    }
}

/// Whether the thread is ending: what is put on its stack now, nobody would take off.
#[inline]
pub(super) fn is_ending() -> bool {
    END.try_with(|_| ()).is_err()
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, mem, sync::Arc, thread};

    use crate::{Context, PolledSpan, Sampling, SpanId, SpanRef, TraceId, current_ids};

    fn span(id: u64) -> SpanRef {
        let trace = TraceId::from_u128(1).expect("not zero");
        Context::new(trace, SpanId::from_u64(id).expect("not zero"), Sampling::Record).into()
    }

    #[test]
    fn a_thread_leaves_nothing_behind() {
        /// Forgets a span at the end of its thread.
        struct AtEnd(RefCell<Option<SpanRef>>);
        impl Drop for AtEnd {
            fn drop(&mut self) {
                mem::forget(self.0.take().map(|span| (span.enter(), span).0));
            }
        }
        thread_local!(static AT_END: AtEnd = const { AtEnd(RefCell::new(None)) });

        for at_end_first in [true, false] {
            let value = Arc::new(());
            let spans = [2, 3, 4].map(|id| span(id).with_extension(value.clone()));
            let thread = thread::spawn(move || {
                let [forgotten, at_end, carried] = spans;
                let forget = || mem::forget(forgotten.enter());
                let hand_over = || AT_END.with(|end| *end.0.borrow_mut() = Some(at_end));
                if at_end_first {
                    (hand_over(), forget())
                } else {
                    (forget(), hand_over())
                };
                PolledSpan::from(carried).run(|| assert!(current_ids().is_some()));
            });
            thread.join().expect("it ends");
            assert_eq!(Arc::strong_count(&value), 1, "{at_end_first}");
        }
    }
}
