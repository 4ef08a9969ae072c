//! The HTTP server.

use anytrace::TracerHandle;
use anytrace_instrumentation::{ServerLayer, ServerPolicy};
use axum::{
    Router,
    extract::{MatchedPath, State},
    response::{IntoResponse, Response},
    routing::post,
};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{StatusCode, header};
use serde_json::{Value as Json, json};

use crate::{call::Call, client::Client};

/// The number of concurrent calls per request.
const CONCURRENT_CALLS: usize = 32;

/// Creates the routes, inside the layer that traces all requests.
pub(crate) fn router(tracer: TracerHandle) -> Router {
    let policy = ServerPolicy::new()
        .tracer(tracer)
        .route(|extensions| Some(extensions.get::<MatchedPath>()?.as_str()));
    Router::new().route("/test", post(forward)).with_state(Client::new()).layer(ServerLayer::new(policy))
}

async fn forward(State(client): State<Client>, body: Bytes) -> Response {
    let calls = match Call::parse_list(&body) {
        Ok(calls) => calls,
        Err(error) => return respond(StatusCode::BAD_REQUEST, &json!({ "error": error })),
    };
    // The calls run in this task, where the span of the request is current.
    let client = &client;
    let results = stream::iter(calls).map(|call| async move { call.result_json(client.post(&call).await) });
    let results = results.buffered(CONCURRENT_CALLS).collect().await;
    respond(StatusCode::OK, &Json::Array(results))
}

fn respond(status: StatusCode, body: &Json) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}
