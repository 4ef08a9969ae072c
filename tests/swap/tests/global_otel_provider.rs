//! A tracer on an OpenTelemetry provider as the global tracer.

#[test]
fn library_code_works_with_otel_provider_installed() {
    anytrace_swap::check_global(&anytrace_swap::Backend::otel_provider());
}
