//! An exporter of OpenTelemetry's, installed for the process.

#[test]
fn library_code_works_with_otel_exporter_installed() {
    anytrace_swap::check_global(&anytrace_swap::Backend::otel_exporter());
}
