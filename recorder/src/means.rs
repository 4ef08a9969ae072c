//! What a tracer makes spans with.

use std::mem::ManuallyDrop;

use crate::{Clock, Ids, SpanSharing};

/// What a tracer makes spans with, as the application chose.
pub(crate) struct Means {
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) span_sharing: SpanSharing,
    /// Somebody wants to know which spans are open.
    pub(crate) watched: bool,
}

impl Means {
    /// What most applications choose, by saying nothing. It is compiled into what is given it: not a static, which would
    /// be read, and with nothing to be dropped, which would have to be made each time.
    pub(crate) const USUAL: ManuallyDrop<Self> = ManuallyDrop::new(Means {
        clock: Clock::system(),
        ids: Ids::random(),
        span_sharing: SpanSharing::ChildSpan,
        watched: false,
    });

    pub(crate) fn are_usual(&self) -> bool {
        self.clock.is_system()
            && self.ids.are_random()
            && self.span_sharing == SpanSharing::ChildSpan
            && !self.watched
    }
}
