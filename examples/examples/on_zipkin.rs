//! Shows how an application exports to Zipkin and propagates B3 headers, configured in code.

use std::{error::Error, time::Duration};

use anytrace::propagation::{B3, Composite, W3cBaggage};
use anytrace_zipkin_bridge::ZipkinRecorder;

fn main() -> Result<(), Box<dyn Error>> {
    let zipkin = ZipkinRecorder::builder()
        .endpoint(ZipkinRecorder::ENDPOINT)
        .local_address(([127, 0, 0, 1], 8080).into())
        .timeout(Duration::from_secs(2))
        .build()?;
    // Dropping the guard at the end of `main` reports spans that were not delivered.
    let _tracing = anytrace::builder()
        .service("shop")
        .propagator(Composite::new([B3::single()]).and(W3cBaggage))
        .recorder(zipkin)
        .shutdown_timeout(Duration::from_secs(3))
        .on_dropped_spans(|dropped| eprintln!("spans were not exported: {dropped}"))
        .init()?;

    let mut headers = Vec::<(String, String)>::new();
    let visit = anytrace::start_span("shop.visit");
    visit.inject(&mut headers);
    assert_eq!(headers[0].0, "b3");
    visit.run(|| bookshop::quote(&["Emma"]))?;
    Ok(())
}
