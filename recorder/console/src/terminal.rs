//! The properties of the terminal, from the environment.

use std::{env, io, io::IsTerminal};

use crate::style::{MAX_COLUMNS, MIN_COLUMNS};

/// The width if it is unknown.
pub(crate) const DEFAULT_COLUMNS: usize = 100;

/// A stream of the process that may be a terminal.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stream {
    Stdout,
    Stderr,
}

impl Stream {
    /// Returns the width from `COLUMNS`, or else from the terminal. Called for each drawing, because windows are resized.
    pub(crate) fn columns(self) -> usize {
        let size = match self {
            Stream::Stdout => terminal_size::terminal_size_of(io::stdout()),
            Stream::Stderr => terminal_size::terminal_size_of(io::stderr()),
        };
        columns(variable, size.map(|(width, _)| width.0.into()))
    }

    pub(crate) fn colors(self) -> bool {
        let is_terminal = match self {
            Stream::Stdout => io::stdout().is_terminal(),
            Stream::Stderr => io::stderr().is_terminal(),
        };
        colors(variable, is_terminal)
    }
}

/// Returns whether the locale is limited to ASCII. Consoles on Windows support Unicode with any locale.
pub(crate) fn is_ascii() -> bool {
    !cfg!(windows) && ascii(variable)
}

fn variable(name: &str) -> Option<String> {
    env::var_os(name).map(|value| value.to_string_lossy().into_owned()).filter(|value| !value.is_empty())
}

fn columns(variable: impl Fn(&str) -> Option<String>, terminal: Option<usize>) -> usize {
    let configured =
        variable("COLUMNS").and_then(|columns| columns.parse().ok()).filter(|columns| *columns > 0);
    configured.or(terminal).unwrap_or(DEFAULT_COLUMNS).clamp(MIN_COLUMNS, MAX_COLUMNS)
}

/// Follows <https://no-color.org> and <https://bixense.com/clicolors>.
fn colors(variable: impl Fn(&str) -> Option<String>, is_terminal: bool) -> bool {
    let is = |name, unwanted: &str| variable(name).is_some_and(|value| value != unwanted);
    let refused = |name, refusal: &str| variable(name).is_some_and(|value| value == refusal);
    if variable("NO_COLOR").is_some() {
        return false;
    }
    if is("CLICOLOR_FORCE", "0") {
        return true;
    }
    // Old consoles on Windows print the escape codes; terminals that support them set one of these variables.
    let has_escapes = !cfg!(windows) || variable("WT_SESSION").is_some() || variable("TERM").is_some();
    is_terminal && has_escapes && !refused("CLICOLOR", "0") && !refused("TERM", "dumb")
}

/// In POSIX, the first variable that is set and not empty counts; without any, the locale is `C`.
fn ascii(variable: impl Fn(&str) -> Option<String>) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(variable).unwrap_or_default();
    let locale = locale.to_ascii_lowercase();
    !(locale.contains("utf-8") || locale.contains("utf8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set<'a>(variables: &'a [(&str, &str)]) -> impl Fn(&str) -> Option<String> + 'a {
        |name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn colours_are_on_for_terminals_unless_overridden() {
        assert!(colors(set(&[("TERM", "xterm")]), true));
        assert!(!colors(set(&[("TERM", "xterm")]), false));
        assert!(!colors(set(&[("TERM", "dumb")]), true));
        assert!(!colors(set(&[("TERM", "xterm"), ("CLICOLOR", "0")]), true));
        assert!(colors(set(&[("CLICOLOR_FORCE", "1")]), false));
        assert!(!colors(set(&[("CLICOLOR_FORCE", "0")]), false));
        assert!(!colors(set(&[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")]), true));
    }

    #[test]
    fn the_first_locale_that_is_set_counts() {
        assert!(!ascii(set(&[("LANG", "de_DE.UTF-8")])));
        assert!(!ascii(set(&[("LC_CTYPE", "C.utf8"), ("LANG", "C")])));
        assert!(ascii(set(&[("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")])));
        assert!(ascii(set(&[])));
    }

    #[test]
    fn the_width_comes_from_columns_or_the_terminal_or_is_100() {
        assert_eq!(columns(set(&[("COLUMNS", "72")]), Some(80)), 72);
        assert_eq!(columns(set(&[("COLUMNS", "0")]), Some(80)), 80);
        assert_eq!(columns(set(&[("COLUMNS", "wide")]), None), 100);
        assert_eq!(columns(set(&[]), Some(12)), MIN_COLUMNS);
        assert_eq!(columns(set(&[("COLUMNS", "99999999")]), None), MAX_COLUMNS);
    }
}
