//! The precedence of settings: code, environment and `OTEL_SDK_DISABLED`.

use std::collections::HashMap;

use anytrace::{
    ExporterKind, MemoryRecorder, Sampler, TraceContext, TracerExt, Tracing, TracingBuilder, propagation::B3,
};

/// Returns a builder with only these variables.
fn with(variables: &[(&'static str, &'static str)]) -> TracingBuilder {
    let variables: HashMap<_, _> = variables.iter().copied().collect();
    anytrace::builder().variables(move |name| variables.get(name).map(|value| (*value).to_owned()))
}

fn headers(tracing: &Tracing) -> Vec<String> {
    let caller = [("traceparent", "00-000000000000000000000000000000aa-0000000000000001-01")];
    let tracer = tracing.tracer();
    let mut headers = HashMap::<String, String>::new();
    let context = anytrace::propagation::Extracted::read(&anytrace::propagation::W3C, &caller).into_context();
    tracer.inject(tracer.join_trace("call", &context).context(), &mut headers);
    let mut names: Vec<_> = headers.into_keys().collect();
    names.sort();
    names
}

const BAD: [(&str, &str); 5] = [
    ("OTEL_TRACES_EXPORTER", "paper"),
    ("OTEL_TRACES_SAMPLER", "paper"),
    ("OTEL_PROPAGATORS", "paper"),
    ("OTEL_ATTRIBUTE_COUNT_LIMIT", "paper"),
    ("OTEL_SERVICE_NAME", "paper"),
];

#[test]
fn settings_in_code_override_the_environment() {
    let memory = MemoryRecorder::new();
    let tracing = with(&BAD)
        .service("orders")
        .sampler(Sampler::always())
        .propagator(B3::single())
        .limits(anytrace::Limits::default())
        .recorder(memory.clone())
        .build()
        .unwrap();
    assert_eq!(headers(&tracing), ["b3"]);
    assert!(tracing.shutdown(std::time::Duration::from_secs(60)).result.is_ok());
    assert_eq!(memory.spans().len(), 1);
}

#[test]
fn other_settings_come_from_the_environment() {
    for (name, _) in &BAD[..4] {
        let builder = with(&[(name, "paper")]);
        let asked = *name == "OTEL_TRACES_EXPORTER";
        let builder = if asked { builder } else { builder.recorder(MemoryRecorder::new()) };
        let error = builder.build().unwrap_err();
        assert_eq!(error.variable(), Some(*name), "{error}");
    }
    let tracing = with(&[("OTEL_PROPAGATORS", "b3multi"), ("OTEL_TRACES_SAMPLER", "always_off")])
        .recorder(MemoryRecorder::new())
        .build()
        .unwrap();
    assert!(headers(&tracing).contains(&"x-b3-traceid".to_owned()));
    assert_eq!(tracing.stats().started, 0);
}

#[test]
fn the_operator_can_turn_off_tracing_set_up_in_code() {
    let off = [("OTEL_SDK_DISABLED", "true"), ("OTEL_TRACES_SAMPLER", "paper"), ("OTEL_PROPAGATORS", "b3")];
    let memory = MemoryRecorder::new();
    let tracing = with(&off).recorder(memory.clone()).build().unwrap();
    assert_eq!(
        headers(&tracing),
        ["b3"],
        "the caller's context is carried on, in the formats that are asked for"
    );
    let flushed = tracing.shutdown(std::time::Duration::from_secs(60));
    assert_eq!((flushed.result, tracing.stats()), (Ok(()), anytrace::Stats::default()));
    assert_eq!(memory.spans().len(), 0);
}

#[test]
fn without_an_exporter_contexts_are_propagated() {
    for tracing in
        [with(&[("OTEL_TRACES_EXPORTER", "none")]).build(), with(&[]).exporter(ExporterKind::None).build()]
    {
        let tracing = tracing.unwrap();
        assert_eq!(headers(&tracing), ["traceparent"]);
        assert!(!tracing.tracer().start_trace("nobody sees it").is_recording());
        assert_eq!(tracing.stats(), anytrace::Stats::default());
    }
}

#[test]
fn tune_overrides_other_settings() {
    let tracing = with(&[("OTEL_BSP_MAX_QUEUE_SIZE", "1")])
        .recorder(MemoryRecorder::new())
        .on_dropped_spans(|_| {})
        .tune(|tracer| tracer.max_queued_spans(2).without_thread())
        .build()
        .unwrap();
    for _ in 0..3 {
        TracerExt::start_trace(tracing.tracer(), "x").finish();
    }
    assert_eq!((tracing.stats().queued, tracing.stats().dropped.of("queue full")), (2, 1));
}
