//! What is shown, in order.

use super::cost::{Cost, Times};
use super::figures::Figures;

/// One table, or one line of the table of what has no peers.
#[derive(Debug)]
pub(super) struct Row {
    /// What limits and goals call it.
    pub(super) name: &'static str,
    /// What is done.
    pub(super) what: &'static str,
    of: Of,
}

/// Where its figures come from.
#[derive(Debug)]
enum Of {
    /// The workload of the same name.
    Workload,
    /// What one workload costs more than another, for each of so many.
    Each(f64, &'static str, &'static str),
    /// The process's time for a workload, in place of the thread's.
    Process(&'static str),
}

const fn row(name: &'static str, what: &'static str) -> Row {
    Row { name, what, of: Of::Workload }
}

const fn each(name: &'static str, what: &'static str, of: (f64, &'static str, &'static str)) -> Row {
    Row { name, what, of: Of::Each(of.0, of.1, of.2) }
}

/// What a span with one thing more costs more than one without.
const fn more(name: &'static str, what: &'static str, with: &'static str) -> Row {
    each(name, what, (1.0, with, "w0"))
}

/// All of them.
pub(super) const ROWS: &[Row] = &[
    row("nothing_installed", "a span without tags where nothing is installed, by the free function"),
    row("noop_dyn", "a span without tags with the no-op tracer, through `dyn`"),
    row("noop_free", "the same by the free function, with the no-op tracer installed"),
    row("not_sampled", "W1 of a trace that is not sampled, tags one by one after the start"),
    row("not_sampled_at_start", "the same, tags at the start"),
    row("w0", "W0: a root span without tags"),
    row("w1_at_start", "W1: a root span with four tags, given at its start"),
    row("w1_after", "W1, the tags one by one after the start"),
    row("w1_one_call", "W1, the tags after the start in one call"),
    row("w2", "W2: a root and a child with four tags and an event with one"),
    row("w3", "W3: each span of a trace of 100, two tags on each child"),
    row("inject_traceparent", "W4: into fresh headers, `traceparent`"),
    row("extract_traceparent", "W4: out of headers, `traceparent`"),
    row("inject_w3c", "W4: into fresh headers, with baggage that is not there"),
    row("extract_w3c", "W4: out of headers, with baggage that is not there"),
    each("w5", "W5: a tag on the current span from five nested calls, each of ten", (10.0, "w5_10", "w5_0")),
    row("read_ids", "the current span's ids"),
    row("enter_leave", "a span made current and no longer"),
    row("poll", "a poll of a future in a span"),
    Row {
        name: "whole_process",
        what: "W1, tags at the start: the whole process's time, all spans handed to who drops them",
        of: Of::Process("w1_at_start"),
    },
    row(
        "bridge_sampled",
        "W1, tags at the start: our tracer over the SDK, beside the SDK's span in a context",
    ),
    row("bridge_not_sampled", "W1, tags at the start, over the SDK, for a trace that is not sampled"),
    row("bridge_attach", "a span of the bridge is attached (times and allocations include detaching)"),
    row("bridge_detach", "a span of the bridge is detached (times and allocations include attaching)"),
    row("bridge_start_beneath", "a child of an attached span of the bridge, by the free function"),
    row("bridge_current_once", "a root span of the bridge that is current until it ends"),
    row("zipkin_plain", "Zipkin's JSON of a batch of 512: each span, with W1's tags"),
    row("zipkin_rich", "the same, each span with all that it can hold"),
    row("otlp_plain", "OTLP's protobuf of a batch of 512: each span, with W1's tags"),
    row("otlp_rich", "the same, each span with all that it can hold"),
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
    more("more_baggage", "a pair of baggage on the span itself", "with_baggage"),
    more("more_late_reference", "a reference that outlives the span", "with_late_reference"),
    more("more_scope", "a closure in the span (`run`)", "with_scope"),
    more("more_future", "a future in the span (`in_span`)", "with_future"),
    more("more_custom_sampler", "a sampler of one's own", "with_custom_sampler"),
    row("ref_clone_recorded", "a reference to a recorded span, cloned and dropped"),
    row("ref_clone_not", "the same of one that is not recorded"),
    row("enter_leave_not", "a span that is not recorded made current and no longer"),
    row("set_tag_handle", "a tag on a span at hand that has it"),
    row("set_tag_current", "a tag on the current span, which has it"),
    row("start_span_beneath_current", "a span beneath the current one, by the free function"),
    row("scoped_override", "a span with the no-op tracer in force in a scope, by the free function"),
];

/// The row of that name.
pub(super) fn named(name: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.name == name)
}

impl Row {
    /// What it is for one party.
    pub(super) fn cost(&self, figures: &Figures, party: &str) -> Option<Cost> {
        match self.of {
            Of::Workload => figures.cost(self.name, party).copied(),
            Of::Each(number, more, less) => {
                Some(figures.cost(more, party)?.less(figures.cost(less, party)?, number))
            }
            // Instructions are the thread's alone, and stand in the workload's own row.
            Of::Process(workload) => {
                let cost = figures.cost(workload, party)?;
                let allocations = cost.process_allocations;
                Some(Cost { instructions: None, allocations, ..*cost })
            }
        }
    }

    /// The time that is compared.
    pub(super) fn times(&self, cost: &Cost) -> Option<Times> {
        if let Of::Process(_) = self.of { cost.process } else { cost.producer }
    }
}

#[cfg(test)]
mod rules {
    use super::*;

    #[test]
    fn a_name_is_one_rows() {
        for row in ROWS {
            assert_eq!(named(row.name).map(|found| found.what), Some(row.what), "{}", row.name);
        }
    }

    #[test]
    fn rows_are_taken_from_workloads() {
        let mut figures = Figures::default();
        figures.cost_mut("w5_0", "sdk").instructions = Some(100.0);
        figures.cost_mut("w5_10", "sdk").instructions = Some(700.0);
        let w5 = named("w5").expect("it is there").cost(&figures, "sdk").expect("both are there");
        assert_eq!(w5.instructions, Some(60.0));
        figures
            .read("producer\tw1_at_start\tsdk\t1\t1\t5\t1\nprocess\tw1_at_start\tsdk\t1\t1\t8\t1")
            .expect("times");
        let whole = named("whole_process").expect("it is there");
        let cost = whole.cost(&figures, "sdk").expect("it is there");
        assert_eq!(whole.times(&cost).map(|times| times.p50), Some(8.0));
    }
}
