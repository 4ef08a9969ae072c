//! Moving boxes from list to list, with no code for dropping what never lies where they go: it is long, and stands in
//! the way of inlining.

use std::{cell::Cell, mem};

use super::entry::Entry;

/// A list, or the rest of one.
pub(super) type Link = Option<Box<Entry>>;

/// Puts `list` where none is.
#[inline]
pub(super) fn attach(end: &mut Link, list: Link) {
    let none = mem::replace(end, list);
    debug_assert!(none.is_none(), "nothing is attached here");
    mem::forget(none);
}

/// Puts `list` back into the cell that it, or another one, was taken from.
#[inline]
pub(super) fn put_back(cell: &Cell<Link>, list: Link) {
    let none = cell.replace(list);
    debug_assert!(none.is_none(), "it was taken out");
    mem::forget(none);
}
