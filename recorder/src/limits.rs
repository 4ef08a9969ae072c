//! How much one span may hold.

/// How much one span may hold. What is over a limit is left out or cut, and counted in the span.
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
    /// Tags of a span; the newest are left out. 128.
    pub tags: u32,
    /// Events of a span. 128.
    pub events: u32,
    /// Links of a span. 128.
    pub links: u32,
    /// Tags of one event. 128.
    pub event_tags: u32,
    /// Tags of one link. 128.
    pub link_tags: u32,
    /// Bytes of one text or bytes value, name or key, and of all texts of one list; the rest is cut off, between two
    /// characters. 32 KiB.
    pub text_bytes: u32,
    /// Elements of one list. 1024.
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
