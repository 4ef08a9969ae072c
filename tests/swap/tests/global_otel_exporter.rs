//! The reference tracer with an OpenTelemetry exporter as the global tracer.

#[test]
fn library_code_works_with_otel_exporter_installed() {
    anytrace_swap::check_global(&anytrace_swap::Backend::otel_exporter());
}
