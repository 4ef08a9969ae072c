//! The memory for copied text and lists of one span.

use anytrace_api::{Name, Value};

use super::{cuts::Cuts, limits::Limits, lists::List};

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
    lists: Vec<List>,
    /// The bytes of the text, the lists, the events and the links.
    held_bytes: usize,
    /// The bytes of text that was replaced.
    unused_bytes: usize,
    /// The number of texts and lists that were cut.
    cuts: Cuts,
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
    fn cut<'a>(&mut self, text: &'a str, limits: &Limits) -> &'a str {
        self.cuts.cut_text(text, limits.text_bytes as usize)
    }

    /// Returns the number of texts and lists that were cut.
    pub(super) fn cuts(&self) -> u32 {
        self.cuts.get()
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

    /// Stores a list and returns its index, or `None` if the value is not a list.
    #[cold]
    pub(super) fn add_list(&mut self, value: &Value<'_>, limits: &Limits) -> Option<u32> {
        let index = u32::try_from(self.lists.len()).ok()?;
        let list = List::new(*value, &mut self.cuts, limits)?;
        self.count_held(list.weight(), 0);
        self.lists.push(list);
        Some(index)
    }

    /// Replaces a list by another one. If the value is not a list, empties the list and returns false.
    #[cold]
    pub(super) fn replace_list(&mut self, index: u32, value: &Value<'_>, limits: &Limits) -> bool {
        let new = List::new(*value, &mut self.cuts, limits);
        let is_list = new.is_some();
        if let Some(list) = self.lists.get_mut(index as usize) {
            let old = std::mem::replace(list, new.unwrap_or(List::Bytes(Vec::new())));
            let weights = (list.weight(), old.weight());
            self.count_held(weights.0, weights.1);
        }
        is_list
    }

    pub(super) fn read_list(&self, index: u32) -> Value<'_> {
        self.lists.get(index as usize).map_or(Value::Absent, List::read)
    }

    pub(super) fn reset(&mut self) {
        self.text.clear();
        self.text.shrink_to(KEPT_BYTES);
        self.lists = Vec::new();
        self.held_bytes = 0;
        self.unused_bytes = 0;
        self.cuts = Cuts::default();
    }
}
