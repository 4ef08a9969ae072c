//! The memory backend, installed for the process.

#[test]
fn library_code_works_with_memory_installed() {
    anytrace_swap::check_global(&anytrace_swap::Backend::memory());
}
