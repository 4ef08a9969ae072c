//! What is copied: one piece of memory for all text of a span, kept for the next one, and lists.

use anytrace_api::Name;

use super::list::List;
use crate::limits::Limits;

/// More than this is not kept for the next span.
const KEPT: usize = 4 * 1024;

/// Where a text is: in the program, or in the arena.
#[derive(Clone, Copy, Debug)]
pub(super) enum Text {
    Static(&'static str),
    Copied { start: u32, len: u32 },
}

impl Text {
    pub(super) const EMPTY: Self = Text::Static("");

    /// It is this very one.
    #[inline]
    pub(super) fn is_literal(self, text: &'static str) -> bool {
        matches!(self, Text::Static(known) if std::ptr::eq(known, text))
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Arena {
    text: String,
    /// Values that are lists.
    pub(super) lists: Vec<List>,
    /// The bytes of that, and of all that is kept elsewhere but the slots of tags.
    held: usize,
    wasted: usize,
    /// How many texts and lists were too long.
    cut: u32,
}

impl Arena {
    #[inline]
    pub(super) fn keep(&mut self, text: Name<'_>, limits: &Limits) -> Text {
        match text {
            Name::Static(text) => Text::Static(self.cut(text, limits)),
            Name::Copied(text) => {
                let text = self.cut(text, limits);
                self.copy(text)
            }
        }
    }

    /// Cuts what is too long, and counts it.
    #[inline]
    pub(super) fn cut<'a>(&mut self, text: &'a str, limits: &Limits) -> &'a str {
        self.cut_to(text, limits.text_bytes as usize)
    }

    #[inline]
    pub(super) fn cut_to<'a>(&mut self, text: &'a str, most: usize) -> &'a str {
        if text.len() <= most { text } else { self.cut_off(text, most) }
    }

    #[cold]
    fn cut_off<'a>(&mut self, text: &'a str, most: usize) -> &'a str {
        self.count_cut();
        start(text, most)
    }

    pub(super) fn cut_list<'a, T>(&mut self, list: &'a [T], most: u32) -> &'a [T] {
        let most = most as usize;
        if list.len() > most {
            self.count_cut();
        }
        &list[..list.len().min(most)]
    }

    pub(super) fn count_cut(&mut self) {
        self.cut = self.cut.saturating_add(1);
    }

    /// How many texts and lists were cut.
    pub(super) fn cuts(&self) -> u32 {
        self.cut
    }

    /// An empty one that takes the place of this one, in which some of the texts are no longer used.
    pub(super) fn replace(&mut self) -> Arena {
        let lists = std::mem::take(&mut self.lists);
        let fresh = Arena { lists, cut: self.cut, held: self.held - self.text.len(), ..Arena::default() };
        std::mem::replace(self, fresh)
    }

    #[inline(never)]
    pub(super) fn copy(&mut self, text: &str) -> Text {
        // A span's text is limited far below 4 GiB; beyond that it would be lost, not wrong.
        let (Ok(start), Ok(len)) = (u32::try_from(self.text.len()), u32::try_from(text.len())) else {
            return Text::EMPTY;
        };
        self.text.push_str(text);
        self.held += text.len();
        Text::Copied { start, len }
    }

    pub(super) fn copy_from(&mut self, old: &Arena, text: Text) -> Text {
        match text {
            Text::Static(_) => text,
            Text::Copied { .. } => self.copy(old.read(text)),
        }
    }

    /// `text` is used no more.
    #[inline]
    pub(super) fn waste(&mut self, text: Text) {
        if let Text::Copied { len, .. } = text {
            self.wasted += len as usize;
        }
    }

    /// Most of it is used no more.
    #[inline]
    pub(super) fn is_wasteful(&self) -> bool {
        self.wasted > KEPT && self.wasted > self.text.len() / 2
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

    /// More is kept elsewhere from now on, or less.
    pub(super) fn count_held(&mut self, new: usize, old: usize) {
        self.held = self.held + new - old;
    }

    /// The bytes of all that is kept but the slots of tags.
    #[inline]
    pub(super) fn held(&self) -> usize {
        self.held
    }

    pub(super) fn reset(&mut self) {
        self.text.clear();
        self.text.shrink_to(KEPT);
        self.lists = Vec::new();
        self.held = 0;
        self.wasted = 0;
        self.cut = 0;
    }
}

/// What is left of a text that has to be cut.
pub(super) fn start(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
