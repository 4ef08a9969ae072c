//! The memory for copied text and lists of one span.

use anytrace_api::Name;

use super::{limits::Limits, lists::List};

/// The number of bytes that an arena keeps allocated for the next span.
const KEPT_BYTES: usize = 4 * 1024;

/// A text: a literal, or a range of the arena.
#[derive(Clone, Copy, Debug)]
pub(super) enum Text {
    Static(&'static str),
    Copied { start: u32, len: u32 },
}

impl Text {
    pub(super) const EMPTY: Self = Text::Static("");

    /// Returns true if this is the same literal, at the same address.
    #[inline]
    pub(super) fn is_literal(self, text: &'static str) -> bool {
        matches!(self, Text::Static(known) if std::ptr::eq(known, text))
    }
}

/// The memory for copied text and lists of one span. The allocation is reused for the next span.
#[derive(Clone, Debug, Default)]
pub(super) struct Arena {
    text: String,
    /// Tag values that are lists.
    pub(super) lists: Vec<List>,
    /// The bytes of the text, the lists, the events and the links.
    held_bytes: usize,
    /// The bytes of text that was replaced.
    unused_bytes: usize,
    /// The number of texts and lists that were cut.
    cuts: u32,
}

impl Arena {
    #[inline]
    pub(super) fn store(&mut self, text: Name<'_>, limits: &Limits) -> Text {
        match text {
            Name::Static(text) => Text::Static(self.cut(text, limits)),
            Name::Copied(text) => {
                let text = self.cut(text, limits);
                self.copy(text)
            }
        }
    }

    /// Cuts a text at the limit, and counts the cut.
    #[inline]
    pub(super) fn cut<'a>(&mut self, text: &'a str, limits: &Limits) -> &'a str {
        self.cut_to(text, limits.text_bytes as usize)
    }

    #[inline]
    pub(super) fn cut_to<'a>(&mut self, text: &'a str, max_bytes: usize) -> &'a str {
        if text.len() <= max_bytes { text } else { self.cut_and_count(text, max_bytes) }
    }

    #[cold]
    fn cut_and_count<'a>(&mut self, text: &'a str, max_bytes: usize) -> &'a str {
        self.count_cut();
        prefix(text, max_bytes)
    }

    pub(super) fn cut_list<'a, T>(&mut self, list: &'a [T], max_items: u32) -> &'a [T] {
        let max_items = max_items as usize;
        if list.len() > max_items {
            self.count_cut();
        }
        &list[..list.len().min(max_items)]
    }

    pub(super) fn count_cut(&mut self) {
        self.cuts = self.cuts.saturating_add(1);
    }

    /// Returns the number of texts and lists that were cut.
    pub(super) fn cuts(&self) -> u32 {
        self.cuts
    }

    /// Replaces this arena by one without text, and returns the old text, of which some is still used.
    pub(super) fn take_text(&mut self) -> Arena {
        let new = Arena {
            lists: std::mem::take(&mut self.lists),
            cuts: self.cuts,
            held_bytes: self.held_bytes - self.text.len(),
            ..Arena::default()
        };
        std::mem::replace(self, new)
    }

    #[inline(never)]
    pub(super) fn copy(&mut self, text: &str) -> Text {
        // The limits keep a span's text far below 4 GiB. Beyond that, text is dropped.
        let (Ok(start), Ok(len)) = (u32::try_from(self.text.len()), u32::try_from(text.len())) else {
            return Text::EMPTY;
        };
        self.text.push_str(text);
        self.held_bytes += text.len();
        Text::Copied { start, len }
    }

    pub(super) fn copy_from(&mut self, old: &Arena, text: Text) -> Text {
        match text {
            Text::Static(_) => text,
            Text::Copied { .. } => self.copy(old.read(text)),
        }
    }

    /// Counts the bytes of a text that was replaced.
    #[inline]
    pub(super) fn release(&mut self, text: Text) {
        if let Text::Copied { len, .. } = text {
            self.unused_bytes += len as usize;
        }
    }

    /// Returns true if most of the text is unused.
    #[inline]
    pub(super) fn needs_compaction(&self) -> bool {
        self.unused_bytes > KEPT_BYTES && self.unused_bytes > self.text.len() / 2
    }

    #[inline]
    pub(super) fn read(&self, text: Text) -> &str {
        match text {
            Text::Static(text) => text,
            Text::Copied { start, len } => {
                self.text.get(start as usize..start as usize + len as usize).unwrap_or("")
            }
        }
    }

    /// Counts bytes that are held outside of the text: adds `new` and subtracts `old`.
    pub(super) fn count_held(&mut self, new: usize, old: usize) {
        self.held_bytes = self.held_bytes + new - old;
    }

    /// Returns the bytes of the text, the lists, the events and the links.
    #[inline]
    pub(super) fn held_bytes(&self) -> usize {
        self.held_bytes
    }

    pub(super) fn reset(&mut self) {
        self.text.clear();
        self.text.shrink_to(KEPT_BYTES);
        self.lists = Vec::new();
        self.held_bytes = 0;
        self.unused_bytes = 0;
        self.cuts = 0;
    }
}

/// Returns the longest prefix of `text` that has at most `max_bytes` bytes and ends between two characters.
#[inline]
pub(super) fn prefix(text: &str, max_bytes: usize) -> &str {
    if text.len() <= max_bytes { text } else { cut_off(text, max_bytes) }
}

#[cold]
fn cut_off(text: &str, max_bytes: usize) -> &str {
    let mut end = max_bytes;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
