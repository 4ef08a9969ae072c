//! What one operation costs.

use std::fmt;

use serde_json::{Value, json};

use super::workloads::{Party, Workloads};
use super::{callgrind, limits};
use crate::session::Session;

/// The instructions of a number of operations, and what one of them may cost.
#[derive(Debug)]
pub(super) struct Figure {
    party: Party,
    name: String,
    instructions: u64,
    operations: u64,
    limit: Option<u64>,
}

/// Counts a workload twice: the difference is free of what comes once.
pub(super) fn count(
    session: &mut Session<'_>,
    workloads: &Workloads,
    name: &str,
    [few, many]: [u64; 2],
    limit: Option<u64>,
) -> Result<Figure, String> {
    let of_few = callgrind::instructions(session, workloads, name, few)?;
    let of_many = callgrind::instructions(session, workloads, name, many)?;
    let instructions = of_many.checked_sub(of_few);
    let instructions = instructions.ok_or_else(|| format!("{name} costs less when it runs more often"))?;
    Ok(Figure {
        party: workloads.party(),
        name: name.to_owned(),
        instructions,
        operations: many - few,
        limit,
    })
}

impl Figure {
    /// What is wrong with it: above its limit, or ours and without one.
    pub(super) fn complaint(&self) -> Option<String> {
        match self.limit {
            Some(limit) if self.instructions <= limit * self.operations => None,
            Some(_) => Some(format!("above its limit: {self}")),
            None if self.party == Party::Peers => None,
            None => Some(format!("{} has no limit in {}", self.name, limits::FILE)),
        }
    }

    /// The workload.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The instructions of one operation.
    pub(super) fn per_operation(&self) -> f64 {
        self.instructions as f64 / self.operations as f64
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {:.1} instructions, ", self.name, self.per_operation())?;
        match self.limit {
            Some(limit) => write!(formatter, "limit {limit}"),
            None if self.party == Party::Peers => formatter.write_str("a peer's"),
            None => formatter.write_str("no limit"),
        }
    }
}

/// The figures for other programs.
pub(super) fn json(figures: &[Figure]) -> String {
    let figures: Value = figures
        .iter()
        .map(|figure| {
            json!({ "name": figure.name, "instructions": figure.per_operation(), "limit": figure.limit })
        })
        .collect();
    format!("{figures:#}\n")
}

/// One of ours, for the rules of what compares figures.
#[cfg(test)]
pub(super) fn sample(name: &str, instructions: u64) -> Figure {
    Figure { party: Party::Ours, name: name.to_owned(), instructions, operations: 1, limit: None }
}

#[cfg(test)]
mod rules {
    use super::*;

    fn figure(instructions: u64, limit: Option<u64>) -> Figure {
        Figure { party: Party::Ours, name: "finish".to_owned(), instructions, operations: 2000, limit }
    }

    #[test]
    fn a_limit_is_exact() {
        assert_eq!(figure(200_000, Some(100)).complaint(), None);
        assert!(
            figure(200_001, Some(100)).complaint().is_some_and(|text| text.starts_with("above its limit"))
        );
        assert!(figure(1, None).complaint().is_some_and(|text| text.contains("has no limit")));
        assert_eq!(Figure { party: Party::Peers, ..figure(1, None) }.complaint(), None);
    }

    #[test]
    fn figures_are_shown_per_operation() {
        assert_eq!(figure(201_000, Some(101)).to_string(), "finish: 100.5 instructions, limit 101");
        let parsed: Value = serde_json::from_str(&json(&[figure(201_000, None)])).expect("this is JSON");
        assert_eq!(parsed, json!([{ "name": "finish", "instructions": 100.5, "limit": null }]));
    }
}
