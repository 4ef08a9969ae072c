//! The table of results.

use std::fmt;

use crate::Language;

/// The direction in which a context is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// A context that is sent from here and read by the peer.
    ToPeer,
    /// A context that is sent by the peer and read here.
    FromPeer,
}

impl Direction {
    /// Both directions.
    pub const ALL: [Self; 2] = [Self::ToPeer, Self::FromPeer];
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Direction::ToPeer => "to the peer",
            Direction::FromPeer => "from the peer",
        })
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    agree: u32,
    differ: u32,
    failed: u32,
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = [(self.agree, "agree"), (self.differ, "known to differ"), (self.failed, "FAILED")];
        let shown = counts.into_iter().filter(|(count, label)| *count > 0 || *label == "agree");
        let text = shown.map(|(count, label)| format!("{count} {label}")).collect::<Vec<_>>().join(", ");
        f.pad(&text)
    }
}

/// The number of results by language, format and direction.
#[derive(Debug, Default)]
pub struct Table {
    rows: Vec<(Language, &'static str, [Count; Direction::ALL.len()])>,
}

impl Table {
    /// Adds a case: whether it passed, and whether it asserts a known difference.
    pub fn add(
        &mut self,
        language: Language,
        format: &'static str,
        to: Direction,
        passed: bool,
        differs: bool,
    ) {
        let index = self.rows.iter().position(|row| (row.0, row.1) == (language, format));
        let index = index.unwrap_or_else(|| {
            self.rows.push((language, format, Default::default()));
            self.rows.len() - 1
        });
        let count = &mut self.rows[index].2[to as usize];
        *match (passed, differs) {
            (false, _) => &mut count.failed,
            (true, true) => &mut count.differ,
            (true, false) => &mut count.agree,
        } += 1;
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [to, from] = Direction::ALL;
        writeln!(f, "| {:<8} | {:<12} | {to:<28} | {from:<28} |", "language", "format")?;
        writeln!(f, "|{:-<10}|{:-<14}|{:-<30}|{:-<30}|", "", "", "", "")?;
        for (language, format, [to, from]) in &self.rows {
            writeln!(f, "| {language:<8} | {format:<12} | {to:<28} | {from:<28} |")?;
        }
        Ok(())
    }
}
