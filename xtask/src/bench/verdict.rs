//! Checking costs against their limits.

use super::cost::{Allocations, Cost};
use super::figures::Figures;
use super::goal::Measure;
use super::limits::{self, Limits};
use super::programs::{ANYTRACE, Case};
use super::rows;

/// Formats the cost of a case and its limits.
pub(super) fn line(limits: &Limits, case: &Case, cost: &Cost) -> String {
    let limit = limits.of(&case.workload);
    let shown = |limit: Option<u64>| limit.map_or_else(String::new, |limit| format!(" (limit {limit})"));
    let instructions = cost.instructions.unwrap_or(f64::NAN);
    let allocations = cost.allocations.map_or(f64::NAN, Allocations::calls);
    format!(
        "{}: {instructions:.1} instructions{}, {allocations:.2} allocations{}",
        case.workload,
        shown(limit.map(|limit| limit.instructions)),
        shown(limit.and_then(|limit| limit.allocations)),
    )
}

/// Returns all violations in one run.
pub(super) fn violations(limits: &Limits, cases: &[Case], figures: &Figures) -> Vec<String> {
    let anytrace: Vec<&Case> = cases.iter().filter(|case| case.is_anytrace()).collect();
    let unexpected = limits.names().filter(|name| !anytrace.iter().any(|case| case.workload == *name));
    let mut violations: Vec<String> =
        unexpected.map(|name| format!("{} names an unknown workload `{name}`", limits::FILE)).collect();
    violations.extend(anytrace.iter().filter_map(|case| violation(limits, case, figures)));
    for goal in limits.goals() {
        let known = rows::named(goal.row()).is_some() || matches!(goal.measure(), Measure::Factor { .. });
        if !known {
            violations.push(format!("{} names an unknown row `{}`", limits::FILE, goal.row()));
        } else if goal.is_checked() {
            match goal.measured(figures) {
                Ok(measured) => violations.extend(measured.violation()),
                Err(reason) => violations.push(reason),
            }
        }
    }
    violations
}

fn violation(limits: &Limits, case: &Case, figures: &Figures) -> Option<String> {
    let Some(cost) = figures.cost(&case.workload, ANYTRACE) else {
        return Some(format!("{case} was not counted"));
    };
    let Some(limit) = limits.of(&case.workload) else {
        return Some(format!("{} has no limit in {}", case.workload, limits::FILE));
    };
    let instructions = cost.instructions.is_some_and(|counted| counted <= limit.instructions as f64);
    let allocations = limit.allocations.is_none_or(|limit| {
        cost.allocations.is_some_and(|counted| counted.calls() <= limit as f64 + limits::RARE_ALLOCATIONS)
    });
    if instructions && allocations {
        None
    } else {
        Some(format!("above its limit: {}", line(limits, case, cost)))
    }
}

#[cfg(test)]
mod rules {
    use super::*;

    fn found(limits: &str, instructions: f64, allocations: f64) -> Vec<String> {
        let case = Case { workload: "w0".to_owned(), party: ANYTRACE.to_owned(), operations: 1 };
        let mut figures = Figures::default();
        *figures.cost_mut("w0", ANYTRACE) = Cost {
            instructions: Some(instructions),
            allocations: Some(Allocations { fresh: allocations, grown: 0.0, bytes: 0.0 }),
            ..Cost::default()
        };
        violations(&Limits::parse(limits).expect("the limits are valid"), &[case], &figures)
    }

    #[test]
    fn a_limit_is_exact() {
        let limits = "w0 100 instructions 0 allocations";
        assert_eq!(found(limits, 100.0, 0.0), Vec::<String>::new());
        let above = "above its limit: w0: 100.1 instructions (limit 100), 0.00 allocations (limit 0)";
        assert_eq!(found(limits, 100.1, 0.0), [above]);
        let above = "above its limit: w0: 100.0 instructions (limit 100), 0.06 allocations (limit 0)";
        assert_eq!(found(limits, 100.0, 0.06), [above]);
        assert_eq!(found(limits, 100.0, 0.05), Vec::<String>::new());
        assert_eq!(found("w0 100 instructions", 100.0, 0.06), Vec::<String>::new());
    }

    #[test]
    fn unknown_names_are_reported() {
        assert_eq!(found("", 1.0, 0.0), ["w0 has no limit in tests/bench/limits.txt"]);
        let limits =
            "w0 1 instructions\nw9 1 instructions\nw8 0.5x sdk\nw0 30% of sdk\ntwo at least 1x control";
        let expected = [
            "tests/bench/limits.txt names an unknown workload `w9`",
            "tests/bench/limits.txt names an unknown row `w8`",
            "tests/bench/limits.txt compares w0 with sdk, and one of them was not measured",
        ];
        assert_eq!(found(limits, 1.0, 0.0), expected);
    }
}
