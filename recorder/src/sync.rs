//! The locks that the hand-over is made of: the model checker swaps this file.

pub(crate) use parking_lot::Mutex;
