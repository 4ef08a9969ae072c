//! The memory backend as the global tracer.

#[test]
fn library_code_works_with_memory_installed() {
    anytrace_swap::check_global(&anytrace_swap::Backend::memory());
}
