//! The optional trait of backends that have a context of their own.

use std::{any::Any, num::NonZeroU64};

use super::reference::SpanRef;
use crate::model::Context;

/// A backend's own notion of the current span, such as OpenTelemetry's `Context`.
///
/// Most backends have none and implement nothing. A backend that has one returns this trait from
/// [`Tracer::native_context`](crate::backend::Tracer::native_context) and from
/// [`Span::native_context`](crate::backend::Span::native_context): spans of this API and spans that are made with the
/// backend's own API then nest in one another, and each sees the other as its parent.
///
/// All methods act on the calling thread. They may not panic, and they may not call into this crate while they hold a
/// lock.
///
/// ```
/// use anytrace_api::{Context, SpanRef, backend::{AttachToken, NativeContext}};
/// use std::{cell::Cell, num::NonZeroU64};
///
/// thread_local!(static ATTACHED: Cell<u64> = const { Cell::new(0) });
///
/// /// Counts how many spans are attached on this thread.
/// struct Depth;
///
/// impl NativeContext for Depth {
///     fn current(&self) -> Option<SpanRef> {
///         None
///     }
///     fn attach(&self, _: &Context) -> Option<AttachToken> {
///         ATTACHED.set(ATTACHED.get() + 1);
///         NonZeroU64::new(ATTACHED.get()).map(AttachToken::new)
///     }
///     fn detach(&self, _: AttachToken) {
///         ATTACHED.set(ATTACHED.get() - 1);
///     }
/// }
///
/// let token = Depth.attach(&Context::EMPTY).unwrap();
/// Depth.detach(token);
/// assert_eq!(ATTACHED.get(), 0);
/// ```
pub trait NativeContext: Send + Sync {
    /// Returns the span that is current in the native context. Dropping the reference does not end that span.
    fn current(&self) -> Option<SpanRef>;

    /// Undoes [`attach`](Self::attach) or [`suppress`](Self::suppress): called once for each token, on the thread that
    /// got the token, in any order.
    fn detach(&self, token: AttachToken);

    /// Makes the span current in the native context. Called on the native context of a span, with that span's
    /// `context`. `None` means that the span could not be attached; nothing is detached then.
    fn attach(&self, context: &Context) -> Option<AttachToken> {
        let _ = context;
        None
    }

    /// Suppresses tracing in the native context. Called on the native context of a tracer. `None` means that the native
    /// context cannot suppress; nothing is detached then.
    fn suppress(&self) -> Option<AttachToken> {
        None
    }

    /// Returns true if another span has become current in the native context since `token` was returned, so that the
    /// caller asks [`current`](Self::current) for it.
    fn changed_since(&self, token: AttachToken) -> bool {
        let _ = token;
        false
    }

    /// Returns the backend's own form of `context`, for code that knows the backend. Called on the native context of a
    /// span.
    fn value(&self, context: &Context) -> Option<Box<dyn Any>> {
        let _ = context;
        None
    }
}

/// Identifies one attachment to a [`NativeContext`], so that it can be detached.
///
/// The backend chooses the number.
///
/// ```
/// use anytrace_api::backend::AttachToken;
/// use std::num::NonZeroU64;
///
/// let token = AttachToken::new(NonZeroU64::MIN);
/// assert_eq!(token.number(), NonZeroU64::MIN);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttachToken(NonZeroU64);

impl AttachToken {
    /// Creates a token from a number of the backend's choice.
    #[inline]
    pub const fn new(number: NonZeroU64) -> Self {
        AttachToken(number)
    }

    /// Returns the number that the token was created from.
    #[inline]
    pub const fn number(self) -> NonZeroU64 {
        self.0
    }
}
