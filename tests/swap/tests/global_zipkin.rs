//! The reference tracer with a Zipkin recorder as the global tracer.

#[test]
fn library_code_works_with_zipkin_installed() {
    anytrace_swap::check_global(&anytrace_swap::Backend::zipkin());
}
