//! What callbacks and helpers see of requests and responses: everything but the body.

use http::{Extensions, HeaderMap, Method, Request, Response, StatusCode, Uri, Version, request, response};

/// An incoming request without its body.
///
/// ```
/// use anytrace_instrumentation::RequestHead;
///
/// let request = http::Request::get("/users?page=2").body(()).unwrap();
/// assert_eq!(RequestHead::from(&request).uri().path(), "/users");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct RequestHead<'a> {
    method: &'a Method,
    uri: &'a Uri,
    version: Version,
    headers: &'a HeaderMap,
    extensions: &'a Extensions,
}

impl<'a> RequestHead<'a> {
    /// The method.
    pub fn method(&self) -> &'a Method {
        self.method
    }

    /// The target, usually a path and a query.
    pub fn uri(&self) -> &'a Uri {
        self.uri
    }

    /// The version of HTTP.
    pub fn version(&self) -> Version {
        self.version
    }

    /// The headers.
    pub fn headers(&self) -> &'a HeaderMap {
        self.headers
    }

    /// What the server and its layers know about the request.
    pub fn extensions(&self) -> &'a Extensions {
        self.extensions
    }
}

impl<'a, B> From<&'a Request<B>> for RequestHead<'a> {
    fn from(request: &'a Request<B>) -> Self {
        RequestHead {
            method: request.method(),
            uri: request.uri(),
            version: request.version(),
            headers: request.headers(),
            extensions: request.extensions(),
        }
    }
}

impl<'a> From<&'a request::Parts> for RequestHead<'a> {
    fn from(parts: &'a request::Parts) -> Self {
        RequestHead {
            method: &parts.method,
            uri: &parts.uri,
            version: parts.version,
            headers: &parts.headers,
            extensions: &parts.extensions,
        }
    }
}

/// A request that is about to be sent, without its body. Headers may be changed.
///
/// ```
/// use anytrace_instrumentation::{ClientPolicy, OutgoingRequest, before_outgoing};
/// use http::{HeaderMap, Method, Uri};
///
/// // For clients whose requests are not `http::Request`s.
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
    /// A request of any client.
    pub fn new(method: &'a Method, uri: &'a Uri, headers: &'a mut HeaderMap) -> Self {
        OutgoingRequest { method, uri, headers, extensions: None }
    }

    /// With what the client's caller said about this one request.
    pub fn with_extensions(self, extensions: &'a Extensions) -> Self {
        OutgoingRequest { extensions: Some(extensions), ..self }
    }

    /// The method.
    pub fn method(&self) -> &'a Method {
        self.method
    }

    /// The target.
    pub fn uri(&self) -> &'a Uri {
        self.uri
    }

    /// The headers so far.
    pub fn headers(&self) -> &HeaderMap {
        self.headers
    }

    /// The headers, to be changed.
    pub fn headers_mut(&mut self) -> &mut HeaderMap {
        self.headers
    }

    /// What the client's caller said about this one request, where the client has such a thing.
    pub fn extensions(&self) -> Option<&'a Extensions> {
        self.extensions
    }
}

/// A response without its body.
///
/// ```
/// use anytrace_instrumentation::ResponseHead;
///
/// let response = http::Response::builder().status(404).body(()).unwrap();
/// assert_eq!(ResponseHead::from(&response).status(), 404);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ResponseHead<'a> {
    status: StatusCode,
    version: Version,
    headers: &'a HeaderMap,
    extensions: &'a Extensions,
}

impl<'a> ResponseHead<'a> {
    /// The status code.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The version of HTTP.
    pub fn version(&self) -> Version {
        self.version
    }

    /// The headers.
    pub fn headers(&self) -> &'a HeaderMap {
        self.headers
    }

    /// What handlers, clients and layers attached.
    pub fn extensions(&self) -> &'a Extensions {
        self.extensions
    }
}

impl<'a, B> From<&'a Response<B>> for ResponseHead<'a> {
    fn from(response: &'a Response<B>) -> Self {
        ResponseHead {
            status: response.status(),
            version: response.version(),
            headers: response.headers(),
            extensions: response.extensions(),
        }
    }
}

impl<'a> From<&'a response::Parts> for ResponseHead<'a> {
    fn from(parts: &'a response::Parts) -> Self {
        ResponseHead {
            status: parts.status,
            version: parts.version,
            headers: &parts.headers,
            extensions: &parts.extensions,
        }
    }
}
