//! Text that is copied: one piece of memory for all of a span, kept for the next one.

use anytrace_api::Name;

use super::Cut;

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
}

#[derive(Clone, Debug, Default)]
pub(super) struct Arena {
    text: String,
    wasted: usize,
}

impl Arena {
    #[inline]
    pub(super) fn keep(&mut self, text: Name<'_>, cut: &mut Cut<'_>) -> Text {
        match text {
            Name::Static(text) => Text::Static(cut.text(text)),
            Name::Copied(text) => self.copy(cut.text(text)),
        }
    }

    pub(super) fn copy(&mut self, text: &str) -> Text {
        // A span's text is limited far below 4 GiB; beyond that it would be lost, not wrong.
        let (Ok(start), Ok(len)) = (u32::try_from(self.text.len()), u32::try_from(text.len())) else {
            return Text::EMPTY;
        };
        self.text.push_str(text);
        Text::Copied { start, len }
    }

    /// Copies `text`, in place of `old` where it fits there.
    pub(super) fn replace(&mut self, old: Text, text: &str) -> Text {
        self.waste(old);
        self.copy(text)
    }

    pub(super) fn copy_from(&mut self, old: &Arena, text: Text) -> Text {
        match text {
            Text::Static(_) => text,
            Text::Copied { .. } => self.copy(old.read(text)),
        }
    }

    /// `text` is used no more.
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

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    pub(super) fn reset(&mut self) {
        self.text.clear();
        self.text.shrink_to(KEPT);
        self.wasted = 0;
    }
}
