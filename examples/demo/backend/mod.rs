//! The backends, and all that the demo wants of one. A new one is a file here and a line in [`ALL`].

mod console;
mod network;
mod noop;

use std::io;

use anytrace::{Context, ExporterKind, InitError, TracerHandle};

/// Makes a backend.
pub(crate) type Start = fn() -> Box<dyn Backend>;

/// By name; the first is the default.
pub(crate) const ALL: &[(&str, Start)] = &[
    ("console", || Box::new(console::Console::new())),
    ("otlp", || Box::new(network::Network::new(ExporterKind::Otlp))),
    ("zipkin", || Box::new(network::Network::new(ExporterKind::Zipkin))),
    ("noop", || Box::new(noop::Noop::new())),
];

pub(crate) trait Backend {
    /// A tracer for one service.
    fn tracer(&mut self, service: &'static str) -> Result<TracerHandle, InitError>;

    /// What the caller of the next request sends along, for a backend that starts no traces of its own.
    fn caller(&mut self) -> Context {
        Context::default()
    }

    /// A request was answered, as `line` says, and `trace` is the trace that the answer names.
    fn answered(&self, line: &str, trace: &str) -> io::Result<()>;

    /// Nothing more is traced: shows what there is to show. False if a span was lost.
    fn finish(self: Box<Self>) -> io::Result<bool>;
}
