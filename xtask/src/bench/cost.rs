//! The cost of one operation.

use serde_json::{Value, json};

/// Quantiles of the time in nanoseconds over all rounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Times {
    pub(super) min: f64,
    pub(super) p10: f64,
    pub(super) p50: f64,
    pub(super) p90: f64,
}

impl Times {
    /// Parses the fields of a line.
    pub(super) fn parse(parts: &[&str]) -> Option<Self> {
        let [min, p10, p50, p90] = parts else { return None };
        let number = |part: &str| part.parse::<f64>().ok().filter(|number| number.is_finite());
        Some(Self { min: number(min)?, p10: number(p10)?, p50: number(p50)?, p90: number(p90)? })
    }

    fn difference(self, other: Self, divisor: f64) -> Self {
        let part = |one: f64, other: f64| (one - other) / divisor;
        Self {
            min: part(self.min, other.min),
            p10: part(self.p10, other.p10),
            p50: part(self.p50, other.p50),
            p90: part(self.p90, other.p90),
        }
    }

    pub(super) fn json(self) -> Value {
        json!({ "min": self.min, "p10": self.p10, "p50": self.p50, "p90": self.p90 })
    }
}

/// Calls of the allocator.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Allocations {
    pub(super) fresh: f64,
    /// Calls that enlarge an existing allocation.
    pub(super) grown: f64,
    pub(super) bytes: f64,
}

impl Allocations {
    /// Parses the fields of a line with counts for this number of operations.
    pub(super) fn parse(parts: &[&str], operations: u64) -> Option<Self> {
        let [fresh, grown, bytes] = parts else { return None };
        let number = |part: &str| Some(part.parse::<u64>().ok()? as f64 / operations as f64);
        Some(Self { fresh: number(fresh)?, grown: number(grown)?, bytes: number(bytes)? })
    }

    /// Returns the number of calls.
    pub(super) fn calls(self) -> f64 {
        self.fresh + self.grown
    }

    fn difference(self, other: Self, divisor: f64) -> Self {
        Self {
            fresh: (self.fresh - other.fresh) / divisor,
            grown: (self.grown - other.grown) / divisor,
            bytes: (self.bytes - other.bytes) / divisor,
        }
    }

    pub(super) fn json(self) -> Value {
        json!({ "fresh": self.fresh, "grown": self.grown, "bytes": self.bytes })
    }
}

/// The measured costs of one operation.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Cost {
    pub(super) instructions: Option<f64>,
    /// The CPU time of the thread that runs the workload.
    pub(super) producer: Option<Times>,
    /// The CPU time of the whole process, including the export of spans.
    pub(super) process: Option<Times>,
    pub(super) allocations: Option<Allocations>,
    pub(super) process_allocations: Option<Allocations>,
}

impl Cost {
    /// Returns the difference to another cost, divided by a number.
    pub(super) fn difference(&self, other: &Self, divisor: f64) -> Self {
        let times = |one: Option<Times>, other: Option<Times>| Some(one?.difference(other?, divisor));
        let allocations =
            |one: Option<Allocations>, other: Option<Allocations>| Some(one?.difference(other?, divisor));
        Self {
            instructions: self
                .instructions
                .zip(other.instructions)
                .map(|(one, other)| (one - other) / divisor),
            producer: times(self.producer, other.producer),
            process: times(self.process, other.process),
            allocations: allocations(self.allocations, other.allocations),
            process_allocations: allocations(self.process_allocations, other.process_allocations),
        }
    }

    /// Converts the costs to JSON.
    pub(super) fn json(&self) -> Value {
        json!({
            "instructions": self.instructions,
            "ns": self.producer.map(Times::json),
            "process_ns": self.process.map(Times::json),
            "allocations": self.allocations.map(Allocations::json),
            "process_allocations": self.process_allocations.map(Allocations::json),
        })
    }
}

#[cfg(test)]
mod rules {
    use super::*;

    #[test]
    fn valid_lines_are_parsed_and_others_rejected() {
        let times = Times::parse(&["1.0", "2.0", "3.5", "9"]).expect("the line is valid");
        assert_eq!((times.min, times.p10, times.p50, times.p90), (1.0, 2.0, 3.5, 9.0));
        assert_eq!(Times::parse(&["1", "2", "3"]), None);
        assert_eq!(Times::parse(&["1", "2", "3", "NaN"]), None);
        let allocations = Allocations::parse(&["800", "400", "3200"], 400).expect("the line is valid");
        assert_eq!((allocations.calls(), allocations.bytes), (3.0, 8.0));
        assert_eq!(Allocations::parse(&["-1", "0", "0"], 1), None);
    }

    #[test]
    fn a_difference_contains_the_costs_known_on_both_sides() {
        let cost = |instructions, p50| Cost {
            instructions: Some(instructions),
            producer: Some(Times { min: p50, p10: p50, p50, p90: p50 }),
            ..Cost::default()
        };
        let per_tag = cost(300.0, 60.0).difference(&cost(100.0, 20.0), 10.0);
        assert_eq!(per_tag.instructions, Some(20.0));
        assert_eq!(per_tag.producer.map(|times| times.p50), Some(4.0));
        assert_eq!(per_tag.allocations, None);
    }
}
