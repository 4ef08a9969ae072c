//! What the console draws, and when.

#![allow(missing_docs, reason = "tests")]

mod drawings;
mod hostile;
mod sharing;
mod stage;
mod writer;
