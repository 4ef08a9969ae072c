//! Faults of a server of OTLP/gRPC.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use anytrace_api::TracerExt;
use anytrace_otlp::OtlpRecorderBuilder;
use anytrace_test_receiver::{Receiver, ScriptedResponse};
use base64::{Engine, engine::general_purpose::STANDARD};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message;

use crate::{
    collector::{Collector, Reply, frame},
    harness::{
        LONG, SHORT, UNREACHABLE, all_spans, apart, assert_accounted, assert_dropped, error, grpc, partial,
        spans, three, tracer,
    },
};

fn to(collector: &Collector) -> OtlpRecorderBuilder {
    grpc(collector.url())
}

fn assert_dropped_at_once(reply: Reply, reason: &'static str) -> String {
    let collector = Collector::always(reply);
    let error = assert_dropped(to(&collector), reason);
    assert_eq!(collector.requests().len(), 1, "{reason}");
    error
}

/// `google.rpc.Status { details: [RetryInfo { retry_delay: { seconds } }] }`, in base64.
fn retry_info(seconds: u8) -> String {
    let url = b"type.googleapis.com/google.rpc.RetryInfo";
    let info = [0x0a, 2, 0x08, seconds];
    let any = [&[0x0a, url.len() as u8], url.as_slice(), &[0x12, info.len() as u8], &info].concat();
    STANDARD.encode([&[0x1a, any.len() as u8], any.as_slice()].concat())
}

#[test]
fn what_the_server_takes_is_delivered() {
    let collector = Collector::always(Reply::taken());
    let tracer = tracer(to(&collector).header("X-Tenant", "acme"));
    spans(&tracer, 3);
    let flushed = tracer.flush_blocking(LONG);
    assert_eq!((flushed.result, tracer.stats().delivered), (Ok(()), 3));
    let request = &collector.requests()[0];
    assert_eq!(request.path, "/opentelemetry.proto.collector.trace.v1.TraceService/Export");
    assert_eq!((request.headers["x-tenant"].as_str(), all_spans(&request.message).len()), ("acme", 3));
    assert!(request.headers["user-agent"].starts_with("anytrace-otlp/"));
    spans(&tracer, 1);
    assert_eq!(tracer.flush_blocking(LONG).delivered, 1);
    assert!(collector.requests().iter().all(|request| request.connection == 0));
}

#[test]
fn a_partial_success_is_counted_and_not_retried() {
    for (rejected, counted) in [(1, 1), (3, 3), (7, 3)] {
        let collector = Collector::always(Reply::message(&partial(rejected, "no\r\nway")));
        let (flushed, stats) = three(to(&collector));
        assert_eq!((stats.delivered, stats.dropped.of("rejected")), (3 - counted, counted));
        assert_eq!(error(&flushed), format!(r"the server rejected {counted} of 3 spans: no\r\nway"));
        assert_eq!(collector.requests().len(), 1);
    }
    let collector = Collector::always(Reply::message(&partial(0, "careful")));
    let (flushed, stats) = three(to(&collector));
    assert_eq!(
        (stats.delivered, error(&flushed)),
        (3, "the server accepted all spans with a warning: careful")
    );
}

#[test]
fn every_status_has_a_reason_and_a_rule() {
    // OTLP specification, "Failures": which may be retried.
    for (code, name, reason, again) in [
        (1, "Cancelled", "server error", true),
        (2, "Unknown", "server error", false),
        (3, "InvalidArgument", "refused", false),
        (4, "DeadlineExceeded", "timeout", true),
        (5, "NotFound", "refused", false),
        (6, "AlreadyExists", "refused", false),
        (7, "PermissionDenied", "refused", false),
        (8, "ResourceExhausted", "refused", false),
        (9, "FailedPrecondition", "refused", false),
        (10, "Aborted", "server error", true),
        (11, "OutOfRange", "refused", true),
        (12, "Unimplemented", "refused", false),
        (13, "Internal", "server error", false),
        (14, "Unavailable", "server error", true),
        (15, "DataLoss", "server error", true),
        (16, "Unauthenticated", "refused", false),
        (99, "Unknown", "server error", false),
    ] {
        let collector = Collector::always(Reply::status(code, "no%0Away"));
        let error = assert_dropped(to(&collector).retries(1), reason);
        assert_eq!(error, format!(r"the server responded {name}: no\nway"));
        assert_eq!(collector.requests().len(), if again { 2 } else { 1 }, "{name}");
    }
}

#[test]
fn retry_info_is_honoured_within_the_deadline() {
    for code in [8, 14] {
        let asks = Reply::status(code, "").with_details(&retry_info(0));
        let collector = Collector::start(move |n| if n < 3 { asks.clone() } else { Reply::taken() });
        assert_eq!(three(to(&collector)).1.delivered, 3);
        assert_eq!(collector.requests().len(), 4);
    }
    let asks = Reply::status(14, "").with_details(&retry_info(1));
    let collector = Collector::start(move |n| if n == 0 { asks.clone() } else { Reply::taken() });
    assert_eq!(three(to(&collector)).1.delivered, 3);
    let requests = collector.requests();
    assert!(requests[1].at - requests[0].at >= Duration::from_secs(1));
    // Too late: given up at once. And where it would not help, it is not asked.
    assert_dropped_at_once(Reply::status(14, "").with_details(&retry_info(100)), "server error");
    assert_dropped_at_once(Reply::status(3, "").with_details(&retry_info(0)), "refused");
}

#[test]
fn invalid_details_are_ignored() {
    assert_dropped_at_once(Reply::status(8, "").with_details(&STANDARD.encode(b"\xff\xff")), "refused");
    assert_dropped_at_once(Reply::status(8, "").with_details("!"), "invalid response");
}

#[test]
fn a_server_without_response_blocks_until_the_deadline_of_one_attempt() {
    for reply in [Reply::Hang, Reply::HeadOnly] {
        let collector = Collector::always(reply);
        let tracer = tracer(to(&collector).timeout(SHORT));
        spans(&tracer, 3);
        let before = Instant::now();
        let flushed = tracer.flush_blocking(LONG);
        assert!(before.elapsed() < Duration::from_secs(10));
        assert!(error(&flushed).starts_with("no response from "), "{flushed:?}");
        assert_eq!(tracer.stats().dropped.of("timeout"), 3);
        assert!(collector.requests().len() <= 1);
        assert_accounted(&tracer.stats());
    }
}

#[test]
fn a_connection_without_an_answer_is_given_up() {
    let collector = Collector::start(|n| if n == 0 { Reply::Hang } else { Reply::taken() });
    let tracer = tracer(to(&collector));
    spans(&tracer, 1);
    assert!(tracer.flush_blocking(SHORT).result.is_err());
    spans(&tracer, 1);
    assert_eq!(tracer.flush_blocking(LONG).result, Ok(()));
    let connections: Vec<_> = collector.requests().iter().map(|request| request.connection).collect();
    assert_eq!(connections, [0, 1]);
}

#[test]
fn a_server_that_never_responds_blocks_until_the_deadline() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let before = Instant::now();
    assert_dropped(grpc(url).timeout(SHORT), "timeout");
    assert!(before.elapsed() < Duration::from_secs(10));
    drop(listener);
}

#[test]
fn a_server_without_listener_is_unreachable() {
    for url in [UNREACHABLE, "http://nobody.invalid:4317"] {
        let error = assert_dropped(grpc(url).retries(1), "unreachable");
        assert!(error.starts_with("cannot connect to "), "{error}");
    }
}

#[test]
fn a_connection_closed_before_the_response_is_retried() {
    for reply in [Reply::HangUp, Reply::Reset] {
        let collector = Collector::always(reply.clone());
        let error = assert_dropped(to(&collector).retries(1), "disconnected");
        assert!(error.starts_with("connection closed before the response: "), "{error}");
        assert_eq!(collector.requests().len(), 2);
        let collector = Collector::start(move |n| if n == 0 { reply.clone() } else { Reply::taken() });
        let (flushed, stats) = three(to(&collector));
        assert_eq!((flushed.result, stats.delivered), (Ok(()), 3));
    }
}

#[test]
fn what_is_no_grpc_is_accounted_for() {
    for (status, reason) in
        [(302, "server error"), (400, "server error"), (404, "refused"), (500, "server error")]
    {
        let location = vec![("location", "http://127.0.0.1:1/".to_owned())];
        let error = assert_dropped_at_once(Reply::Head(status, location), reason);
        assert!(error.ends_with(&status.to_string()), "{error}");
    }
    let receiver = Receiver::always(ScriptedResponse::status(200));
    let (_, stats) = three(grpc(receiver.url("")).retries(0));
    assert_eq!(stats.dropped.of("disconnected"), 3, "HTTP/1.1 {stats}");
    // A message that is none, and one that says it is compressed.
    assert_dropped_at_once(Reply::Frame(frame(0, b"\xff\xff\xff")), "server error");
    assert_dropped_at_once(Reply::Frame(frame(1, b"\x1f\x8b\x08")), "server error");
}

#[test]
fn the_size_of_a_response_is_limited() {
    // Its head alone says so.
    let long = [&[0][..], &(5_u32 << 20).to_be_bytes(), &[0; 1000]].concat();
    let error = assert_dropped_at_once(Reply::Frame(long), "invalid response");
    assert!(error.contains("too large"), "{error}");
}

#[test]
fn the_client_reconnects_to_a_restarted_server() {
    let first = Collector::on(TcpListener::bind(apart(5)).unwrap(), |_| Reply::taken());
    let address = first.address;
    let tracer = tracer(to(&first).retries(0));
    spans(&tracer, 1);
    assert_eq!(tracer.flush_blocking(LONG).result, Ok(()));
    drop(first);
    let second = Collector::on(TcpListener::bind(address).unwrap(), |_| Reply::taken());
    spans(&tracer, 2);
    let flushed = tracer.flush_blocking(LONG);
    assert_eq!((flushed.result, flushed.delivered), (Ok(()), 2));
    drop(second);
    spans(&tracer, 3);
    assert!(tracer.flush_blocking(LONG).result.is_err());
    let third = Collector::on(TcpListener::bind(address).unwrap(), |_| Reply::taken());
    spans(&tracer, 4);
    assert_eq!(tracer.flush_blocking(LONG).delivered, 4);
    assert_eq!(third.requests().len(), 1);
    assert_eq!(tracer.stats().dropped.of("unreachable"), 3, "{}", tracer.stats());
    assert_accounted(&tracer.stats());
}

#[test]
fn requests_are_compressed_unless_turned_off() {
    for turned_off in [false, true] {
        let collector = Collector::always(Reply::taken());
        let builder = to(&collector);
        let tracer = tracer(if turned_off { builder.without_compression() } else { builder });
        spans(&tracer, 100);
        assert_eq!(tracer.flush_blocking(LONG).delivered, 100);
        let request = &collector.requests()[0];
        assert_eq!(request.headers.contains_key("grpc-encoding"), !turned_off);
        assert_eq!(request.bytes < 5000, !turned_off, "{}", request.bytes);
        assert_eq!(all_spans(&request.message).len(), 100);
    }
}

#[test]
fn a_compressed_answer_is_read_up_to_the_same_limit() {
    let collector = Collector::always(Reply::Packed(partial(1, "not that one").encode_to_vec()));
    let (_, stats) = three(to(&collector));
    assert_eq!((stats.delivered, stats.dropped.of("rejected")), (2, 1), "{stats}");
    // In the client's own message, which are those of servers too.
    let error = assert_dropped_at_once(Reply::Packed(vec![0; 64 << 20]), "refused");
    assert!(error.contains("size limit"), "{error}");
}

#[test]
fn requests_are_split_until_they_fit() {
    let collector = Collector::start(|n| match n {
        1 => Reply::status(3, "not these"),
        _ => Reply::message(&ExportTraceServiceResponse::default()),
    });
    let tracer = tracer(to(&collector).max_message_bytes(1000).without_compression());
    spans(&tracer, 32);
    let _ = tracer.flush_blocking(LONG);
    let stats = tracer.stats();
    let requests = collector.requests();
    assert!(requests.len() > 2 && requests.iter().all(|request| request.bytes <= 1000));
    let refused = all_spans(&requests[1].message).len() as u64;
    assert_eq!((stats.delivered, stats.dropped.of("refused")), (32 - refused, refused), "{stats}");
    assert_accounted(&stats);
}
