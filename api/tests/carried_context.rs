//! In a process of its own, where nothing else is in use.
#![allow(missing_docs, reason = "a test")]

use anytrace_api::{Context, FutureExt, Sampling, SpanId, SpanRef, TraceId, current_ids};

#[test]
fn a_carried_context_is_current_though_nothing_is_installed() {
    let ids = (TraceId::from_u128(1).unwrap(), SpanId::from_u64(2).unwrap());
    let caller = SpanRef::from(Context::remote(ids.0, ids.1, Sampling::Record));
    let mut future = std::pin::pin!(async { current_ids() }.in_span(caller));
    let waker = std::task::Waker::noop();
    let polled = future.as_mut().poll(&mut std::task::Context::from_waker(waker));
    assert_eq!(polled, std::task::Poll::Ready(Some(ids)));
}
