//! The parties that run the workloads.

use super::programs::ANYTRACE;

/// Names in the programs' output and in the tables, in the order of the tables.
const PARTIES: &[(&str, &str)] = &[
    (ANYTRACE, "**anytrace**"),
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

/// Returns all parties but anytrace.
pub(super) fn peers() -> impl Iterator<Item = &'static str> {
    PARTIES.iter().map(|(party, _)| *party).filter(|party| *party != ANYTRACE)
}

/// Returns the name in the tables.
pub(super) fn title(party: &str) -> &str {
    PARTIES.iter().find(|(name, _)| *name == party).map_or(party, |(_, title)| *title)
}
