//! The rows of the report, in order.

use super::cost::{Cost, Times};
use super::figures::Figures;

/// A row: a table if there are peers, or else a line in a common table.
#[derive(Debug)]
pub(super) struct Row {
    /// The name in limits and goals.
    pub(super) name: &'static str,
    /// The description.
    pub(super) description: &'static str,
    source: Source,
}

/// The source of the costs.
#[derive(Debug)]
enum Source {
    /// The workload with the name of the row.
    Workload,
    /// The difference between two workloads, divided by a number.
    Each(f64, &'static str, &'static str),
    /// The CPU time of the whole process for a workload.
    Process(&'static str),
}

const fn row(name: &'static str, description: &'static str) -> Row {
    Row { name, description, source: Source::Workload }
}

const fn each(
    name: &'static str,
    description: &'static str,
    (count, with, without): (f64, &'static str, &'static str),
) -> Row {
    Row { name, description, source: Source::Each(count, with, without) }
}

/// A row for the additional cost of one feature of a span.
const fn more(name: &'static str, description: &'static str, with: &'static str) -> Row {
    each(name, description, (1.0, with, "w0"))
}

/// The rows.
pub(super) const ROWS: &[Row] = &[
    row("nothing_installed", "a span without tags while no tracer is installed, by the free function"),
    row("noop_dyn", "a span without tags with the no-op tracer, through `dyn`"),
    row("noop_free", "a span without tags with the no-op tracer installed, by the free function"),
    row("not_sampled", "W1 in a trace that is not sampled, tags one by one after the start"),
    row("not_sampled_at_start", "W1 in a trace that is not sampled, tags at the start"),
    row("w0", "W0: a root span without tags"),
    row("w1_at_start", "W1: a root span with four tags, set at the start"),
    row("w1_after", "W1, the tags one by one after the start"),
    row("w1_one_call", "W1, the tags after the start in one call"),
    row("w2", "W2: a root and a child with four tags and an event with one"),
    row("w3", "W3: each span of a trace of 100, two tags on each child"),
    row("inject_traceparent", "W4: injecting `traceparent` into new headers"),
    row("extract_traceparent", "W4: extracting `traceparent` from headers"),
    row("inject_w3c", "W4: injecting `traceparent` and absent baggage into new headers"),
    row("extract_w3c", "W4: extracting `traceparent` and absent baggage from headers"),
    each("w5", "W5: a tag on the current span from five nested calls, each of ten", (10.0, "w5_10", "w5_0")),
    row("read_ids", "reading the ids of the current span"),
    row("enter_leave", "entering and leaving a span"),
    row("poll", "polling a future in a span"),
    Row {
        name: "whole_process",
        description: "W1, tags at the start: CPU time of the whole process, with an exporter that drops all spans",
        source: Source::Process("w1_at_start"),
    },
    row(
        "bridge_sampled",
        "W1, tags at the start: the bridge with the SDK, compared with a span of the SDK in a context",
    ),
    row(
        "bridge_not_sampled",
        "W1, tags at the start: the bridge with the SDK, in a trace that is not sampled",
    ),
    row("bridge_attach", "a span of the bridge is attached (times and allocations include detaching)"),
    row("bridge_detach", "a span of the bridge is detached (times and allocations include attaching)"),
    row("bridge_start_beneath", "a child of an attached span of the bridge, by the free function"),
    row("bridge_current_once", "a root span of the bridge that is current until it ends"),
    row("zipkin_plain", "Zipkin's JSON of a batch of 512: each span, with W1's tags"),
    row("zipkin_rich", "Zipkin's JSON of a batch of 512: each span, with everything that it can hold"),
    row("otlp_plain", "OTLP's protobuf of a batch of 512: each span, with W1's tags"),
    row("otlp_rich", "OTLP's protobuf of a batch of 512: each span, with everything that it can hold"),
    row("trace_1", "each span of traces of 1"),
    row("trace_10", "each span of traces of 10"),
    row("trace_100", "each span of traces of 100"),
    row("trace_1000", "each span of traces of 1,000"),
    row("trace_10000", "each span of traces of 10,000"),
    each("each_of_1_tag", "a tag, set after the start", (1.0, "tags_1", "tags_0")),
    each("each_of_4_tags", "each of 4 tags", (4.0, "tags_4", "tags_0")),
    each("each_of_16_tags", "each of 16 tags", (16.0, "tags_16", "tags_0")),
    each("each_of_64_tags", "each of 64 tags", (64.0, "tags_64", "tags_0")),
    more("more_text", "a tag whose text is copied", "with_text"),
    more("more_event", "an event", "with_event"),
    more("more_event_and_tag", "an event with a tag", "with_event_and_tag"),
    more("more_status", "a status", "with_status"),
    more("more_error", "an error with its message, as an event and the status", "with_error"),
    more("more_name", "another name", "with_name"),
    more("more_link", "a link", "with_link"),
    more("more_baggage", "a baggage entry on the span", "with_baggage"),
    more("more_late_reference", "a reference that outlives the span", "with_late_reference"),
    more("more_scope", "a closure in the span (`run`)", "with_scope"),
    more("more_future", "a future in the span (`in_span`)", "with_future"),
    more("more_custom_sampler", "a custom sampler", "with_custom_sampler"),
    row("ref_clone_recorded", "cloning and dropping a reference to a recorded span"),
    row("ref_clone_not", "cloning and dropping a reference to a span that is not recorded"),
    row("enter_leave_not", "entering and leaving a span that is not recorded"),
    row("set_tag_handle", "replacing a tag of a span, by its handle"),
    row("set_tag_current", "replacing a tag of the current span, by the free function"),
    row("start_span_beneath_current", "a child of the current span, by the free function"),
    row("scoped_override", "a span while the no-op tracer is current in a scope, by the free function"),
];

/// Returns the row with this name.
pub(super) fn named(name: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.name == name)
}

impl Row {
    /// Returns the cost for one party.
    pub(super) fn cost(&self, figures: &Figures, party: &str) -> Option<Cost> {
        match self.source {
            Source::Workload => figures.cost(self.name, party).copied(),
            Source::Each(number, more, less) => {
                Some(figures.cost(more, party)?.difference(figures.cost(less, party)?, number))
            }
            // Instructions are counted for the thread only, and are shown in the row of the workload.
            Source::Process(workload) => {
                let cost = figures.cost(workload, party)?;
                let allocations = cost.process_allocations;
                Some(Cost { instructions: None, allocations, ..*cost })
            }
        }
    }

    /// Returns the compared time.
    pub(super) fn times(&self, cost: &Cost) -> Option<Times> {
        if let Source::Process(_) = self.source { cost.process } else { cost.producer }
    }
}

#[cfg(test)]
mod rules {
    use super::*;

    #[test]
    fn row_names_are_unique() {
        for row in ROWS {
            assert_eq!(named(row.name).map(|found| found.description), Some(row.description), "{}", row.name);
        }
    }

    #[test]
    fn rows_are_computed_from_workloads() {
        let mut figures = Figures::default();
        figures.cost_mut("w5_0", "sdk").instructions = Some(100.0);
        figures.cost_mut("w5_10", "sdk").instructions = Some(700.0);
        let w5 = named("w5").expect("the row exists").cost(&figures, "sdk").expect("both costs are known");
        assert_eq!(w5.instructions, Some(60.0));
        figures
            .read("producer\tw1_at_start\tsdk\t1\t1\t5\t1\nprocess\tw1_at_start\tsdk\t1\t1\t8\t1")
            .expect("times");
        let whole = named("whole_process").expect("the row exists");
        let cost = whole.cost(&figures, "sdk").expect("the row exists");
        assert_eq!(whole.times(&cost).map(|times| times.p50), Some(8.0));
    }
}
