//! The server.

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

/// How many calls of one request are made at once.
const AT_ONCE: usize = 32;

/// All tracing of its requests is one layer.
pub(crate) fn router(tracer: TracerHandle) -> Router {
    let policy = ServerPolicy::new()
        .tracer(tracer)
        .route(|extensions| Some(extensions.get::<MatchedPath>()?.as_str()));
    Router::new().route("/test", post(forward)).with_state(Client::new()).layer(ServerLayer::new(policy))
}

async fn forward(State(client): State<Client>, body: Bytes) -> Response {
    let calls = match Call::list(&body) {
        Ok(calls) => calls,
        Err(error) => return answer(StatusCode::BAD_REQUEST, &json!({ "error": error })),
    };
    // In this task, where the request's span is current.
    let client = &client;
    let told = stream::iter(calls).map(|call| async move { call.told(client.post(&call).await) });
    let told = told.buffered(AT_ONCE).collect().await;
    answer(StatusCode::OK, &Json::Array(told))
}

fn answer(status: StatusCode, body: &Json) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}
