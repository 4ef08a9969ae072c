//! The list tracer passes the conformance suite with the capabilities that it claims.

use anytrace_api::TracerHandle;
use anytrace_conformance::{Capabilities, Capability, RecordedSpan, RecordedValue, Subject, check};
use anytrace_example_tracer::{ListTracer, ListedSpan};

const CAPABILITIES: Capabilities = Capabilities::NONE.with(&[
    Capability::Recording,
    Capability::Propagation,
    Capability::BaggagePropagation,
    Capability::TraceStatePropagation,
    Capability::SampledFlag,
    Capability::ParentSampling,
    Capability::Tags,
    Capability::ReplacedTags,
]);

#[test]
fn the_list_tracer_conforms() {
    let report = check("list", CAPABILITIES, || {
        let tracer = ListTracer::default();
        Subject::new(TracerHandle::new(tracer.clone()), move || {
            tracer.finished().into_iter().map(recorded).collect()
        })
    });
    println!("{report}");
    report.assert_passed();
}

fn recorded(span: ListedSpan) -> RecordedSpan {
    let (trace_id, span_id) = span.context.ids().expect("recorded spans have ids");
    let mut recorded = RecordedSpan::new(span.name, trace_id, span_id);
    recorded.parent = span.parent;
    recorded.tags = span.tags.into_iter().map(|(key, value)| (key, RecordedValue::Text(value))).collect();
    recorded
}
