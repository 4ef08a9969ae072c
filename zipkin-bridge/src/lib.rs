//! Zipkin as a place where finished spans go: [`ZipkinRecorder`] is a [`Recorder`](anytrace_recorder::Recorder) for
//! [`RecordingTracer`](anytrace_recorder::RecordingTracer), which sends them as Zipkin v2 JSON over HTTP. [`Encoder`]
//! makes the JSON alone, for other ways to get there.
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
//! | feature | what it adds |
//! |---|---|
//! | `tls` | endpoints of `https`, trusted by the roots of Mozilla |
//! | `opentelemetry-zipkin` | `sdk_exporter`: the deprecated exporter of OpenTelemetry's SDK, with its faults |

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
#[allow(deprecated, reason = "it is for those who must keep it")]
pub use opentelemetry_zipkin;
