//! A recorder for [`anytrace_api`] that sends finished spans to a Zipkin server.
//!
//! [`ZipkinRecorder`] sends the spans of a [`RecordingTracer`](anytrace_recorder::RecordingTracer) as Zipkin v2 JSON over HTTP.
//! [`Encoder`] produces the JSON for other transports.
//!
//! ```no_run
//! use std::time::Duration;
//! use anytrace_api::{TracerExt, install};
//! use anytrace_recorder::RecordingTracer;
//! use anytrace_zipkin_bridge::ZipkinRecorder;
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let recorder = ZipkinRecorder::builder().endpoint("http://zipkin:9411/api/v2/spans").build()?;
//!     let tracer = RecordingTracer::builder(recorder).service("orders").build();
//!     install(tracer.clone())?;
//!     let _guard = tracer.shutdown_on_drop(Duration::from_secs(5));
//!     anytrace_api::start_span("start").run(|| println!("hello"));
//!     Ok(())
//! }
//! ```
//!
//! | feature | effect |
//! |---|---|
//! | `tls` | `https` endpoints, with Mozilla's root certificates |
//! | `opentelemetry-zipkin` | `sdk_exporter`: the deprecated Zipkin exporter of OpenTelemetry's SDK |

mod builder;
mod encoder;
mod endpoint;
mod json;
pub mod keys;
mod recorder;
#[cfg(feature = "opentelemetry-zipkin")]
mod sdk;

pub use self::{builder::ZipkinRecorderBuilder, encoder::Encoder, recorder::ZipkinRecorder};
pub use anytrace_recorder::SetupError;

#[cfg(feature = "opentelemetry-zipkin")]
pub use self::sdk::sdk_exporter;
#[cfg(feature = "opentelemetry-zipkin")]
#[allow(deprecated, reason = "for applications that depend on its format")]
pub use opentelemetry_zipkin;
