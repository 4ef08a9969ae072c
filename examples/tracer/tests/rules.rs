//! The tracer keeps the rules: one call, and what it cannot is said.

use anytrace_api::TracerHandle;
use anytrace_conformance::{Capabilities, Capability, RecordedSpan, Subject, check};
use anytrace_example_tracer::{Finished, ListTracer};

const CAN: Capabilities = Capabilities::NONE.with(&[
    Capability::Recording,
    Capability::Propagation,
    Capability::BaggagePropagation,
    Capability::TraceStatePropagation,
    Capability::SampledFlag,
    Capability::ParentSampling,
]);

#[test]
fn the_list_tracer_conforms() {
    let report = check("list", CAN, || {
        let tracer = ListTracer::default();
        Subject::new(TracerHandle::new(tracer.clone()), move || {
            tracer.finished().into_iter().map(recorded).collect()
        })
    });
    println!("{report}");
    report.assert_passed();
}

fn recorded((context, parent, name): Finished) -> RecordedSpan {
    let (trace_id, span_id) = context.ids().expect("it has both");
    let mut recorded = RecordedSpan::new(name, trace_id, span_id);
    recorded.parent = parent;
    recorded
}
