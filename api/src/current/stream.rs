//! A stream in a span: it ends with the stream, or as cancelled when that is dropped first.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use futures_core::{FusedStream, Stream};

use super::InSpan;

impl<S: Stream> Stream for InSpan<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let is_end = |next: &Poll<Option<S::Item>>| matches!(next, Poll::Ready(None));
        self.advance(|stream| stream.poll_next(cx), is_end, |_, _| ()).unwrap_or(Poll::Ready(None))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.wrapped().map_or((0, Some(0)), Stream::size_hint)
    }
}

impl<S: Stream> FusedStream for InSpan<S> {
    fn is_terminated(&self) -> bool {
        self.wrapped().is_none()
    }
}
