//! What one of our operations costs beside a peer's.

use std::fmt;

use super::figure::Figure;
use super::limits;

/// The part of a peer's instructions that ours may take.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Share {
    ours: String,
    percent: u32,
    peer: String,
}

impl Share {
    pub(super) fn new(ours: &str, percent: u32, peer: &str) -> Self {
        Self { ours: ours.to_owned(), percent, peer: peer.to_owned() }
    }

    /// What it is among the figures of one run. An error names a workload that was not counted.
    pub(super) fn measure<'a>(&'a self, figures: &[Figure]) -> Result<Measured<'a>, String> {
        let cost = |name: &str| {
            let found = figures.iter().find(|figure| figure.name() == name);
            found.map(Figure::per_operation).ok_or_else(|| {
                format!(
                    "{} holds `{}` against `{}`, and `{name}` was not counted",
                    limits::FILE,
                    self.ours,
                    self.peer
                )
            })
        };
        Ok(Measured { share: self, ratio: cost(&self.ours)? / cost(&self.peer)? })
    }
}

/// A share as it was found.
#[derive(Debug)]
pub(super) struct Measured<'a> {
    share: &'a Share,
    ratio: f64,
}

impl Measured<'_> {
    /// What is wrong with it.
    pub(super) fn complaint(&self) -> Option<String> {
        let within = self.ratio <= f64::from(self.share.percent) / 100.0;
        if within { None } else { Some(format!("too dear beside a peer: {self}")) }
    }
}

impl fmt::Display for Measured<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Share { ours, percent, peer } = self.share;
        write!(formatter, "{ours}: {:.1} % of {peer}, limit {percent} %", self.ratio * 100.0)
    }
}

#[cfg(test)]
mod rules {
    use super::*;
    use crate::bench::figure::sample;

    #[test]
    fn a_share_is_exact_and_both_sides_are_counted() {
        let share = Share::new("ours", 30, "theirs");
        let complaint = |ours| {
            let figures = [sample("ours", ours), sample("theirs", 1_000_000)];
            share.measure(&figures).map(|measured| measured.complaint())
        };
        assert_eq!(complaint(300_000), Ok(None));
        let text = complaint(300_001).expect("both are there").expect("it is too dear");
        assert_eq!(text, "too dear beside a peer: ours: 30.0 % of theirs, limit 30 %");
        let missing = share.measure(&[sample("ours", 1)]).map(|_| ());
        assert!(missing.is_err_and(|reason| reason.contains("`theirs` was not counted")));
    }
}
