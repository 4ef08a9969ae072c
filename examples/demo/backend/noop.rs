//! Nothing is recorded, and everything works.

use anytrace_api::TracerHandle;
use anytrace_noop::NoopTracer;

use super::Backend;

pub(super) struct Noop;

impl Backend for Noop {
    fn tracer(&mut self, _: &'static str) -> TracerHandle {
        TracerHandle::new(NoopTracer::new())
    }

    fn finish(self: Box<Self>) -> bool {
        println!("nothing was recorded: the noop backend only carries contexts onwards");
        true
    }
}
