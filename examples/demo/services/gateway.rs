//! The service that customers call.

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
    let response = orders.get(&format!("/orders/{item}")).await;
    let response = response.map_err(|error| Failure::new(StatusCode::BAD_GATEWAY, error))?;
    if !response.status.is_success() {
        return Err(Failure::new(StatusCode::BAD_GATEWAY, format!("orders returned {}", response.status)));
    }
    Ok(response.body)
}

/// Puts the customer into the baggage, so that all services know it.
fn authenticate() {
    trace::start_span("gateway.authenticate").run(|| {
        if let Err(error) = trace::set_baggage("customer", "ada") {
            trace::record_error(&error);
        }
    });
}
