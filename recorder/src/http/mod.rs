//! How recorders post what they have to a server: feature `http`.
//!
//! A [`Client`] posts to one endpoint, from the reporter's thread. What is promised of recorders is kept by it:
//!
//! * one deadline holds for the whole exchange, from looking up the name to the last byte of the answer;
//! * redirects are not followed and proxies of the environment are not asked: what is sent goes where it was sent;
//! * answers are read up to a limit and never unpacked;
//! * headers, and the password of an endpoint, are not shown anywhere;
//! * each [`Failure`] has one of the few reasons of [`Loss`](crate::Loss), and says what a retry has to know.
//!
//! Nothing is sent again, but for one case: a server may close a connection between two messages, which shows only when
//! the next is sent. That one is sent a second time, which duplicates it where the server did read it.
//!
//! ```
//! use std::time::{Duration, Instant};
//! use anytrace_recorder::{Batch, Delivery, Recorder, SetupError, http::Client};
//!
//! /// Posts the names of spans, one a line.
//! struct Names(Client);
//!
//! impl Recorder for Names {
//!     fn record(&mut self, batch: Batch<'_>, deadline: Instant) -> Delivery {
//!         let names: String = batch.spans.iter().map(|span| format!("{}\n", span.name())).collect();
//!         match self.0.post(names.as_bytes(), deadline.min(Instant::now() + Duration::from_secs(10))) {
//!             Ok(_) => Delivery::all(batch.spans.len()),
//!             Err(failure) => Delivery::default()
//!                 .dropped(failure.loss().as_str(), batch.spans.len())
//!                 .failed(failure.to_string()),
//!         }
//!     }
//! }
//!
//! # fn main() -> Result<(), SetupError> {
//! let names = Names(Client::builder("http://127.0.0.1:1/names", "text/plain").build()?);
//! # use anytrace_api::TracerExt;
//! # let tracer = anytrace_recorder::RecordingTracer::builder(names).without_thread().build();
//! # tracer.start_trace("load").finish();
//! # let flushed = tracer.flush_blocking(Duration::from_secs(60));
//! # assert_eq!(flushed.dropped.of("unreachable"), 1);
//! # Ok(())
//! # }
//! ```

mod answer;
mod builder;
mod client;
mod failure;

pub use self::{answer::Answer, builder::Builder, client::Client, failure::Failure};
