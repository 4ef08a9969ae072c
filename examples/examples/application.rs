//! Shows how an application sets up tracing at its start and shuts it down at its end.
//!
//! The environment decides where the spans go: `OTEL_TRACES_EXPORTER=console` prints them, and the default is an OTLP
//! server. The library used here depends on the API alone.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    // Settings made in code override the environment. `anytrace::init()` uses the environment alone.
    let tracing = anytrace::builder()
        .service("shop")
        .version(env!("CARGO_PKG_VERSION"))
        .environment("development")
        .init()?;

    let total = anytrace::start_span("shop.visit").run(|| bookshop::quote(&["Emma", "Middlemarch"]))?;
    println!("to pay: {total}");
    assert_eq!(total, 23);
    println!("spans so far: {}", tracing.stats());

    // Dropping the guard exports the queued spans. If the server cannot be reached, one line on standard error says how
    // many spans were dropped and why. The application itself is not affected.
    Ok(())
}
