//! The drawings of `ConsoleRecorder`, and the times at which it draws.

#![allow(missing_docs, reason = "tests")]

mod drawings;
mod hostile;
mod sharing;
mod stage;
mod writer;
