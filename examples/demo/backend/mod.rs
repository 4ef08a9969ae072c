//! The back ends, and all that the demo wants of one. A new one is a file here and a line in [`ALL`].

mod console;
mod noop;

use std::io;

use anytrace_api::TracerHandle;

/// Makes a back end.
pub(crate) type Start = fn() -> Box<dyn Backend>;

/// By name; the first is the default.
pub(crate) const ALL: &[(&str, Start)] =
    &[("console", || Box::new(console::Console::new())), ("noop", || Box::new(noop::Noop))];

pub(crate) trait Backend {
    /// A tracer for one service.
    fn tracer(&mut self, service: &'static str) -> TracerHandle;

    /// Nothing more is traced: shows what there is to show. False if a span was lost.
    fn finish(self: Box<Self>) -> io::Result<bool>;
}
