//! A case at work.

#[cfg(feature = "peers")]
use std::{cell::RefCell, rc::Rc};

/// A case that is set up.
pub(crate) struct Running {
    prepare: Box<dyn FnMut(u64)>,
    run: Box<dyn FnMut(u64)>,
    settle: Box<dyn FnMut(u64)>,
}

impl Running {
    /// What does a workload so many times, and finishes no spans.
    pub(crate) fn new(run: impl FnMut(u64) + 'static) -> Self {
        Running { prepare: Box::new(|_| {}), run: Box::new(run), settle: Box::new(|_| {}) }
    }

    /// What uses something up in each repeat, which is made beforehand and is not part of the workload.
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

    /// With what carries the finished spans off, and fails unless they were so many.
    pub(crate) fn settled(self, settle: impl FnMut(u64) + 'static) -> Self {
        Running { settle: Box::new(settle), ..self }
    }

    /// Gets ready for so many times, before anything is measured.
    pub(crate) fn prepare(&mut self, repeats: u64) {
        (self.prepare)(repeats);
    }

    /// Does the workload so many times, for which it is ready.
    pub(crate) fn run(&mut self, repeats: u64) {
        (self.run)(repeats);
    }

    /// Carries off what was finished since the last time: so many spans.
    pub(crate) fn settle(&mut self, spans: u64) {
        (self.settle)(spans);
    }
}
