//! Shows how plugins of an API gateway join its trace, which the gateway passes as separate fields.
//!
//! Each of the three hooks (pre, post and response) is a child of the gateway's span.

mod hooks;
mod object;

use anytrace_api::{Status, with_tracer};
use anytrace_recorder::{FinishedSpan, MockTracer};

use self::{
    hooks::{Rejected, post, pre, response},
    object::{Gateway, Object, log_without_a_span},
};

fn main() {
    let gateway =
        Gateway { trace_id: "1234567890abcdef1234567890abcdef", span_id: "1234567890abcdef", trace_flags: 1 };
    let mock = MockTracer::new();
    with_tracer(&mock.handle(), || {
        hooks_join_the_trace(&mock, gateway);
        mock.reset();
        an_error_is_recorded(&mock, gateway);
        mock.reset();
        malformed_fields_start_a_trace(&mock, gateway);
        mock.reset();
        the_sampling_decision_is_kept(&mock, gateway);
    });
    // Log lines have the trace id without a span or a tracer.
    assert_eq!(log_without_a_span(gateway), format!("trace_id={} cache hit", gateway.trace_id));
}

fn hooks(mock: &MockTracer) -> Vec<FinishedSpan> {
    mock.finished().into_iter().filter(|span| span.name().starts_with("plugin.")).collect()
}

fn hooks_join_the_trace(mock: &MockTracer, gateway: Gateway) {
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
    assert_eq!(pre(&mut object), Err(Rejected("missing API key")));
    object.status = 503;
    response(&mut object).unwrap();
    print!("{}", mock.tree());
    assert!(mock.span("plugin.pre").is_error() && mock.span("auth.validate_token").is_error());
    assert_eq!(mock.span("plugin.response").status(), Some(Status::error("server error")));
}

fn malformed_fields_start_a_trace(mock: &MockTracer, gateway: Gateway) {
    for malformed in [
        Gateway { trace_id: "", ..gateway },
        Gateway { trace_id: "1234", ..gateway },
        Gateway { trace_id: "0x34567890abcdef1234567890abcdef", ..gateway },
        Gateway { span_id: "0000000000000000", ..gateway },
        Gateway { span_id: "+234567890abcdef", ..gateway },
    ] {
        assert_eq!(malformed.context().errors().len(), 1, "the error is reported");
        pre(&mut Object::new(malformed, "secret")).unwrap();
    }
    let traces: Vec<_> = hooks(mock).iter().map(FinishedSpan::trace_id).collect();
    assert_eq!(traces.len(), 5, "each plugin call starts its own trace");
    assert!(traces.iter().all(|id| id.to_string() != gateway.trace_id));
    assert!(hooks(mock).iter().all(|span| span.parent_span_id().is_none()));
}

fn the_sampling_decision_is_kept(mock: &MockTracer, gateway: Gateway) {
    let mut object = Object::new(Gateway { trace_flags: 0, ..gateway }, "secret");
    pre(&mut object).unwrap();
    assert!(mock.finished().is_empty());
    assert_eq!(
        object.log[0],
        format!("trace_id={} begin", gateway.trace_id),
        "log lines have the trace id anyway"
    );
}
