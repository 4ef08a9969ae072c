//! Tag keys of the semantic conventions.
//!
//! The constants of this module are the stable attributes of OpenTelemetry's [semantic conventions], and a few others
//! that are widely used. [`opentracing`] has the older keys of `OpenTracing`. The type of the value is in parentheses.
//!
//! ```
//! use anytrace_api::{keys, tags};
//!
//! let tags = tags! { keys::HTTP_REQUEST_METHOD => "GET", keys::opentracing::PEER_SERVICE => "users" };
//! assert_eq!(tags[0].key.as_str(), "http.request.method");
//! ```
//!
//! [semantic conventions]: https://opentelemetry.io/docs/specs/semconv/

macro_rules! keys {
    ($($name:ident $key:literal $doc:literal;)*) => { $(
        #[doc = concat!("`", $key, "`: ", $doc)]
        pub const $name: &str = $key;
    )* };
}

keys! {
    CLIENT_ADDRESS "client.address" "name or address of the client (text).";
    DB_COLLECTION_NAME "db.collection.name" "table or collection (text).";
    DB_NAMESPACE "db.namespace" "name of the database (text).";
    DB_OPERATION_BATCH_SIZE "db.operation.batch.size" "number of operations in a batch, if not 1 (integer).";
    DB_OPERATION_NAME "db.operation.name" "name of the command, such as `SELECT` (text).";
    DB_QUERY_SUMMARY "db.query.summary" "short form of the query, without values (text).";
    DB_QUERY_TEXT "db.query.text" "query text with values replaced by placeholders (text).";
    DB_RESPONSE_STATUS_CODE "db.response.status_code" "status code of the database (text).";
    DB_SYSTEM_NAME "db.system.name" "database product, such as `postgresql` (text).";
    ERROR_TYPE "error.type" "class of error, with few distinct values; absent on success (text).";
    EXCEPTION_MESSAGE "exception.message" "error message, on an event `exception` (text).";
    EXCEPTION_STACKTRACE "exception.stacktrace" "stack trace, on an event `exception` (text).";
    EXCEPTION_TYPE "exception.type" "type of the error, on an event `exception` (text).";
    HTTP_REQUEST_METHOD "http.request.method" "known method, or `_OTHER` (text).";
    HTTP_REQUEST_METHOD_ORIGINAL "http.request.method_original" "method as sent, if it is not a known one (text).";
    HTTP_REQUEST_RESEND_COUNT "http.request.resend_count" "number of the retry, from 1; absent on the first attempt (integer).";
    HTTP_RESPONSE_STATUS_CODE "http.response.status_code" "status code (integer).";
    HTTP_ROUTE "http.route" "template of the matched route, such as `/users/{id}` (text).";
    MESSAGING_BATCH_MESSAGE_COUNT "messaging.batch.message_count" "number of messages in a batch (integer).";
    MESSAGING_DESTINATION_NAME "messaging.destination.name" "queue or topic (text).";
    MESSAGING_MESSAGE_ID "messaging.message.id" "id of the message (text).";
    MESSAGING_OPERATION_NAME "messaging.operation.name" "system-specific name of the operation, such as `ack` (text).";
    MESSAGING_SYSTEM "messaging.system" "messaging product, such as `rabbitmq` (text).";
    NETWORK_PEER_ADDRESS "network.peer.address" "address of the network peer (text).";
    NETWORK_PEER_PORT "network.peer.port" "port of the network peer (integer).";
    NETWORK_PROTOCOL_VERSION "network.protocol.version" "version of the protocol, such as `1.1` or `2` (text).";
    RPC_METHOD "rpc.method" "service and method (text).";
    RPC_STATUS_CODE "rpc.status_code" "status code of the call (text).";
    RPC_SYSTEM_NAME "rpc.system.name" "RPC system, such as `grpc` (text).";
    SERVER_ADDRESS "server.address" "name or address of the server (text).";
    SERVER_PORT "server.port" "port of the server (integer).";
    URL_FULL "url.full" "full URL without credentials (text).";
    URL_PATH "url.path" "path of the URL (text).";
    URL_QUERY "url.query" "query of the URL, without secrets (text).";
    URL_SCHEME "url.scheme" "scheme of the URL, such as `https` (text).";
    USER_AGENT_ORIGINAL "user_agent.original" "value of the header `User-Agent` (text).";
}

/// Tag keys of `OpenTracing`'s [semantic conventions], version 1.1, and of the first `OpenTracing` API.
///
/// For instrumentation that is ported from `OpenTracing`. New code should use the keys of [`keys`](crate::keys).
///
/// [semantic conventions]: https://opentracing.io/specification/conventions/
pub mod opentracing {
    keys! {
        COMPONENT "component" "library that creates the span (text). Replaced by the instrumentation scope.";
        DATABASE_INSTANCE "db.instance" "name of the database (text).";
        DATABASE_STATEMENT "db.statement" "query text (text).";
        DATABASE_TYPE "db.type" "type of the database, such as `sql` (text).";
        DATABASE_USER "db.user" "user name of the database connection (text).";
        ERROR "error" "true if the operation failed (boolean). Replaced by the span status.";
        HTTP_METHOD "http.method" "request method (text).";
        HTTP_STATUS_CODE "http.status_code" "status code (integer).";
        HTTP_URL "http.url" "URL of the request (text).";
        MESSAGE_BUS_DESTINATION "message_bus.destination" "queue or topic (text).";
        PEER_ADDRESS "peer.address" "address of the peer, in the notation of the library (text).";
        PEER_HOSTNAME "peer.hostname" "host name of the peer (text).";
        PEER_HOST_IPV4 "peer.ipv4" "IPv4 address of the peer (text).";
        PEER_HOST_IPV6 "peer.ipv6" "IPv6 address of the peer (text).";
        PEER_PORT "peer.port" "port of the peer (integer).";
        PEER_SERVICE "peer.service" "service name of the peer (text).";
        SAMPLING_PRIORITY "sampling.priority" "requests sampling if above 0, no sampling if 0 (integer). Replaced by the sampling decision of the parent context.";
        SPAN_KIND "span.kind" "`client`, `server`, `producer` or `consumer` (text). Replaced by the kind of the operation.";
    }
}
