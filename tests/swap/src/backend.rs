//! The back ends that are swapped.

use anytrace_api::TracerHandle;
use anytrace_noop::NoopTracer;
use anytrace_recorder::MockTracer;

/// A back end under test.
pub struct Backend {
    /// What failures call it.
    pub name: &'static str,
    /// The tracer.
    pub tracer: TracerHandle,
    tree: Option<Box<dyn Fn() -> String>>,
}

/// A fresh one of each back end. The only list of them: a new one is added here.
pub fn backends() -> Vec<Backend> {
    vec![Backend::noop(), Backend::memory()]
}

impl Backend {
    /// Records nothing.
    pub fn noop() -> Self {
        Backend { name: "noop", tracer: TracerHandle::new(NoopTracer::new()), tree: None }
    }

    /// The reference tracer with its memory recorder.
    pub fn memory() -> Self {
        let mock = MockTracer::new();
        let tracer = mock.handle();
        Backend { name: "memory", tracer, tree: Some(Box::new(move || mock.tree())) }
    }

    /// What it has recorded, as [`MockTracer::tree`] writes it; none where it records nothing.
    pub fn tree(&self) -> Option<String> {
        self.tree.as_ref().map(|tree| tree())
    }
}

impl std::fmt::Debug for Backend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Backend").field("name", &self.name).finish_non_exhaustive()
    }
}
