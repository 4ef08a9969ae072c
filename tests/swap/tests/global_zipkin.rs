//! The Zipkin backend, installed for the process.

#[test]
fn library_code_works_with_zipkin_installed() {
    anytrace_swap::check_global(&anytrace_swap::Backend::zipkin());
}
