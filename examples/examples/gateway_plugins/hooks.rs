//! The hooks, each with a span and child spans.

use std::{error::Error, fmt};

use anytrace_api::{self as trace, Operation};

use super::object::Object;

/// Runs a hook in a span that joins the gateway's trace.
fn hook<R>(
    name: &'static str,
    object: &mut Object,
    work: impl FnOnce(&mut Object) -> Result<R, Rejected>,
) -> Result<R, Rejected> {
    trace::join_trace(Operation::internal(name), &object.gateway.context()).try_run(|| {
        object.log("begin");
        work(object)
    })
}

pub(crate) fn pre(object: &mut Object) -> Result<(), Rejected> {
    hook("plugin.pre", object, |object| {
        trace::start_span("auth.validate_token")
            .try_run(|| if object.api_key.is_empty() { Err(Rejected("missing API key")) } else { Ok(()) })?;
        trace::start_span("request.modify_headers").run(|| {
            object.set_headers.insert("x-plugin-processed", "true");
        });
        Ok(())
    })
}

pub(crate) fn post(object: &mut Object) -> Result<(), Rejected> {
    hook("plugin.post", object, |_| {
        trace::set_tag("session.quota_remaining", 41);
        trace::start_span("session.update_metadata").run(|| trace::event("updated"));
        Ok(())
    })
}

pub(crate) fn response(object: &mut Object) -> Result<(), Rejected> {
    hook("plugin.response", object, |object| {
        trace::set_tag("response.status_code", object.status);
        if object.status >= 500 {
            trace::set_status(trace::Status::error("server error"));
            trace::start_span("response.add_error_header").run(|| {
                object.set_headers.insert("x-error-processed", "true");
            });
        }
        Ok(())
    })
}

#[derive(Debug, PartialEq)]
pub(crate) struct Rejected(pub(crate) &'static str);

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for Rejected {}
