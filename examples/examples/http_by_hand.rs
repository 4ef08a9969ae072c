//! Shows how to trace HTTP servers and clients without a layer, with `OpenTracing`'s tag names.

use anytrace_api::{self as trace, with_tracer};
use anytrace_instrumentation::{
    ClientPolicy, CorrelationId, RequestContext, SemanticConventions, ServerPolicy, after_http_response,
    after_response, before_http_request, before_request,
};
use anytrace_recorder::MockTracer;
use http::{Request, Response};

fn main() {
    let mock = MockTracer::new();
    with_tracer(&mock.handle(), || {
        trace::start_trace("visit").run(|| assert_eq!(send("/users/7").body(), "ada"));
        // A request without a context starts a trace.
        serve(&Request::get("/users/7").body(()).unwrap());
    });
    print!("{}", mock.tree());

    let traced =
        mock.finished().iter().filter(|span| span.trace_id() == mock.span("visit").trace_id()).count();
    assert_eq!((traced, mock.finished().len()), (4, 6));
    let load = mock.finished().into_iter().find(|span| span.name() == "load").unwrap();
    assert_eq!(load.tag("correlation_id").unwrap().as_str(), Some("order-7f3a"));
    assert!(mock.tree().contains("GET [client] http.method=GET http.url=http://users.test/users/7"));
}

/// Sends a request: starts a child of the current span and injects its context into the headers.
fn send(path: &str) -> Response<String> {
    let policy = ClientPolicy::new()
        .semantic_conventions(SemanticConventions::OpenTracing)
        .callee_headers(["x-target"]);
    let mut request = Request::get(format!("http://users.test{path}"))
        .header("x-target", "users")
        .header("x-correlation-id", "order-7f3a")
        .body(())
        .unwrap();
    let span = before_http_request(&mut request, &policy).entered();
    let response = serve(&request);
    after_http_response(&span, &response, &policy);
    span.finish();
    response
}

/// Handles a request: joins the caller's trace or starts one, and provides a `RequestContext` to the code below.
fn serve(request: &Request<()>) -> Response<String> {
    let policy = ServerPolicy::new()
        .semantic_conventions(SemanticConventions::OpenTracing)
        .traceparent_in_response(true);
    let span = before_request(request, &policy).entered();
    let mut response = Response::new(load());
    after_response(&span, &mut response, &policy);
    assert!(response.headers().contains_key("traceparent"));
    span.finish();
    response
}

/// Reads the `RequestContext` without access to the request itself.
fn load() -> String {
    trace::start_span("load").run(|| {
        let request = RequestContext::current().expect("called within a request");
        request.set_route("/users/{id}");
        trace::set_tag("correlation_id", request.correlation_id().map(CorrelationId::as_str));
        "ada".to_owned()
    })
}
