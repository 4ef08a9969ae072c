//! The service that takes orders.

use std::time::Duration;

use anytrace_api::{self as trace, Event, FutureExt, tags};
use axum::{
    Router,
    extract::{Path, State},
    routing::get,
};
use http::StatusCode;

use super::failure::Failure;
use crate::client::{Client, HttpResponse};

pub(super) fn router(inventory: Client) -> Router {
    Router::new().route("/orders/{item}", get(order)).with_state(inventory)
}

async fn order(State(inventory): State<Client>, Path(item): Path<String>) -> Result<String, Failure> {
    // Both futures run concurrently, each in its own span.
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

async fn reserve(inventory: &Client, item: &str) -> Result<HttpResponse, Failure> {
    let span = trace::start_span("orders.reserve").tag("item", item);
    let reserve = async {
        let response = inventory.get(&format!("/stock/{item}")).await;
        let response = response.map_err(|error| Failure::new(StatusCode::BAD_GATEWAY, error))?;
        if response.status.is_success() {
            return Ok(response);
        }
        Err(Failure::new(StatusCode::BAD_GATEWAY, format!("inventory returned {}", response.status)))
    };
    reserve.try_in_span(span).await
}
