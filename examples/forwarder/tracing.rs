//! The tracer.

use std::{env, time::Instant};

use anytrace::{Batch, Delivery, InitError, Recorder, Tracing};

/// As the environment says, where it says something.
pub(crate) fn start() -> Result<Tracing, InitError> {
    let builder = anytrace::builder().service("forwarder").variables(|name| {
        let said = env::var(name).ok().filter(|value| !value.is_empty());
        said.or_else(|| (name == "OTEL_TRACES_SAMPLER").then(|| "always_on".to_owned()))
    });
    match env::var_os("OTEL_TRACES_EXPORTER") {
        Some(name) if !name.is_empty() => builder.build(),
        _ => builder.recorder(Nowhere).build(),
    }
}

/// Spans are made, so that each request has its own, and kept by nobody.
struct Nowhere;

impl Recorder for Nowhere {
    fn record(&mut self, batch: Batch<'_>, _: Instant) -> Delivery {
        Delivery::all(batch.spans.len())
    }
}
