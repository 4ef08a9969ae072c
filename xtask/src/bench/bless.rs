//! Writing new limits.

use super::cost::Allocations;
use super::figures::Figures;
use super::limits::RARE_ALLOCATIONS;
use super::programs::{ANYTRACE, Case};

/// Replaces the limits in the text by those of one run: 3 % above the counted numbers. Goals and comments stay. New
/// workloads are inserted in the order of the cases.
pub(super) fn blessed(text: &str, cases: &[Case], figures: &Figures) -> String {
    let anytrace: Vec<&str> =
        cases.iter().filter(|case| case.is_anytrace()).map(|case| case.workload.as_str()).collect();
    let limits: Vec<String> = anytrace.iter().filter_map(|workload| limit(workload, figures)).collect();
    let is_limit = |line: &&str| line.split_whitespace().nth(2) == Some("instructions");
    let first = text.lines().position(|line| is_limit(&line)).unwrap_or(text.lines().count());
    let before = text.lines().take(first);
    let after = text.lines().skip(first).filter(|line| !is_limit(line));
    let lines: Vec<&str> = before.chain(limits.iter().map(String::as_str)).chain(after).collect();
    lines.join("\n") + "\n"
}

fn limit(workload: &str, figures: &Figures) -> Option<String> {
    let cost = figures.cost(workload, ANYTRACE)?;
    let instructions = (cost.instructions? * 1.03).ceil();
    let allocations = (cost.allocations.map(Allocations::calls)? - RARE_ALLOCATIONS).max(0.0).ceil();
    let plural = if allocations.total_cmp(&1.0).is_eq() { "" } else { "s" };
    Some(format!("{workload} {instructions:.0} instructions {allocations:.0} allocation{plural}"))
}

#[cfg(test)]
mod rules {
    use super::*;

    #[test]
    fn limits_are_replaced_and_all_else_stays() {
        let mut figures = Figures::default();
        figures.read("allocations\tw0\tanytrace\t10\t0\t0\t0\t0\t0\t0\nallocations\tw2\tanytrace\t10\t4\t2\t9\t0\t0\t0").expect("allocations");
        for (workload, instructions) in [("w0", 100.0), ("w2", 200.1)] {
            figures.cost_mut(workload, ANYTRACE).instructions = Some(instructions);
        }
        let case = |workload: &str, party: &str| Case {
            workload: workload.to_owned(),
            party: party.to_owned(),
            operations: 1,
        };
        let cases = [case("w0", ANYTRACE), case("w2", ANYTRACE), case("w0", "sdk")];
        let text = "# limits\nw0 5 instructions 9 allocations\ngone 7 instructions\n\n# goals\nw0 0.4x sdk\n";
        let expected = "# limits\nw0 103 instructions 0 allocations\nw2 207 instructions 1 allocation\n\n# goals\nw0 0.4x sdk\n";
        assert_eq!(blessed(text, &cases, &figures), expected);
        assert_eq!(blessed(expected, &cases, &figures), expected);
    }
}
