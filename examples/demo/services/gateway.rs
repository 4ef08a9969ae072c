//! What customers talk to.

use anytrace_api as trace;
use axum::{
    Router,
    extract::{Path, State},
    routing::get,
};
use http::StatusCode;

use super::failure::Failure;
use crate::client::Client;

pub(super) fn router(orders: Client) -> Router {
    Router::new().route("/buy/{item}", get(buy)).with_state(orders)
}

async fn buy(State(orders): State<Client>, Path(item): Path<String>) -> Result<String, Failure> {
    authenticate();
    trace::set_tag("item", &item);
    let answer = orders.get(&format!("/orders/{item}")).await;
    let answer = answer.map_err(|error| Failure::new(StatusCode::BAD_GATEWAY, error))?;
    if !answer.status.is_success() {
        return Err(Failure::new(StatusCode::BAD_GATEWAY, format!("orders answered {}", answer.status)));
    }
    Ok(answer.body)
}

/// Who asks is known to all services from here on: it travels in the baggage.
fn authenticate() {
    trace::start_span("gateway.authenticate").run(|| {
        if let Err(error) = trace::set_baggage("customer", "ada") {
            trace::record_error(&error);
        }
    });
}
