//! The contexts that this thread has attached for us: OpenTelemetry's guards stay on their thread, our tokens are two
//! words.
//!
//! At the end of a thread OpenTelemetry's thread-local must outlive ours, so it is used first. What is still attached
//! then is left to it.

use std::{cell::RefCell, mem};

use anytrace_api::Entered;
use opentelemetry::{Context as OtelContext, ContextGuard};

use crate::{ours::Mark, shared::foreign};

thread_local! {
    static ATTACHED: RefCell<Slab> = const { RefCell::new(Slab { slots: Vec::new(), free: Vec::new() }) };
}

struct Slab {
    slots: Vec<Slot>,
    free: Vec<usize>,
}

struct Slot {
    generation: u64,
    held: Option<Held>,
}

struct Held {
    guard: ContextGuard,
    mark: Mark,
}

impl Slab {
    fn put(&mut self, held: Held) -> Entered {
        let index = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot { generation: 0, held: None });
            self.slots.len() - 1
        });
        let slot = &mut self.slots[index];
        slot.generation += 1;
        slot.held = Some(held);
        Entered::new([index as u64, slot.generation])
    }

    fn slot(&mut self, entered: Entered) -> Option<&mut Slot> {
        let [index, generation] = entered.token();
        let slot = self.slots.get_mut(usize::try_from(index).ok()?)?;
        (slot.generation == generation).then_some(slot)
    }

    fn take(&mut self, entered: Entered) -> Option<Held> {
        let held = self.slot(entered)?.held.take()?;
        self.free.push(usize::try_from(entered.token()[0]).ok()?);
        Some(held)
    }
}

/// The guards are forgotten: the thread ends, and so does what they would restore.
impl Drop for Slab {
    fn drop(&mut self) {
        for slot in self.slots.drain(..) {
            mem::forget(slot.held);
        }
    }
}

/// Attaches `native` to this thread; nothing where OpenTelemetry refuses, as it does while a sampler runs.
pub(crate) fn attach(native: OtelContext) -> Entered {
    let mark = Mark::of(&native);
    let Some(guard) = foreign(|| native.attach()) else { return Entered::NOTHING };
    let mut held = Some(Held { guard, mark });
    let put = ATTACHED.try_with(|slab| held.take().map(|held| slab.borrow_mut().put(held)));
    if let Some(held) = held {
        let _ = foreign(|| drop(held.guard));
    }
    put.ok().flatten().unwrap_or(Entered::NOTHING)
}

/// Detaches what `entered` stands for.
pub(crate) fn detach(entered: Entered) {
    let held = ATTACHED.try_with(|slab| slab.borrow_mut().take(entered));
    if let Ok(Some(held)) = held {
        let _ = foreign(|| drop(held.guard));
    }
}

/// What was attached.
pub(crate) fn mark(entered: Entered) -> Option<Mark> {
    let mark = |slab: &RefCell<Slab>| Some(slab.borrow_mut().slot(entered)?.held.as_ref()?.mark);
    ATTACHED.try_with(mark).ok().flatten()
}

/// Looks at what is current, and does nothing else; none where the thread is ending.
pub(crate) fn look<R>(look: impl FnOnce(&OtelContext) -> R) -> Option<R> {
    foreign(|| OtelContext::map_current(look))
}
