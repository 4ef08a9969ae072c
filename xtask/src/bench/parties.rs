//! Who does the workloads.

use super::programs::OURS;

/// Their names in the programs' words and for readers, in the order of the tables' lines.
const PARTIES: &[(&str, &str)] = &[
    (OURS, "**anytrace**"),
    ("otel_noop", "OpenTelemetry, no provider"),
    ("otel_off", "OpenTelemetry SDK, always off"),
    ("otel_sdk", "OpenTelemetry SDK, batch"),
    ("otel_zipkin", "opentelemetry-zipkin"),
    ("otel_otlp", "opentelemetry-otlp, to its message"),
    ("tracing_none", "tracing, no subscriber"),
    ("tracing_otel", "tracing-opentelemetry"),
    ("fastrace_off", "fastrace, no parent"),
    ("fastrace", "fastrace `Span`"),
    ("fastrace_local", "fastrace `LocalSpan`"),
    ("rustracing_null", "rustracing, null sampler"),
    ("rustracing", "rustracing, all sampler"),
];

/// All but ours.
pub(super) fn peers() -> impl Iterator<Item = &'static str> {
    PARTIES.iter().map(|(party, _)| *party).filter(|party| *party != OURS)
}

/// The name for readers.
pub(super) fn title(party: &str) -> &str {
    PARTIES.iter().find(|(name, _)| *name == party).map_or(party, |(_, title)| *title)
}
