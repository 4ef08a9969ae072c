//! Writing where nothing is.

use std::mem;

/// Writes `value` where nothing is that must be dropped. An assignment would bring code along that drops what was there:
/// never run, and too long to be inlined.
#[inline]
pub(super) fn fill<T>(vacant: &mut T, value: T) {
    mem::forget(mem::replace(vacant, value));
}
