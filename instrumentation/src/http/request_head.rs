//! [`RequestHead`]: an incoming request without its body.

use http::{Extensions, HeaderMap, Method, Request, Uri, Version, request};

/// An incoming request without its body, as callbacks of a [`ServerPolicy`](crate::ServerPolicy) receive it.
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
    /// Returns the method.
    pub fn method(&self) -> &'a Method {
        self.method
    }

    /// Returns the target, usually a path and a query.
    pub fn uri(&self) -> &'a Uri {
        self.uri
    }

    /// Returns the HTTP version.
    pub fn version(&self) -> Version {
        self.version
    }

    /// Returns the headers.
    pub fn headers(&self) -> &'a HeaderMap {
        self.headers
    }

    /// Returns the data that the server and its layers attached to the request.
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
