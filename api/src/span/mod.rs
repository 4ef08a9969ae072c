//! Spans: what a backend implements, and what callers hold.

mod end;
pub(crate) mod live;
mod reference;
mod started;

pub(crate) use self::reference::record_error_on;
pub use self::{
    end::{End, EndReason},
    live::{Entered, Native, Span, Unsupported, Update, unsupported_updates},
    reference::SpanRef,
    started::StartedSpan,
};
