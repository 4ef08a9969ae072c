//! The service that knows the stock. Coffee is slow, and unicorns are not in stock.

use std::time::Duration;

use anytrace_api::{self as trace, FutureExt, Operation, keys, tags};
use axum::{Router, extract::Path, routing::get};
use http::StatusCode;

use super::failure::Failure;

pub(super) fn router() -> Router {
    Router::new().route("/stock/{item}", get(take))
}

async fn take(Path(item): Path<String>) -> Result<String, Failure> {
    let span = trace::start_span("inventory.take").tag("item", &item);
    let take = async {
        let rows = query(&item).await;
        if rows == 0 {
            return Err(Failure::new(StatusCode::INTERNAL_SERVER_ERROR, format!("{item} is not in stock")));
        }
        trace::event("taken");
        Ok(format!("{item} for {}", customer()))
    };
    take.try_in_span(span).await
}

/// Returns the customer from the baggage, which the gateway has set.
fn customer() -> String {
    let span = trace::current_span();
    let customer = span.baggage().get("customer").unwrap_or("unknown");
    span.set_tag("customer", customer);
    customer.to_owned()
}

async fn query(item: &str) -> usize {
    let tags = tags! { keys::DB_SYSTEM_NAME => "shelves", keys::DB_OPERATION_NAME => "SELECT" };
    let span = trace::start_span(Operation::client("SELECT shelves").tags(&tags));
    let query = async {
        let (millis, rows) = match item {
            "coffee" => (250, 1),
            "unicorn" => (3, 0),
            _ => (3, 2),
        };
        tokio::time::sleep(Duration::from_millis(millis)).await;
        trace::set_tag("db.response.returned_rows", rows);
        rows
    };
    query.in_span(span).await
}
