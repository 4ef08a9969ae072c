//! What a run puts on the thread's stack, and takes off again.

use super::{
    entry::{Entry, Id, What},
    guarded,
    stack::{STACK, Stack},
};

/// Layers that lie on no stack, or on that of the thread that runs with them.
pub(super) struct Layers {
    /// The only one, as a rule; from there one leads to the next above.
    lowest: Option<Box<Entry>>,
    panicked: bool,
}

impl Layers {
    /// From the bottom.
    pub(super) fn new(layers: impl IntoIterator<Item = What>) -> Self {
        let mut lowest = None;
        let mut link = &mut lowest;
        for layer in layers {
            link = &mut link.insert(guarded::entry(layer)).next;
        }
        Layers { lowest, panicked: false }
    }

    /// Whether a run panicked.
    pub(super) fn panicked(&self) -> bool {
        self.panicked
    }

    /// Does `work` with them on top of the stack; whatever it leaves above them is part of them from then on.
    #[inline]
    pub(super) fn run<R>(&mut self, work: impl FnOnce() -> R) -> R {
        let Some(lowest) = &self.lowest else { return work() };
        let lowest = lowest.id;
        self.put_on();
        let mut on = On { layers: self, lowest, unwinding: true };
        let result = work();
        on.unwinding = false;
        result
    }

    #[inline]
    fn put_on(&mut self) {
        let _ = STACK.try_with(|stack| {
            while let Some(entry) = self.take_lowest() {
                if entry.is_plain() {
                    stack.put_span(entry);
                } else {
                    enter(stack, entry);
                }
            }
        });
    }

    /// Takes off what a run put on and left on.
    #[inline]
    fn take_off(&mut self, lowest: Id) {
        let _ = STACK.try_with(|stack| match stack.take_plain_top(lowest) {
            Some(only) => self.put_lowest(only),
            None => self.take_several(stack, lowest),
        });
    }

    #[cold]
    fn take_several(&mut self, stack: &Stack, lowest: Id) {
        stack.take_off(lowest, |entry| self.put_lowest(entry));
    }

    #[inline]
    fn take_lowest(&mut self) -> Option<Box<Entry>> {
        let mut lowest = self.lowest.take()?;
        self.lowest = lowest.next.take();
        Some(lowest)
    }

    #[inline]
    fn put_lowest(&mut self, mut entry: Box<Entry>) {
        entry.next = self.lowest.take();
        self.lowest = Some(entry);
    }

    pub(super) fn clear(&mut self) {
        while let Some(entry) = self.take_lowest() {
            let _ = STACK.try_with(|stack| stack.recycle(entry));
        }
    }
}

#[cold]
fn enter(stack: &Stack, mut entry: Box<Entry>) {
    entry.enter();
    stack.put(entry);
}

/// Layers on the stack: taken off also after a panic.
struct On<'a> {
    layers: &'a mut Layers,
    /// The one that no guard can take off.
    lowest: Id,
    /// Until `work` returned.
    unwinding: bool,
}

impl Drop for On<'_> {
    #[inline]
    fn drop(&mut self) {
        self.layers.panicked |= self.unwinding;
        self.layers.take_off(self.lowest);
    }
}
