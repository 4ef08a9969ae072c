//! Takes orders.

use std::time::Duration;

use anytrace_api::{self as trace, Event, FutureExt, tags};
use axum::{
    Router,
    extract::{Path, State},
    routing::get,
};
use http::StatusCode;

use super::failure::Failure;
use crate::client::{Answer, Client};

pub(super) fn router(inventory: Client) -> Router {
    Router::new().route("/orders/{item}", get(order)).with_state(inventory)
}

async fn order(State(inventory): State<Client>, Path(item): Path<String>) -> Result<String, Failure> {
    // Both at once: each is in its own span whenever it runs.
    let (price, reserved) = tokio::join!(price(), reserve(&inventory, &item));
    let reserved = reserved?;
    trace::event_with(Event::new("confirmed").tags(&tags! { "price" => price }));
    Ok(reserved.body)
}

async fn price() -> u64 {
    let span = trace::start_span("orders.price");
    let price = async {
        tokio::time::sleep(Duration::from_millis(2)).await;
        trace::set_tag("currency", "EUR");
        3
    };
    price.in_span(span).await
}

async fn reserve(inventory: &Client, item: &str) -> Result<Answer, Failure> {
    let span = trace::start_span("orders.reserve").tag("item", item);
    let reserve = async {
        let answer = inventory.get(&format!("/stock/{item}")).await;
        let answer = answer.map_err(|error| Failure::new(StatusCode::BAD_GATEWAY, error))?;
        if answer.status.is_success() {
            return Ok(answer);
        }
        Err(Failure::new(StatusCode::BAD_GATEWAY, format!("inventory answered {}", answer.status)))
    };
    reserve.try_in_span(span).await
}
