//! A tracer of OpenTelemetry's, installed for the process.

#[test]
fn library_code_works_with_otel_provider_installed() {
    anytrace_swap::check_global(&anytrace_swap::Backend::otel_provider());
}
