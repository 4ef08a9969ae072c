//! What a drawing is made of: its width, signs and colours.

use std::fmt::{self, Display};

/// Drawings are at least this wide.
pub(crate) const NARROWEST: usize = 40;

/// And not wider.
pub(crate) const WIDEST: usize = 1000;

/// What a drawing looks like.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    pub(crate) width: usize,
    pub(crate) colors: bool,
    pub(crate) ascii: bool,
    /// Tags, events and links are shown.
    pub(crate) tags: bool,
}

/// The signs.
#[derive(Debug)]
pub(crate) struct Signs {
    pub(crate) branch: &'static str,
    pub(crate) last_branch: &'static str,
    pub(crate) guide: &'static str,
    pub(crate) gap: &'static str,
    /// Instead of a branch, for what is too deep.
    pub(crate) deeper: &'static str,
    pub(crate) failed: &'static str,
    /// The parent is not known, or text is cut.
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

    /// How many levels of the tree are indented: they take a quarter of the width at the most.
    pub(crate) fn levels(&self) -> usize {
        self.width / 12
    }

    /// `text` in a colour, where there are colours.
    pub(crate) fn paint<'a>(&self, color: Color, text: &'a str) -> Painted<'a> {
        Painted { color: color.code().filter(|_| self.colors && !text.is_empty()), text }
    }
}

/// The colours of the 16 that every terminal has, and the user has chosen.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Color {
    Plain,
    Dim,
    Error,
    /// That of a service, by number.
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
