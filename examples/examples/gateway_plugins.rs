//! Plugins of an API gateway. The gateway hands the trace over as separate fields, its plugins join it: a pre, a post
//! and a response hook, each a span beneath the gateway's own, with what it does beneath that.

use std::{collections::BTreeMap, error::Error, fmt};

use anytrace_api::{self as trace, Context, Operation, Sampling, SpanRef, with_tracer};
use anytrace_recorder::{FinishedSpan, MockTracer};

fn main() {
    let gateway =
        Gateway { trace_id: "1234567890abcdef1234567890abcdef", span_id: "1234567890abcdef", trace_flags: 1 };
    let mock = MockTracer::new();
    with_tracer(&mock.handle(), || {
        the_chain_joins_the_trace(&mock, gateway);
        mock.reset();
        an_error_is_recorded(&mock, gateway);
        mock.reset();
        malformed_fields_are_no_reason_to_fail(&mock, gateway);
        mock.reset();
        not_sampled_is_kept(&mock, gateway);
    });
    // Log lines carry the trace without a span, and without any tracer.
    assert_eq!(log_without_a_span(gateway), format!("trace_id={} cache hit", gateway.trace_id));
}

/// How the gateway speaks of its current span.
#[derive(Clone, Copy)]
struct Gateway {
    trace_id: &'static str,
    span_id: &'static str,
    trace_flags: u8,
}

impl Gateway {
    /// The context in these fields; empty if they hold none. What joins an empty one starts a trace.
    fn context(self) -> Context {
        let (Ok(trace_id), Ok(span_id)) = (self.trace_id.parse(), self.span_id.parse()) else {
            return Context::EMPTY;
        };
        let sampling = if self.trace_flags & 1 == 1 { Sampling::Record } else { Sampling::Drop };
        Context::remote(trace_id, span_id, sampling)
    }
}

/// What a plugin sees of a request and its response.
struct Object {
    gateway: Gateway,
    api_key: &'static str,
    status: u16,
    set_headers: BTreeMap<&'static str, &'static str>,
    log: Vec<String>,
}

impl Object {
    fn new(gateway: Gateway, api_key: &'static str) -> Self {
        Object { gateway, api_key, status: 200, set_headers: BTreeMap::new(), log: Vec::new() }
    }

    fn log(&mut self, message: &str) {
        self.log.push(log_line(message));
    }
}

/// What all hooks have in common.
fn hook<R>(
    name: &'static str,
    object: &mut Object,
    work: impl FnOnce(&mut Object) -> Result<R, Refused>,
) -> Result<R, Refused> {
    trace::join_trace(Operation::internal(name), &object.gateway.context()).try_run(|| {
        object.log("begin");
        work(object)
    })
}

fn pre(object: &mut Object) -> Result<(), Refused> {
    hook("plugin.pre", object, |object| {
        trace::start_span("auth.validate_token")
            .try_run(|| if object.api_key.is_empty() { Err(Refused("missing API key")) } else { Ok(()) })?;
        trace::start_span("request.modify_headers").run(|| {
            object.set_headers.insert("x-plugin-processed", "true");
        });
        Ok(())
    })
}

fn post(object: &mut Object) -> Result<(), Refused> {
    hook("plugin.post", object, |_| {
        trace::set_tag("session.quota_remaining", 41);
        trace::start_span("session.update_metadata").run(|| trace::event("updated"));
        Ok(())
    })
}

fn response(object: &mut Object) -> Result<(), Refused> {
    hook("plugin.response", object, |object| {
        trace::set_tag("response.status_code", object.status);
        if object.status >= 500 {
            trace::current_span().set_status(trace::Status::error("server error"));
            trace::start_span("response.add_error_header").run(|| {
                object.set_headers.insert("x-error-processed", "true");
            });
        }
        Ok(())
    })
}

#[derive(Debug, PartialEq)]
struct Refused(&'static str);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for Refused {}

fn log_line(message: &str) -> String {
    match trace::current_ids() {
        Some((trace_id, _)) => format!("trace_id={trace_id} {message}"),
        None => message.to_owned(),
    }
}

/// A context that is current without a span of its own: log lines know it, and so does what starts beneath it.
fn log_without_a_span(gateway: Gateway) -> String {
    SpanRef::from(gateway.context()).in_scope(|| log_line("cache hit"))
}

fn hooks(mock: &MockTracer) -> Vec<FinishedSpan> {
    mock.finished().into_iter().filter(|span| span.name().starts_with("plugin.")).collect()
}

fn the_chain_joins_the_trace(mock: &MockTracer, gateway: Gateway) {
    let mut object = Object::new(gateway, "secret");
    assert_eq!([pre, post, response].map(|hook| hook(&mut object)), [Ok(()), Ok(()), Ok(())]);
    print!("{}", mock.tree());
    let tree = "\
plugin.pre
  auth.validate_token
  request.modify_headers
plugin.post session.quota_remaining=41
  session.update_metadata !updated
plugin.response response.status_code=200
";
    assert_eq!(mock.tree(), tree);
    for span in hooks(mock) {
        assert_eq!(span.trace_id().to_string(), gateway.trace_id);
        assert_eq!(span.parent_span_id().unwrap().to_string(), gateway.span_id);
        assert!(span.parent_is_remote());
    }
    assert_eq!(object.log[0], format!("trace_id={} begin", gateway.trace_id));
    assert_eq!(object.set_headers["x-plugin-processed"], "true");
}

fn an_error_is_recorded(mock: &MockTracer, gateway: Gateway) {
    let mut object = Object::new(gateway, "");
    assert_eq!(pre(&mut object), Err(Refused("missing API key")));
    object.status = 503;
    response(&mut object).unwrap();
    print!("{}", mock.tree());
    assert!(mock.span("plugin.pre").is_error() && mock.span("auth.validate_token").is_error());
    let status = mock.span("plugin.response").status().map(|status| format!("{status:?}"));
    assert_eq!(status.as_deref(), Some("Error(\"server error\")"));
}

fn malformed_fields_are_no_reason_to_fail(mock: &MockTracer, gateway: Gateway) {
    for malformed in [
        Gateway { trace_id: "", ..gateway },
        Gateway { trace_id: "1234", ..gateway },
        Gateway { trace_id: "0x34567890abcdef1234567890abcdef", ..gateway },
        Gateway { span_id: "0000000000000000", ..gateway },
        Gateway { span_id: "+234567890abcdef", ..gateway },
    ] {
        pre(&mut Object::new(malformed, "secret")).unwrap();
    }
    let traces: Vec<_> = hooks(mock).iter().map(FinishedSpan::trace_id).collect();
    assert_eq!(traces.len(), 5, "each is a trace of its own");
    assert!(traces.iter().all(|id| id.to_string() != gateway.trace_id));
    assert!(hooks(mock).iter().all(|span| span.parent_span_id().is_none()));
}

fn not_sampled_is_kept(mock: &MockTracer, gateway: Gateway) {
    let mut object = Object::new(Gateway { trace_flags: 0, ..gateway }, "secret");
    pre(&mut object).unwrap();
    assert!(mock.finished().is_empty());
    assert_eq!(
        object.log[0],
        format!("trace_id={} begin", gateway.trace_id),
        "its log lines know it all the same"
    );
}
