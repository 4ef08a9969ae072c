//! What came of it.

use std::fmt;

use crate::Language;

/// Who understands whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The peer, what is sent here.
    ToPeer,
    /// We, what the peer sends.
    FromPeer,
}

impl Direction {
    /// Both.
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
        let words = [(self.agree, "agree"), (self.differ, "known to differ"), (self.failed, "FAILED")];
        let said = words.into_iter().filter(|(count, word)| *count > 0 || *word == "agree");
        let text = said.map(|(count, word)| format!("{count} {word}")).collect::<Vec<_>>().join(", ");
        f.pad(&text)
    }
}

/// Language × format × direction.
#[derive(Debug, Default)]
pub struct Table {
    rows: Vec<(Language, &'static str, [Count; Direction::ALL.len()])>,
}

impl Table {
    /// Adds a case: whether it held, and whether what held is a known difference.
    pub fn add(
        &mut self,
        language: Language,
        format: &'static str,
        to: Direction,
        held: bool,
        differs: bool,
    ) {
        let place = self.rows.iter().position(|row| (row.0, row.1) == (language, format));
        let place = place.unwrap_or_else(|| {
            self.rows.push((language, format, Default::default()));
            self.rows.len() - 1
        });
        let count = &mut self.rows[place].2[to as usize];
        *match (held, differs) {
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
