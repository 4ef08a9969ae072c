//! The OpenTelemetry contexts that are attached to this thread, by token.
//!
//! OpenTelemetry's guards cannot leave their thread, and the API's tokens are plain numbers.
//!
//! At the end of a thread, OpenTelemetry's thread-local must be destroyed after this table, so it is used first. Contexts
//! that are still attached then are not detached.

use std::{cell::RefCell, mem};

use anytrace_api::Entered;
use opentelemetry::{Context as OtelContext, ContextGuard};

use super::current_context::ContextMark;
use crate::panics::catch_panic;

thread_local! {
    static TABLE: RefCell<AttachTable> = const { RefCell::new(AttachTable { slots: Vec::new(), free: Vec::new() }) };
}

struct AttachTable {
    slots: Vec<Slot>,
    free: Vec<usize>,
}

struct Slot {
    /// Increases with each use of the slot, so that old tokens are not valid for new contexts.
    generation: u64,
    attachment: Option<Attachment>,
}

struct Attachment {
    guard: ContextGuard,
    mark: ContextMark,
}

impl AttachTable {
    fn insert(&mut self, attachment: Attachment) -> Entered {
        let index = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot { generation: 0, attachment: None });
            self.slots.len() - 1
        });
        let slot = &mut self.slots[index];
        slot.generation += 1;
        slot.attachment = Some(attachment);
        Entered::new([index as u64, slot.generation])
    }

    fn slot(&mut self, token: Entered) -> Option<&mut Slot> {
        let [index, generation] = token.token();
        let slot = self.slots.get_mut(usize::try_from(index).ok()?)?;
        (slot.generation == generation).then_some(slot)
    }

    fn remove(&mut self, token: Entered) -> Option<Attachment> {
        let attachment = self.slot(token)?.attachment.take()?;
        self.free.push(usize::try_from(token.token()[0]).ok()?);
        Some(attachment)
    }
}

/// Forgets the guards, since their thread ends together with the context that they would restore.
impl Drop for AttachTable {
    fn drop(&mut self) {
        for slot in self.slots.drain(..) {
            mem::forget(slot.attachment);
        }
    }
}

/// Attaches `native` to this thread. Returns [`Entered::NOTHING`] where OpenTelemetry does not allow that, as while a
/// sampler runs.
pub(super) fn attach(native: OtelContext) -> Entered {
    let mark = ContextMark::of(&native);
    let Some(guard) = catch_panic(|| native.attach()) else { return Entered::NOTHING };
    let mut attachment = Some(Attachment { guard, mark });
    let token = TABLE.try_with(|table| {
        let attachment = attachment.take();
        attachment.map(|attachment| table.borrow_mut().insert(attachment))
    });
    if let Some(attachment) = attachment {
        let _ = catch_panic(|| drop(attachment.guard));
    }
    token.ok().flatten().unwrap_or(Entered::NOTHING)
}

/// Detaches the context that [`attach`] returned `token` for.
pub(super) fn detach(token: Entered) {
    let attachment = TABLE.try_with(|table| table.borrow_mut().remove(token));
    // The guard is dropped outside the borrow, because destructors of context values are arbitrary code.
    if let Ok(Some(attachment)) = attachment {
        let _ = catch_panic(|| drop(attachment.guard));
    }
}

/// Returns the mark of the context that [`attach`] returned `token` for.
pub(super) fn mark(token: Entered) -> Option<ContextMark> {
    let mark = |table: &RefCell<AttachTable>| Some(table.borrow_mut().slot(token)?.attachment.as_ref()?.mark);
    TABLE.try_with(mark).ok().flatten()
}
