//! Process-wide counters of extraction errors.

use std::sync::{
    OnceLock,
    atomic::{AtomicUsize, Ordering},
};

use super::{ExtractError, ExtractErrorKind};

/// The counter of one field and error kind, as a node of an append-only linked list.
///
/// Propagators report static field names, so the list has a bounded length.
struct ErrorCount {
    field: &'static str,
    kind: ExtractErrorKind,
    count: AtomicUsize,
    next: OnceLock<Box<ErrorCount>>,
}

static FIRST: OnceLock<Box<ErrorCount>> = OnceLock::new();

/// Adds `errors` to the counters. Only the first error of a field and kind can block, in [`OnceLock`].
#[cold]
pub(super) fn add(errors: &[ExtractError]) {
    for error in errors {
        let mut slot = &FIRST;
        loop {
            let counter = slot.get_or_init(|| {
                Box::new(ErrorCount {
                    field: error.field,
                    kind: error.kind,
                    count: AtomicUsize::new(0),
                    next: OnceLock::new(),
                })
            });
            if (counter.field, counter.kind) == (error.field, error.kind) {
                counter.count.fetch_add(error.count, Ordering::Relaxed);
                break;
            }
            slot = &counter.next;
        }
    }
}

/// Returns the number of extraction errors in this process since its start, for each field and error kind.
///
/// For metrics and health pages. The list covers all tracers and is in the order of first occurrence. Counts never
/// decrease. Errors are counted by [`Extracted::read`](super::Extracted::read), which tracers call, by
/// [`Extracted::from_parts`](super::Extracted::from_parts) and by the functions of [`Binary`](super::Binary).
/// Extraction without errors does not touch the counters.
///
/// ```
/// use anytrace_api::{
///     counters::extract_errors,
///     propagation::{ExtractErrorKind, Extracted, Jaeger},
/// };
///
/// Extracted::read(&Jaeger, &[("uber-trace-id", "1:2:0:")]);
/// let errors = extract_errors();
/// let error = errors.iter().find(|error| error.field() == "uber-trace-id").unwrap();
/// assert_eq!(error.kind(), ExtractErrorKind::Malformed);
/// assert!(error.count() >= 1);
/// ```
pub fn extract_errors() -> Vec<ExtractError> {
    let mut errors = Vec::new();
    let mut slot = &FIRST;
    while let Some(counter) = slot.get() {
        let count = counter.count.load(Ordering::Relaxed);
        errors.push(ExtractError { field: counter.field, kind: counter.kind, count });
        slot = &counter.next;
    }
    errors
}
