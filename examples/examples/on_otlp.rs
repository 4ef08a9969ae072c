//! Shows how an application exports over OTLP, to the OpenTelemetry Collector, Jaeger, Tempo and others.
//!
//! With the feature `otlp-grpc`, `OTEL_EXPORTER_OTLP_PROTOCOL=grpc` selects gRPC. To configure everything in code, pass
//! an `anytrace_otlp::OtlpRecorder` to `recorder` of the builder.

use std::{error::Error, time::Duration};

use anytrace::ExporterKind;

fn main() -> Result<(), Box<dyn Error>> {
    // Default endpoint: http://localhost:4318. OTEL_EXPORTER_OTLP_ENDPOINT overrides it.
    let tracing = anytrace::builder().service("shop").exporter(ExporterKind::Otlp).init()?;

    anytrace::start_span("shop.visit").run(|| bookshop::quote(&["Emma"]))?;

    // An explicit shutdown returns the result; the guard then prints nothing when it is dropped.
    let flushed = tracing.shutdown(Duration::from_secs(5));
    if let Err(error) = flushed.result {
        eprintln!("spans were not exported: {error}");
    }
    println!("stats: {}", tracing.stats());
    Ok(())
}
