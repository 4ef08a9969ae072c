//! Tests of the suite: every backend of this project passes, and every deliberately defective tracer fails.

mod backends;
mod broken;
mod matrix;
mod subjects;
mod terminal;
