//! The tracer keeps the rules: one call, and what it cannot is said.

use anytrace_api::{TraceContext, TracerHandle};
use anytrace_conformance::{Capabilities, Capability, Recorded, Said, Subject, check};
use anytrace_example_tracer::{Finished, ListTracer};

const CAN: Capabilities = Capabilities::NONE.with(&[
    Capability::Recording,
    Capability::Propagation,
    Capability::BaggagePropagation,
    Capability::SampledFlag,
    Capability::ParentSampling,
    Capability::Tags,
    Capability::ReplacedTags,
    Capability::Renaming,
]);

#[test]
fn the_list_tracer_conforms() {
    let report = check("list", CAN, || {
        let tracer = ListTracer::default();
        let handle = TracerHandle::new(tracer.clone());
        Subject::new(handle, move || tracer.finished().into_iter().map(recorded).collect())
    });
    println!("{report}");
    report.assert_held();
}

fn recorded(span: Finished) -> Recorded {
    let (trace_id, span_id) = span.context.context().ids().expect("it has both");
    let mut recorded = Recorded::new(span.name, trace_id, span_id);
    recorded.parent = span.parent;
    recorded.tags = span.tags.into_iter().map(|(key, value)| (key, Said::Text(value))).collect();
    recorded
}
