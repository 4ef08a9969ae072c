//! What the console draws, and when.

#![cfg(feature = "console")]
#![allow(missing_docs, reason = "tests")]

mod drawings;
mod hostile;
mod sharing;
mod stage;
mod writer;
