//! The configuration that starts and ends of spans depend on.

use std::mem::ManuallyDrop;

use super::{ids::Ids, span_sharing::SpanSharing};
use crate::Clock;

/// The configuration that starts and ends of spans depend on. With the defaults, the compiler specialises these paths.
#[derive(Default)]
pub(crate) struct SpanFactoryConfig {
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) span_sharing: SpanSharing,
    /// Keep a list of the open spans.
    pub(crate) tracks_open_spans: bool,
}

impl SpanFactoryConfig {
    /// The defaults, as a constant that is inlined where it is used: a `static` would be read from memory.
    /// `ManuallyDrop`, so that no use has to drop it.
    pub(crate) const DEFAULT: ManuallyDrop<Self> = ManuallyDrop::new(SpanFactoryConfig {
        clock: Clock::system(),
        ids: Ids::random(),
        span_sharing: SpanSharing::ChildSpan,
        tracks_open_spans: false,
    });

    pub(crate) fn is_default_config(&self) -> bool {
        self.clock.is_system()
            && self.ids.are_random()
            && self.span_sharing == SpanSharing::ChildSpan
            && !self.tracks_open_spans
    }
}
