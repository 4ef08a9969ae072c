//! The keys that everybody agrees on.
//!
//! Those of today are OpenTelemetry's [semantic conventions], as far as they are stable or have no rival;
//! [`opentracing`] has the older ones.
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
    CLIENT_ADDRESS "client.address" "the caller's name or address (text).";
    DB_COLLECTION_NAME "db.collection.name" "the table or collection (text).";
    DB_NAMESPACE "db.namespace" "the database (text).";
    DB_OPERATION_BATCH_SIZE "db.operation.batch.size" "how many operations, where it is not one (integer).";
    DB_OPERATION_NAME "db.operation.name" "the command (text).";
    DB_QUERY_SUMMARY "db.query.summary" "the query in few words, without values (text).";
    DB_QUERY_TEXT "db.query.text" "the query, without its values (text).";
    DB_RESPONSE_STATUS_CODE "db.response.status_code" "the database's own code (text).";
    DB_SYSTEM_NAME "db.system.name" "which database it is: `postgresql` (text).";
    ERROR_TYPE "error.type" "the kind of failure, from a small set; absent on success (text).";
    EXCEPTION_MESSAGE "exception.message" "what an error says, on an event `exception` (text).";
    EXCEPTION_STACKTRACE "exception.stacktrace" "where it came from (text).";
    EXCEPTION_TYPE "exception.type" "the error's type (text).";
    HTTP_REQUEST_METHOD "http.request.method" "a known method, or `_OTHER` (text).";
    HTTP_REQUEST_METHOD_ORIGINAL "http.request.method_original" "the method as it was sent, where it is not a known one (text).";
    HTTP_REQUEST_RESEND_COUNT "http.request.resend_count" "which attempt, from 1 (integer).";
    HTTP_RESPONSE_STATUS_CODE "http.response.status_code" "the status (integer).";
    HTTP_ROUTE "http.route" "the route's template (text).";
    MESSAGING_BATCH_MESSAGE_COUNT "messaging.batch.message_count" "how many messages, where it may be several (integer).";
    MESSAGING_DESTINATION_NAME "messaging.destination.name" "the queue or topic (text).";
    MESSAGING_MESSAGE_ID "messaging.message.id" "the message's id (text).";
    MESSAGING_OPERATION_NAME "messaging.operation.name" "what the system calls the operation (text).";
    MESSAGING_SYSTEM "messaging.system" "which system it is: `rabbitmq` (text).";
    NETWORK_PEER_ADDRESS "network.peer.address" "the address of the connection's other end (text).";
    NETWORK_PEER_PORT "network.peer.port" "its port (integer).";
    NETWORK_PROTOCOL_VERSION "network.protocol.version" "`1.1`, `2` (text).";
    RPC_METHOD "rpc.method" "service and method (text).";
    RPC_STATUS_CODE "rpc.status_code" "the call's status (text).";
    RPC_SYSTEM_NAME "rpc.system.name" "which system it is: `grpc` (text).";
    SERVER_ADDRESS "server.address" "the name or address of who is called (text).";
    SERVER_PORT "server.port" "its port (integer).";
    URL_FULL "url.full" "the URL, without credentials (text).";
    URL_PATH "url.path" "its path (text).";
    URL_QUERY "url.query" "its query, without what is secret (text).";
    URL_SCHEME "url.scheme" "`https` (text).";
    USER_AGENT_ORIGINAL "user_agent.original" "what the caller says it is (text).";
}

/// The keys of `OpenTracing`'s [semantic conventions], version 1.1, and of its first API.
///
/// [semantic conventions]: https://opentracing.io/specification/conventions/
pub mod opentracing {
    keys! {
        COMPONENT "component" "the library that made the span (text). Today: its origin.";
        DATABASE_INSTANCE "db.instance" "the database (text).";
        DATABASE_STATEMENT "db.statement" "the query (text).";
        DATABASE_TYPE "db.type" "`sql`, or the kind of database (text).";
        DATABASE_USER "db.user" "who asks (text).";
        ERROR "error" "true where the operation failed (boolean). Today: the status.";
        HTTP_METHOD "http.method" "the method (text).";
        HTTP_STATUS_CODE "http.status_code" "the status (integer).";
        HTTP_URL "http.url" "the URL (text).";
        MESSAGE_BUS_DESTINATION "message_bus.destination" "the queue or topic (text).";
        PEER_ADDRESS "peer.address" "who is called, in the words of the library (text).";
        PEER_HOSTNAME "peer.hostname" "its name (text).";
        PEER_HOST_IPV4 "peer.ipv4" "its address (text).";
        PEER_HOST_IPV6 "peer.ipv6" "its address (text).";
        PEER_PORT "peer.port" "its port (integer).";
        PEER_SERVICE "peer.service" "the service it is (text).";
        SAMPLING_PRIORITY "sampling.priority" "a wish: more than 0 to record, 0 not to (integer). Today: the sampling of the parent's context.";
        SPAN_KIND "span.kind" "`client`, `server`, `producer`, `consumer` (text). Today: the kind of the operation.";
    }
}
