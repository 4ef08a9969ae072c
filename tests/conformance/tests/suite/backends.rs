//! Every backend of this project passes all rules that apply to it.

use std::fmt::Write;

use anytrace_conformance::{Area, Outcome, Report};

use crate::{subjects, terminal};

#[test]
fn every_backend_passes() {
    let reports: Vec<(&str, Report)> =
        subjects::ALL.iter().map(|backend| (backend.name, backend.check())).collect();
    terminal::print(&table(&reports));
    for (_, report) in reports {
        report.assert_passed();
    }
}

/// Formats the number of passed rules per area and backend, followed by `-n` if `n` rules were skipped.
fn table(reports: &[(&str, Report)]) -> String {
    let mut areas: Vec<Area> = Vec::new();
    for result in reports[0].1.results() {
        if !areas.contains(&result.area) {
            areas.push(result.area);
        }
    }
    let mut text = format!("{:<12}", "rules passed");
    let columns = |text: &mut String, cells: &mut dyn Iterator<Item = String>| {
        for cell in cells {
            let _ = write!(text, "{cell:>13}");
        }
        text.push('\n');
    };
    columns(&mut text, &mut reports.iter().map(|(name, _)| (*name).to_owned()));
    for area in areas.iter().copied().map(Some).chain([None]) {
        let name = area.map_or("all".to_owned(), |area| area.to_string());
        let _ = write!(text, "{name:<12}");
        columns(&mut text, &mut reports.iter().map(|(_, report)| cell(report, area)));
    }
    text
}

fn cell(report: &Report, area: Option<Area>) -> String {
    let (mut passed, mut skipped) = (0, 0);
    for result in report.results().iter().filter(|result| area.is_none_or(|area| result.area == area)) {
        match result.outcome {
            Outcome::Passed => passed += 1,
            Outcome::Skipped(_) => skipped += 1,
            Outcome::Failed(_) => {}
        }
    }
    if skipped == 0 { passed.to_string() } else { format!("{passed} -{skipped}") }
}
