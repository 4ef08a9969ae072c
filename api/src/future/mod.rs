//! Futures in whose polls something is current.

mod ext;
mod in_span;
#[cfg(feature = "stream")]
mod stream;

pub use self::{
    ext::FutureExt,
    in_span::{InSpan, InSpanThen},
};
