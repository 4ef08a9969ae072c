//! A recorder for [`anytrace_api`] that draws traces in a terminal, for development.
//!
//! ```
//! use std::time::Duration;
//! use anytrace_api::{self as trace, TracerExt, install};
//! use anytrace_console::ConsoleRecorder;
//! use anytrace_recorder::RecordingTracer;
//!
//! fn main() {
//!     let tracer = RecordingTracer::builder(ConsoleRecorder::new()).service("shop").build();
//!     install(tracer.clone()).expect("no other tracer is installed");
//!     let _shutdown = tracer.shutdown_on_drop(Duration::from_secs(5));
//!
//!     trace::start_span("check out").tag("items", 3).run(|| trace::start_span("charge card").finish());
//! }
//! ```
//!
//! [`ConsoleRecorder`] documents the drawing, when a trace is drawn, and how several services share one console.

// `recorder` converts finished spans into `entry`s and adds them to the `trace_buffer`. `shared` takes completed traces out
// of it, and `render` draws them: the rows of their `tree`, with a `bar` for each, in a `style`. Only `recorder` and `shared`
// read the clock, only `terminal` reads the environment, and only `output` writes.
mod bar;
mod duration;
mod entry;
mod output;
mod recorder;
mod registered_clones;
mod render;
mod shared;
mod style;
mod terminal;
mod text;
mod trace_buffer;
mod tree;

pub use self::recorder::ConsoleRecorder;
