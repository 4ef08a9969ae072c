//! How often each fault was met.

use std::sync::{
    OnceLock,
    atomic::{AtomicUsize, Ordering},
};

use super::{ExtractError, ExtractErrorKind};

/// One field and kind; once it is there it stays. There are as many as formats can name.
struct ErrorCount {
    field: &'static str,
    kind: ExtractErrorKind,
    count: AtomicUsize,
    next: OnceLock<Box<ErrorCount>>,
}

static FIRST: OnceLock<Box<ErrorCount>> = OnceLock::new();

/// Takes no lock and waits for nobody, except where a fault is the first of its field and kind.
#[cold]
pub(super) fn add(faults: &[ExtractError]) {
    for fault in faults {
        let mut place = &FIRST;
        loop {
            let entry = place.get_or_init(|| {
                Box::new(ErrorCount {
                    field: fault.field,
                    kind: fault.kind,
                    count: AtomicUsize::new(0),
                    next: OnceLock::new(),
                })
            });
            if (entry.field, entry.kind) == (fault.field, fault.kind) {
                entry.count.fetch_add(fault.count, Ordering::Relaxed);
                break;
            }
            place = &entry.next;
        }
    }
}

/// What was wrong with the carriers that this process has read so far, whichever tracer read them: one entry for each
/// field and kind, in the order in which they were first met, with how often.
///
/// Every [`Extracted`](crate::Extracted) that is read is counted: by [`read`](crate::Extracted::read), which tracers
/// use, by [`from_parts`](crate::Extracted::from_parts) and from [`Binary`](crate::Binary). What has no fault is not,
/// and costs nothing. The counts only rise.
///
/// ```
/// use anytrace_api::{Extracted, ExtractErrorKind, Jaeger, extract_errors};
///
/// Extracted::read(&Jaeger, &[("uber-trace-id", "1:2:0:")]);
/// let counted = extract_errors();
/// let fault = counted.iter().find(|fault| fault.field() == "uber-trace-id").unwrap();
/// assert_eq!(fault.kind(), ExtractErrorKind::Malformed);
/// assert!(fault.count() >= 1);
/// ```
pub fn extract_errors() -> Vec<ExtractError> {
    let mut faults = Vec::new();
    let mut place = &FIRST;
    while let Some(entry) = place.get() {
        let count = entry.count.load(Ordering::Relaxed);
        faults.push(ExtractError { field: entry.field, kind: entry.kind, count });
        place = &entry.next;
    }
    faults
}
