//! The report as Markdown.

use std::fmt::Write as _;

use super::cost::{Allocations, Cost};
use super::figures::Figures;
use super::goal::Measure;
use super::limits::Limits;
use super::parties;
use super::programs::ANYTRACE;
use super::rows::{ROWS, Row};

/// Returns the complete report.
pub(super) fn markdown(heading: &str, limits: &Limits, figures: &Figures) -> String {
    let mut text = format!("## Costs\n\n{heading}\n");
    for row in ROWS.iter().filter(|row| has_peers(row, figures)) {
        with_peers(&mut text, row, limits, figures);
    }
    let alone: Vec<&Row> = ROWS.iter().filter(|row| !has_peers(row, figures)).collect();
    without_peers(&mut text, &alone, figures);
    threads(&mut text, figures);
    memory(&mut text, figures);
    goals(&mut text, limits, figures);
    text
}

fn has_peers(row: &Row, figures: &Figures) -> bool {
    parties::peers().any(|peer| row.cost(figures, peer).is_some())
}

const COLUMNS: &str = "ns | min | p10 | p90 | process ns | instructions | allocations | bytes |";
const RULE: &str = "--:|--:|--:|--:|--:|--:|--:|--:|";

fn with_peers(text: &mut String, row: &Row, limits: &Limits, figures: &Figures) {
    let _ = writeln!(text, "\n### `{}`: {}\n", row.name, row.description);
    let _ = writeln!(text, "| | {COLUMNS} anytrace : peer, time | goal | instructions |");
    let _ = writeln!(text, "|---|{RULE}--:|:--|--:|");
    let anytrace = row.cost(figures, ANYTRACE).unwrap_or_default();
    let _ = writeln!(text, "| {} | {} | | |", parties::title(ANYTRACE), cells(row, &anytrace));
    for peer in parties::peers() {
        let Some(other) = row.cost(figures, peer) else { continue };
        let time =
            row.times(&anytrace).zip(row.times(&other)).map(|(anytrace, other)| anytrace.p50 / other.p50);
        let instructions =
            anytrace.instructions.zip(other.instructions).map(|(anytrace, other)| anytrace / other);
        let _ = writeln!(
            text,
            "| {} | {} {} | {} | {} |",
            parties::title(peer),
            cells(row, &other),
            number(time, 2),
            goal_of(row, peer, limits, figures),
            number(instructions, 2),
        );
    }
}

/// Formats the goals of one line and their results.
fn goal_of(row: &Row, peer: &str, limits: &Limits, figures: &Figures) -> String {
    let goals = limits.goals().iter().filter(|goal| goal.row() == row.name && goal.peer() == peer);
    let texts = goals.map(|goal| {
        let wanted = match goal.measure() {
            Measure::Instructions { percent } => format!("≤ {percent} % of instructions"),
            Measure::Time { part } => format!("≤ {part:.2}"),
            Measure::Allocations { more } => format!("≤ +{more} allocations"),
            Measure::Factor { least } => format!("≥ {least:.2}"),
        };
        match goal.measured(figures) {
            Ok(measured) if measured.is_met() => wanted,
            Ok(_) => format!("{wanted} **not met**"),
            Err(_) => format!("{wanted} not measured"),
        }
    });
    texts.collect::<Vec<_>>().join(", ")
}

fn without_peers(text: &mut String, rows: &[&Row], figures: &Figures) {
    let _ = writeln!(text, "\n### Without peers\n\n| | | {COLUMNS}\n|---|---|{RULE}");
    for row in rows {
        if let Some(cost) = row.cost(figures, ANYTRACE) {
            let _ = writeln!(text, "| `{}` | {} | {}", row.name, row.description, cells(row, &cost));
        }
    }
}

/// Formats the columns of one party.
fn cells(row: &Row, cost: &Cost) -> String {
    let times = row.times(cost);
    let time = |of: fn(super::cost::Times) -> f64| number(times.map(of), 1);
    format!(
        "{} | {} | {} | {} | {} | {} | {} | {} |",
        time(|times| times.p50),
        time(|times| times.min),
        time(|times| times.p10),
        time(|times| times.p90),
        number(cost.process.map(|times| times.p50), 1),
        number(cost.instructions, 1),
        cost.allocations.map_or_else(String::new, calls),
        number(cost.allocations.map(|allocations| allocations.bytes), 0),
    )
}

/// Formats calls of the allocator: `6 + 2` means six new allocations and two that were enlarged.
fn calls(allocations: Allocations) -> String {
    let short = |number: f64| {
        let text = format!("{number:.2}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    if allocations.grown < 0.005 {
        short(allocations.fresh)
    } else {
        format!("{} + {}", short(allocations.fresh), short(allocations.grown))
    }
}

fn number(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(String::new, |value| format!("{value:.digits$}"))
}

fn threads(text: &mut String, figures: &Figures) {
    let mut lines = figures.on_threads().peekable();
    if lines.peek().is_none() {
        return;
    }
    text.push_str("\n### `two_threads`: W1, tags at the start, each thread on a core of its own\n\n");
    text.push_str(
        "| | million spans/s on 1 | on 2 | factor | part of the control's | CPU ns per span on 1 | on 2 |\n",
    );
    text.push_str("|---|--:|--:|--:|--:|--:|--:|\n");
    for party in lines {
        let of = |threads| figures.threads(party, threads).unwrap_or_default();
        let rate = |threads: u64| Some(1000.0 * threads as f64 / of(threads).elapsed?.p50);
        let part = figures.factor(party).zip(figures.factor("control")).map(|(own, control)| own / control);
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} |",
            parties::title(party),
            number(rate(1), 2),
            number(rate(2), 2),
            number(figures.factor(party), 2),
            number(part, 2),
            number(of(1).cpu_time.map(|times| times.p50), 1),
            number(of(2).cpu_time.map(|times| times.p50), 1),
        );
    }
}

fn memory(text: &mut String, figures: &Figures) {
    if let Some(memory) = figures.memory {
        let each = memory.bytes as f64 / memory.spans as f64;
        let _ = writeln!(
            text,
            "\n### A full queue\n\n{} spans of W1 take {} bytes, {each:.0} each; after as many more spans, which are \
             dropped and counted, {} bytes.",
            memory.spans, memory.bytes, memory.after
        );
    }
}

fn goals(text: &mut String, limits: &Limits, figures: &Figures) {
    let measured: Vec<_> = limits.goals().iter().filter_map(|goal| goal.measured(figures).ok()).collect();
    let missed: Vec<_> = measured.iter().filter(|measured| !measured.is_met()).collect();
    let _ = writeln!(text, "\n### Goals\n\n{} of {} are met.", measured.len() - missed.len(), measured.len());
    if !missed.is_empty() {
        text.push_str("Not met:\n\n");
    }
    for measured in missed {
        let _ = writeln!(text, "* {measured}");
    }
}

#[cfg(test)]
mod rules {
    use super::*;

    fn figures() -> Figures {
        let mut figures = Figures::default();
        figures
            .read("producer\tw0\tanytrace\t40\t45\t50\t60\nproducer\tw0\totel_sdk\t1\t1\t100\t1")
            .expect("times");
        figures.read("allocations\tw0\totel_sdk\t10\t60\t20\t8020\t60\t20\t8020").expect("allocations");
        figures.cost_mut("w0", ANYTRACE).instructions = Some(500.0);
        figures.cost_mut("trace_1", ANYTRACE).instructions = Some(480.0);
        figures
    }

    #[test]
    fn a_row_is_compared_with_its_peers() {
        let limits = Limits::parse("w0 0.40x otel_sdk\nw0 60% of otel_sdk").expect("the limits are valid");
        let text = markdown("heading", &limits, &figures());
        assert!(
            text.starts_with("## Costs\n\nheading\n\n### `w0`: W0: a root span without tags\n"),
            "{text}"
        );
        assert!(
            text.contains("\n| **anytrace** | 50.0 | 40.0 | 45.0 | 60.0 |  | 500.0 |  |  | | | |\n"),
            "{text}"
        );
        let peer = "\n| OpenTelemetry SDK, batch | 100.0 | 1.0 | 1.0 | 1.0 |  |  | 6 + 2 | 802 | 0.50 \
                    | ≤ 0.40 **not met**, ≤ 60 % of instructions not measured |  |\n";
        assert!(text.contains(peer), "{text}");
        assert!(
            text.ends_with("0 of 1 are met.\nNot met:\n\n* w0: 0.50 of otel_sdk's time, goal 0.40 at most\n")
        );
    }

    #[test]
    fn rows_without_peers_are_in_one_table() {
        let text = markdown("heading", &Limits::default(), &figures());
        assert!(
            text.contains("\n| `trace_1` | each span of traces of 1 |  |  |  |  |  | 480.0 |  |  |\n"),
            "{text}"
        );
        assert!(text.ends_with("0 of 0 are met.\n"), "{text}");
    }

    #[test]
    fn threads_and_memory_are_shown_if_they_were_measured() {
        let mut figures = Figures::default();
        for (party, two) in [("control", 100), ("anytrace", 125)] {
            let one = format!(
                "threads\t{party}\t1\tpassed\t1\t1\t100\t1\nthreads\t{party}\t1\tworked\t1\t1\t99\t1\n"
            );
            figures.read(&format!("{one}threads\t{party}\t2\tpassed\t1\t1\t{two}\t1\n")).expect("threads");
        }
        figures.read("memory\t16\t1600\t1600").expect("memory");
        let text = markdown("heading", &Limits::default(), &figures);
        assert!(text.contains("\n| **anytrace** | 10.00 | 16.00 | 1.60 | 0.80 | 99.0 |  |\n"), "{text}");
        assert!(text.contains("16 spans of W1 take 1600 bytes, 100 each;"), "{text}");
    }
}
