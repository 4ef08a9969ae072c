//! A client of another service, which keeps a tracer handle and injects its context.

use std::collections::BTreeMap;

use anytrace_api::{self as trace, Operation, TracerHandle, keys};

use crate::SCOPE;

/// The headers of a request.
pub type Headers = BTreeMap<String, String>;

/// A client that orders books from a publisher. The closure `send` is the transport: it takes headers and returns a
/// status.
#[derive(Clone, Debug)]
pub struct Publisher<S> {
    // The handle starts working once the application installs a tracer.
    tracer: TracerHandle,
    send: S,
}

impl<S: Fn(Headers) -> u16> Publisher<S> {
    /// Creates a client that sends its requests with `send`.
    pub fn new(send: S) -> Self {
        Publisher { tracer: trace::tracer(), send }
    }

    /// Orders `copies` of a title. Returns true if the publisher accepted the order.
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
