//! The OpenTelemetry contexts that are attached to this thread, by token.
//!
//! OpenTelemetry's guards cannot leave their thread, and the API's tokens are plain numbers.
//!
//! At the end of a thread, OpenTelemetry's thread-local must be destroyed after this table, so it is used first.
//! Contexts that are still attached then are not detached.

use std::{cell::RefCell, mem, num::NonZeroU64};

use anytrace_api::backend::AttachToken;
use opentelemetry::{Context as OtelContext, ContextGuard};

use super::current_context::ContextMark;
use crate::panics::catch_panic;

thread_local! {
    static TABLE: RefCell<AttachTable> = const { RefCell::new(AttachTable { slots: Vec::new(), free: Vec::new() }) };
}

struct AttachTable {
    slots: Vec<Slot>,
    free: Vec<u32>,
}

struct Slot {
    /// Differs for each use of the slot, so that old tokens are not valid for new contexts. Never 0 in a token.
    generation: u32,
    attachment: Option<Attachment>,
}

struct Attachment {
    guard: ContextGuard,
    mark: ContextMark,
}

impl AttachTable {
    fn insert(&mut self, attachment: Attachment) -> Option<AttachToken> {
        let index = if let Some(index) = self.free.pop() {
            index
        } else {
            let index = u32::try_from(self.slots.len()).ok()?;
            self.slots.push(Slot { generation: 0, attachment: None });
            index
        };
        let slot = self.slots.get_mut(index as usize)?;
        slot.generation = slot.generation.wrapping_add(1).max(1);
        slot.attachment = Some(attachment);
        token(index, slot.generation)
    }

    fn slot(&mut self, token: AttachToken) -> Option<&mut Slot> {
        let (index, generation) = parts(token);
        let slot = self.slots.get_mut(index as usize)?;
        (slot.generation == generation).then_some(slot)
    }

    fn remove(&mut self, token: AttachToken) -> Option<Attachment> {
        let attachment = self.slot(token)?.attachment.take()?;
        self.free.push(parts(token).0);
        Some(attachment)
    }
}

/// Packs a generation, which is not 0, into the upper half of a token, and a slot's index into the lower half.
fn token(index: u32, generation: u32) -> Option<AttachToken> {
    NonZeroU64::new(u64::from(generation) << 32 | u64::from(index)).map(AttachToken::new)
}

fn parts(token: AttachToken) -> (u32, u32) {
    let number = token.number().get();
    (number as u32, (number >> 32) as u32)
}

/// Forgets the guards, since their thread ends together with the context that they would restore.
impl Drop for AttachTable {
    fn drop(&mut self) {
        for slot in self.slots.drain(..) {
            mem::forget(slot.attachment);
        }
    }
}

/// Attaches `native` to this thread. Returns `None` where OpenTelemetry does not allow that, such as while a sampler
/// runs.
pub(super) fn attach(native: OtelContext) -> Option<AttachToken> {
    let mark = ContextMark::of(&native);
    let guard = catch_panic(|| native.attach())?;
    let mut attachment = Some(Attachment { guard, mark });
    let token = TABLE.try_with(|table| {
        let attachment = attachment.take();
        attachment.and_then(|attachment| table.borrow_mut().insert(attachment))
    });
    if let Some(attachment) = attachment {
        let _ = catch_panic(|| drop(attachment.guard));
    }
    token.ok().flatten()
}

/// Detaches the context that [`attach`] returned `token` for.
pub(super) fn detach(token: AttachToken) {
    let attachment = TABLE.try_with(|table| table.borrow_mut().remove(token));
    // The guard is dropped outside the borrow, because destructors of context values are arbitrary code.
    if let Ok(Some(attachment)) = attachment {
        let _ = catch_panic(|| drop(attachment.guard));
    }
}

/// Returns the mark of the context that [`attach`] returned `token` for.
pub(super) fn mark(token: AttachToken) -> Option<ContextMark> {
    let mark = |table: &RefCell<AttachTable>| Some(table.borrow_mut().slot(token)?.attachment.as_ref()?.mark);
    TABLE.try_with(mark).ok().flatten()
}
