//! A client of another service: a tracer that is held, and a context that goes out.

use std::collections::BTreeMap;

use anytrace_api::{self as trace, Operation, TracerHandle, keys};

use crate::SCOPE;

/// Headers of a request.
pub type Headers = BTreeMap<String, String>;

/// Orders books from a publisher. The transport is the caller's: headers in, status out.
#[derive(Clone, Debug)]
pub struct Publisher<S> {
    // Taken once: it starts working when the application installs a tracer.
    tracer: TracerHandle,
    send: S,
}

impl<S: Fn(Headers) -> u16> Publisher<S> {
    /// One whose requests go through `send`.
    pub fn new(send: S) -> Self {
        Publisher { tracer: trace::tracer(), send }
    }

    /// Orders `copies` of a title, and says whether the publisher took the order.
    pub fn order(&self, title: &str, copies: u32) -> bool {
        let operation = Operation::client("publisher.order").instrumentation_scope(&SCOPE);
        let span = self.tracer.start_span(operation).tag("title", title).tag("copies", copies);
        let mut headers = Headers::from([("content-type".to_owned(), "text/plain".to_owned())]);
        span.inject(&mut headers);
        let status = span.in_scope(|| (self.send)(headers));
        span.set_tag(keys::HTTP_RESPONSE_STATUS_CODE, status);
        if status >= 400 {
            span.set_status(trace::Status::failed());
        }
        span.finish();
        status < 400
    }
}
