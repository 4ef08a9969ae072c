//! Every backend of this project keeps every rule that it can.

use std::fmt::Write;

use anytrace_conformance::{Area, Outcome, Report};

use crate::{shown, subjects};

#[test]
fn every_back_end_keeps_the_rules() {
    let reports: Vec<(&str, Report)> =
        subjects::ALL.iter().map(|back_end| (back_end.name, back_end.check())).collect();
    shown::past_the_harness(&table(&reports));
    for (_, report) in reports {
        report.assert_held();
    }
}

/// How many rules of each area each backend holds, and behind a dash how many it does not claim.
fn table(reports: &[(&str, Report)]) -> String {
    let mut areas: Vec<Area> = Vec::new();
    for verdict in reports[0].1.verdicts() {
        if !areas.contains(&verdict.area) {
            areas.push(verdict.area);
        }
    }
    let mut text = format!("{:<12}", "rules held");
    let columns = |text: &mut String, cells: &mut dyn Iterator<Item = String>| {
        for cell in cells {
            let _ = write!(text, "{cell:>13}");
        }
        text.push('\n');
    };
    columns(&mut text, &mut reports.iter().map(|(name, _)| (*name).to_owned()));
    for area in areas.iter().copied().map(Some).chain([None]) {
        let name = area.map_or("all".to_owned(), |area| format!("{area:?}").to_lowercase());
        let _ = write!(text, "{name:<12}");
        columns(&mut text, &mut reports.iter().map(|(_, report)| cell(report, area)));
    }
    text
}

fn cell(report: &Report, area: Option<Area>) -> String {
    let (mut held, mut lacking) = (0, 0);
    for verdict in report.verdicts().iter().filter(|verdict| area.is_none_or(|area| verdict.area == area)) {
        match verdict.outcome {
            Outcome::Held => held += 1,
            Outcome::Lacking(_) => lacking += 1,
            Outcome::Broken(_) => {}
        }
    }
    if lacking == 0 { held.to_string() } else { format!("{held} -{lacking}") }
}
