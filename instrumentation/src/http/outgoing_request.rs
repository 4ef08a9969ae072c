//! [`OutgoingRequest`]: a request that is about to be sent, without its body.

use http::{Extensions, HeaderMap, Method, Uri};

/// A request that is about to be sent, without its body. Headers may be changed.
///
/// Callbacks of a [`ClientPolicy`](crate::ClientPolicy) receive an outgoing request. Clients whose requests are not of
/// the type [`http::Request`] create one for [`before_outgoing`](crate::before_outgoing):
///
/// ```
/// use anytrace_instrumentation::{ClientPolicy, OutgoingRequest, before_outgoing};
/// use http::{HeaderMap, Method, Uri};
///
/// fn send(method: &Method, uri: &Uri, headers: &mut HeaderMap, policy: &ClientPolicy) {
///     let span = before_outgoing(&mut OutgoingRequest::new(method, uri, headers), policy);
///     span.run(|| { /* … */ });
/// }
/// # send(&Method::GET, &Uri::from_static("http://localhost/"), &mut HeaderMap::new(), &ClientPolicy::new());
/// ```
#[derive(Debug)]
pub struct OutgoingRequest<'a> {
    method: &'a Method,
    uri: &'a Uri,
    headers: &'a mut HeaderMap,
    extensions: Option<&'a Extensions>,
}

impl<'a> OutgoingRequest<'a> {
    /// Creates a view of a request of any client, without extensions.
    pub fn new(method: &'a Method, uri: &'a Uri, headers: &'a mut HeaderMap) -> Self {
        OutgoingRequest { method, uri, headers, extensions: None }
    }

    /// Sets the extensions of the request.
    pub fn with_extensions(self, extensions: &'a Extensions) -> Self {
        OutgoingRequest { extensions: Some(extensions), ..self }
    }

    /// Returns the method.
    pub fn method(&self) -> &'a Method {
        self.method
    }

    /// Returns the target.
    pub fn uri(&self) -> &'a Uri {
        self.uri
    }

    /// Returns the present headers.
    pub fn headers(&self) -> &HeaderMap {
        self.headers
    }

    /// Returns the headers for changes.
    pub fn headers_mut(&mut self) -> &mut HeaderMap {
        self.headers
    }

    /// Returns the data that the application attached to this request, or `None` if the client has no extensions.
    pub fn extensions(&self) -> Option<&'a Extensions> {
        self.extensions
    }
}
