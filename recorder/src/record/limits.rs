//! The limits of one span.

/// The limits of one span. Surplus data is dropped or cut, and counted in the span.
///
/// ```
/// use anytrace_recorder::Limits;
///
/// let mut limits = Limits::default();
/// limits.tags = 32;
/// assert_eq!((limits.events, limits.text_bytes), (128, 32 * 1024));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Tags of a span. Default: 128. Further keys are dropped and counted; a key that is set already can still be
    /// replaced.
    pub tags: u32,
    /// Events of a span. Default: 128. Further events are dropped and counted.
    pub events: u32,
    /// Links of a span. Default: 128. Further links are dropped and counted.
    pub links: u32,
    /// Tags of one event. Default: 128. Further keys are dropped and counted.
    pub event_tags: u32,
    /// Tags of one link. Default: 128. Further keys are dropped and counted.
    pub link_tags: u32,
    /// Bytes of a name, a key, a text or bytes value, and of all texts of one list together. Default: 32 KiB. Longer
    /// text is cut between two characters, and the cut is counted.
    pub text_bytes: u32,
    /// Elements of one list. Default: 1,024. Longer lists are cut, and the cut is counted.
    pub list_items: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            tags: 128,
            events: 128,
            links: 128,
            event_tags: 128,
            link_tags: 128,
            text_bytes: 32 * 1024,
            list_items: 1024,
        }
    }
}
