//! Cutting text and lists at the limits.

/// The number of texts and lists of a span that were cut.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cuts(u32);

impl Cuts {
    pub(super) fn get(self) -> u32 {
        self.0
    }

    /// Cuts a text, and counts the cut.
    #[inline]
    pub(super) fn cut_text<'a>(&mut self, text: &'a str, max_bytes: usize) -> &'a str {
        if text.len() <= max_bytes { text } else { self.cut_and_count(text, max_bytes) }
    }

    #[cold]
    fn cut_and_count<'a>(&mut self, text: &'a str, max_bytes: usize) -> &'a str {
        self.count();
        prefix(text, max_bytes)
    }

    /// Cuts a list, and counts the cut.
    pub(super) fn cut_list<'a, T>(&mut self, list: &'a [T], max_items: u32) -> &'a [T] {
        let max_items = max_items as usize;
        if list.len() > max_items {
            self.count();
        }
        &list[..list.len().min(max_items)]
    }

    pub(super) fn count(&mut self) {
        self.0 = self.0.saturating_add(1);
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
