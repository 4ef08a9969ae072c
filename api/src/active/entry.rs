//! One layer of what is current.

use std::sync::Arc;

use super::stack;
use crate::{Context, Entered, Span, SpanRef, Tracer, TracerHandle};

/// One layer of a thread's stack, in a box: it goes on and off, and with a future from thread to thread, without being
/// moved. Where it lies, its back end's own context is attached.
pub(super) struct Entry {
    /// Unique in the process, so that a guard never takes off what another thread put on.
    pub(super) id: u64,
    pub(super) what: What,
}

pub(super) enum What {
    /// A box that waits to be used again.
    Nothing,
    Span(Layer),
    /// In force above, and hides the spans below. Never late bound.
    Tracer(TracerHandle),
    Suppressed(Box<Silence>),
}

/// Suppression on the stack, and the tracer that suppresses its own context along with it.
#[derive(Default)]
pub(super) struct Silence {
    tracer: Option<TracerHandle>,
    entered: Entered,
}

impl Silence {
    fn enter(&mut self) {
        let tracer = stack::tracer_in_force();
        if let Some(tracer) = tracer {
            self.entered = tracer.enter_suppressed();
            if !self.entered.is_nothing() {
                self.tracer = Some(tracer);
            }
        }
    }

    fn leave(&mut self) {
        let entered = std::mem::take(&mut self.entered);
        if let Some(tracer) = self.tracer.take() {
            tracer.leave_suppressed(entered);
        }
    }
}

/// A span on the stack. The pointer is away while it is lent to a call of the back end.
pub(super) struct Layer {
    pub(super) context: Context,
    pub(super) live: Option<Arc<dyn Span>>,
    pub(super) entered: Entered,
    /// Known to keep no context of its own: not to be told again.
    plain: bool,
}

impl Layer {
    pub(super) fn new(span: SpanRef) -> Self {
        let (context, live) = span.into_parts();
        let plain = live.is_none();
        Layer { context, live, entered: Entered::NOTHING, plain }
    }

    /// One whose span's back end has been told.
    #[inline]
    pub(super) fn entered(span: &SpanRef, entered: Option<Entered>) -> Self {
        let (context, live) = span.clone().into_parts();
        Layer { context, live, entered: entered.unwrap_or(Entered::NOTHING), plain: entered.is_none() }
    }

    /// To be called before the layer goes onto a stack.
    #[inline]
    pub(super) fn enter(&mut self) {
        if self.plain {
            return;
        }
        if let Some(live) = &self.live {
            let entered = live.enter(&self.context);
            self.entered = entered.unwrap_or(Entered::NOTHING);
            self.plain = entered.is_none();
        }
    }

    /// To be called after it came off.
    #[inline]
    pub(super) fn leave(&mut self) {
        if self.entered.is_nothing() {
            return;
        }
        let entered = std::mem::take(&mut self.entered);
        if let Some(live) = &self.live {
            live.leave(entered);
        }
    }
}

impl What {
    pub(super) fn suppressed() -> Self {
        What::Suppressed(Box::default())
    }
}

impl From<SpanRef> for What {
    fn from(span: SpanRef) -> Self {
        What::Span(Layer::new(span))
    }
}

impl Entry {
    #[inline]
    pub(super) fn enter(&mut self) {
        match &mut self.what {
            What::Span(layer) => layer.enter(),
            What::Suppressed(silence) => silence.enter(),
            What::Tracer(_) | What::Nothing => {}
        }
    }

    #[inline]
    pub(super) fn leave(&mut self) {
        match &mut self.what {
            What::Span(layer) => layer.leave(),
            What::Suppressed(silence) => silence.leave(),
            What::Tracer(_) | What::Nothing => {}
        }
    }
}
