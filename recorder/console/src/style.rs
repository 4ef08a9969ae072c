//! The width, signs and colours of a drawing.

use std::fmt::{self, Display};

/// The minimum width of a drawing in columns.
pub(crate) const MIN_COLUMNS: usize = 40;

/// The maximum width of a drawing in columns.
pub(crate) const MAX_COLUMNS: usize = 1000;

/// The style of a drawing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    pub(crate) width: usize,
    pub(crate) colors: bool,
    pub(crate) ascii: bool,
    /// Tags, events and links are shown.
    pub(crate) tags: bool,
}

/// The characters of a drawing.
#[derive(Debug)]
pub(crate) struct Signs {
    pub(crate) branch: &'static str,
    pub(crate) last_branch: &'static str,
    pub(crate) guide: &'static str,
    pub(crate) gap: &'static str,
    /// Replaces the branch of a row that is too deep for indentation.
    pub(crate) deeper: &'static str,
    pub(crate) failed: &'static str,
    /// Marks a span whose parent is missing, and text that is cut.
    pub(crate) missing: &'static str,
    pub(crate) times: &'static str,
    pub(crate) frame: &'static str,
    pub(crate) bar: &'static str,
    pub(crate) more_bar: &'static str,
}

const UNICODE: Signs = Signs {
    branch: "├─ ",
    last_branch: "└─ ",
    guide: "│  ",
    gap: "   ",
    deeper: "»  ",
    failed: "✗",
    missing: "…",
    times: "×",
    frame: "│",
    bar: "█",
    more_bar: "▒",
};

const ASCII: Signs = Signs {
    branch: "|- ",
    last_branch: "`- ",
    guide: "|  ",
    gap: "   ",
    deeper: ">  ",
    failed: "x",
    missing: "...",
    times: "x",
    frame: "|",
    bar: "#",
    more_bar: "=",
};

impl Style {
    pub(crate) fn signs(&self) -> &'static Signs {
        if self.ascii { &ASCII } else { &UNICODE }
    }

    /// Returns the number of indented levels, which take at most a quarter of the width.
    pub(crate) fn levels(&self) -> usize {
        self.width / 12
    }

    /// Returns `text` in a colour if colours are on.
    pub(crate) fn paint<'a>(&self, color: Color, text: &'a str) -> Painted<'a> {
        Painted { color: color.code().filter(|_| self.colors && !text.is_empty()), text }
    }
}

/// The colours, from the 16 of the user's terminal theme.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Color {
    Plain,
    Dim,
    Error,
    /// The colour of a service, by number.
    Service(usize),
}

impl Color {
    fn code(self) -> Option<u8> {
        match self {
            Color::Plain => None,
            Color::Dim => Some(2),
            Color::Error => Some(31),
            Color::Service(number) => Some([36, 33, 35, 34, 32][number % 5]),
        }
    }
}

/// Text in a colour.
#[derive(Debug)]
pub(crate) struct Painted<'a> {
    color: Option<u8>,
    text: &'a str,
}

impl Display for Painted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.color {
            Some(code) => write!(f, "\u{1b}[{code}m{}\u{1b}[0m", self.text),
            None => f.write_str(self.text),
        }
    }
}
