//! An application that records nothing, and does not break the traces that go through it: what a caller sends along
//! reaches whatever this process calls. The same comes from `OTEL_TRACES_EXPORTER=none` and `OTEL_SDK_DISABLED=true`;
//! an application that will never record needs the crate `anytrace-noop` alone.

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
    println!("sent on: {outgoing:?}");
    assert_eq!(outgoing, incoming.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(tracing.stats().started, 0);
    Ok(())
}
