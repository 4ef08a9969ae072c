//! The backends of the demo. To add one, add a file here and a line to [`ALL`].

mod console;
mod network;
mod noop;

use std::io;

use anytrace::{Context, ExporterKind, InitError, TracerHandle};

/// Creates a backend.
pub(crate) type Start = fn() -> Box<dyn Backend>;

/// The backends by name. Default: the first.
pub(crate) const ALL: &[(&str, Start)] = &[
    ("console", || Box::new(console::Console::new())),
    ("otlp", || Box::new(network::Network::new(ExporterKind::Otlp))),
    ("zipkin", || Box::new(network::Network::new(ExporterKind::Zipkin))),
    ("noop", || Box::new(noop::Noop::new())),
];

/// The part of the demo that depends on the backend.
pub(crate) trait Backend {
    /// Creates the tracer of one service.
    fn tracer(&mut self, service: &'static str) -> Result<TracerHandle, InitError>;

    /// Returns the context that the caller of the next request sends. Default: empty.
    fn caller(&mut self) -> Context {
        Context::default()
    }

    /// Prints the summary of a response and the id of its trace.
    fn print_response(&self, line: &str, trace: &str) -> io::Result<()>;

    /// Shuts the tracers down and prints their statistics. Returns false if a span was dropped.
    fn finish(self: Box<Self>) -> io::Result<bool>;
}
