//! What an application does: it sets tracing up at its start, and shuts it down at its end. Where the spans go is for
//! whoever starts it to say: `OTEL_TRACES_EXPORTER=console` draws them, and if nothing is said an OTLP server gets them.
//! The library that it uses knows nothing of that.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    // What code says comes before the environment. `anytrace::init()` leaves all to the environment.
    let tracing = anytrace::builder()
        .service("shop")
        .version(env!("CARGO_PKG_VERSION"))
        .environment("development")
        .init()?;

    let total = anytrace::start_span("shop.visit").run(|| bookshop::quote(&["Emma", "Middlemarch"]))?;
    println!("to pay: {total}");
    assert_eq!(total, 23);
    println!("so far: {}", tracing.stats());

    // Here the guard is dropped: what waits is delivered. If nobody is there to get it, a line on standard error says
    // how many spans were not, and why; the application has worked all the same.
    Ok(())
}
