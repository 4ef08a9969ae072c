//! What an application does: it chooses a back end at its start, names itself, and shuts down at its end. The library
//! that it uses knows nothing of that.

use std::{error::Error, time::Duration};

use anytrace_api::{self as trace, TracerExt, install};
use anytrace_recorder::{ConsoleRecorder, RecordingTracer, Resource};

fn main() -> Result<(), Box<dyn Error>> {
    let service = Resource::new("shop")
        .with("service.version", env!("CARGO_PKG_VERSION"))
        .with("deployment.environment.name", "development");
    let tracer = RecordingTracer::builder(ConsoleRecorder::new()).resource(service).build();
    install(tracer.clone())?;
    let running = tracer.clone().shutdown_on_drop(Duration::from_secs(5));

    let total = trace::start_span("shop.visit").run(|| bookshop::quote(&["Emma", "Middlemarch"]))?;
    println!("to pay: {total}");

    // The drop would do it too, but cannot say how it went.
    let flushed = running.shutdown();
    println!("spans: {flushed}");
    println!("stats: {}", tracer.stats());
    assert_eq!((total, flushed.delivered, tracer.stats().dropped.total()), (23, 4, 0));
    Ok(flushed.result?)
}
