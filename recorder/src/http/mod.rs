//! An HTTP client for recorders that send spans to a server: feature `http`.
//!
//! An [`HttpClient`] sends POST requests to one endpoint from the reporter thread, and follows the rules for recorders:
//!
//! * One deadline covers the whole exchange, from name resolution to the last byte of the response.
//! * The client follows no redirects and ignores proxy variables, so that spans reach only the configured server.
//! * The client limits the size of a response, and does not decompress it.
//! * Error messages and `Debug` output contain no headers and no password of an endpoint.
//! * Each [`HttpError`] has a [`DropReason`](anytrace_api::flush::DropReason), and the response if a retry depends on it.
//!
//! The client sends a request again in one case only: the server closed a reused connection before it responded. The server
//! receives that request twice if it had read the first one.
//!
//! ```
//! use std::time::{Duration, Instant};
//! use anytrace_recorder::{Batch, Delivery, Recorder, SetupError, http::HttpClient};
//!
//! /// Sends the names of spans, one per line.
//! struct Names(HttpClient);
//!
//! impl Recorder for Names {
//!     fn record(&mut self, batch: Batch<'_>, deadline: Instant) -> Delivery {
//!         let names: String = batch.spans.iter().map(|span| format!("{}\n", span.name())).collect();
//!         match self.0.post(names.as_bytes(), deadline.min(Instant::now() + Duration::from_secs(10))) {
//!             Ok(_) => Delivery::all(batch.spans.len()),
//!             Err(error) => Delivery::default().dropped(error.reason(), batch.spans.len()).failed(error),
//!         }
//!     }
//! }
//!
//! # fn main() -> Result<(), SetupError> {
//! let names = Names(HttpClient::builder("http://127.0.0.1:1/names", "text/plain").build()?);
//! # use anytrace_api::{TracerExt, flush::DropReason};
//! # let tracer = anytrace_recorder::RecordingTracer::builder(names).without_thread().build();
//! # tracer.start_trace("load").finish();
//! # let flushed = tracer.flush_blocking(Duration::from_secs(60));
//! # assert_eq!(flushed.dropped.of(DropReason::Unreachable), 1);
//! # Ok(())
//! # }
//! ```

mod builder;
mod client;
mod error;
mod response;

pub use self::{builder::HttpClientBuilder, client::HttpClient, error::HttpError, response::HttpResponse};
