//! Lists of boxes, moved from place to place.

use std::{cell::Cell, mem};

use super::{entry::Entry, vacant::fill};

/// A list, or the rest of one.
pub(super) type Link = Option<Box<Entry>>;

/// Puts `list` where none is.
#[inline]
pub(super) fn attach(end: &mut Link, list: Link) {
    debug_assert!(end.is_none(), "it would be lost");
    fill(end, list);
}

/// Puts `list` into a cell that its list was taken out of. See [`fill`].
#[inline]
pub(super) fn put_back(cell: &Cell<Link>, list: Link) {
    let none = cell.replace(list);
    debug_assert!(none.is_none(), "it would be lost");
    mem::forget(none);
}
