//! Shows an application that records nothing but still propagates its callers' contexts.
//!
//! `OTEL_TRACES_EXPORTER=none` and `OTEL_SDK_DISABLED=true` have the same effect. An application that never records
//! needs only the crate `anytrace-noop`.

use std::error::Error;

use anytrace::{ExporterKind, Operation};

fn main() -> Result<(), Box<dyn Error>> {
    let tracing = anytrace::builder().exporter(ExporterKind::None).init()?;

    let incoming = [("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")];
    let visit = anytrace::join_trace(Operation::server("GET /quote"), &anytrace::extract(&incoming));
    assert!(!visit.is_recording());
    let mut outgoing = Vec::<(String, String)>::new();
    visit.run(|| {
        anytrace::inject(&mut outgoing);
        bookshop::quote(&["Emma"])
    })?;
    println!("propagated: {outgoing:?}");
    assert_eq!(outgoing, incoming.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(tracing.stats().started, 0);
    Ok(())
}
