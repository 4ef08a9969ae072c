//! An application on OTLP: OpenTelemetry's collector, Jaeger, Tempo, and every tracing system of today.
//!
//! With the feature `otlp-grpc` it is `OTEL_EXPORTER_OTLP_PROTOCOL=grpc` that makes it gRPC. If the whole of it is to be
//! in code, the recorder is: `anytrace_otlp::OtlpRecorder`, by `Builder::recorder`.

use std::{error::Error, time::Duration};

use anytrace::ExporterKind;

fn main() -> Result<(), Box<dyn Error>> {
    // To http://localhost:4318, or wherever OTEL_EXPORTER_OTLP_ENDPOINT says.
    let tracing = anytrace::builder().service("shop").exporter(ExporterKind::Otlp).init()?;

    anytrace::start_span("shop.visit").run(|| bookshop::quote(&["Emma"]))?;

    // Whoever asks is told how it went, and nothing is said again at the end.
    let flushed = tracing.shutdown(Duration::from_secs(5));
    if let Err(error) = flushed.result {
        eprintln!("the visit goes on without its trace: {error}");
    }
    println!("stats: {}", tracing.stats());
    Ok(())
}
