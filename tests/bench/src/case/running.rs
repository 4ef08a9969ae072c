//! A case that has been set up.

#[cfg(feature = "peers")]
use std::{cell::RefCell, rc::Rc};

/// The closures of a case.
pub(crate) struct Running {
    prepare: Box<dyn FnMut(u64)>,
    run: Box<dyn FnMut(u64)>,
    export: Box<dyn FnMut(u64)>,
}

impl Running {
    /// Takes a closure that runs the workload a number of times and finishes no spans.
    pub(crate) fn new(run: impl FnMut(u64) + 'static) -> Self {
        Running { prepare: Box::new(|_| {}), run: Box::new(run), export: Box::new(|_| {}) }
    }

    /// Takes a closure that consumes one input in each repeat. `make` creates the inputs beforehand, so that they are
    /// not part of the workload.
    #[cfg(feature = "peers")]
    pub(crate) fn supplied<T: 'static>(
        mut make: impl FnMut() -> T + 'static,
        mut run: impl FnMut(&mut Vec<T>, u64) + 'static,
    ) -> Self {
        let supply = Rc::new(RefCell::new(Vec::new()));
        let ready = supply.clone();
        let prepare = move |repeats| supply.borrow_mut().extend((0..repeats).map(|_| make()));
        let running = Running::new(move |repeats| run(&mut ready.borrow_mut(), repeats));
        Running { prepare: Box::new(prepare), ..running }
    }

    /// Adds a closure that exports finished spans, and panics unless their number is as expected.
    pub(crate) fn exporting(self, export: impl FnMut(u64) + 'static) -> Self {
        Running { export: Box::new(export), ..self }
    }

    /// Prepares inputs for a number of repeats. This is not measured.
    pub(crate) fn prepare(&mut self, repeats: u64) {
        (self.prepare)(repeats);
    }

    /// Runs the workload a number of times, for which it was prepared.
    pub(crate) fn run(&mut self, repeats: u64) {
        (self.run)(repeats);
    }

    /// Exports the spans finished since the last call. Their number must be `spans`.
    pub(crate) fn export(&mut self, spans: u64) {
        (self.export)(spans);
    }
}
