//! Faults of a server of OTLP/HTTP.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use anytrace_api::TracerExt;
use anytrace_test_receiver::{Receiver, ScriptedResponse};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;

use crate::harness::{
    LONG, SHORT, UNREACHABLE, accepted, assert_accounted, assert_dropped, assert_dropped_at_once, error,
    head, http, partial, protobuf, spans, three, to, tracer,
};

#[test]
fn every_2xx_status_is_delivery() {
    for answer in [
        protobuf(200, &ExportTraceServiceResponse::default()),
        protobuf(200, &partial(0, "")),
        ScriptedResponse::status(200),
        ScriptedResponse::status(202),
        ScriptedResponse::Send(head(204, "")),
        ScriptedResponse::with(200, "content-type: application/json\r\n", b"{}"),
        ScriptedResponse::with(200, "content-type: text/html\r\n", b"<p>thank you"),
        ScriptedResponse::SendAndClose([head(200, ""), b"until it ends".to_vec()].concat()),
    ] {
        let receiver = Receiver::always(answer.clone());
        let (flushed, stats) = three(to(&receiver));
        assert_eq!((flushed.result, stats.delivered), (Ok(()), 3), "{answer:?}");
        assert_eq!((receiver.requests().len(), accepted(&receiver).len()), (1, 3));
    }
}

#[test]
fn a_partial_success_is_counted_and_not_retried() {
    for (rejected, counted) in [(1, 1), (3, 3), (7, 3), (i64::MAX, 3)] {
        let receiver = Receiver::always(protobuf(200, &partial(rejected, "no\r\nway")));
        let (flushed, stats) = three(to(&receiver));
        assert_eq!((stats.delivered, stats.dropped.of("rejected")), (3 - counted, counted));
        assert_eq!(error(&flushed), format!(r"the server rejected {counted} of 3 spans: no\r\nway"));
        assert_eq!(receiver.requests().len(), 1);
    }
    for rejected in [0, -1, i64::MIN] {
        let receiver = Receiver::always(protobuf(200, &partial(rejected, "use a newer version")));
        let (flushed, stats) = three(to(&receiver));
        assert_eq!((stats.delivered, stats.dropped.total()), (3, 0), "it is only told");
        assert_eq!(error(&flushed), "the server accepted all spans with a warning: use a newer version");
    }
}

#[test]
fn text_from_the_server_is_shortened() {
    let receiver = Receiver::always(protobuf(200, &partial(1, &"x".repeat(100_000))));
    assert!(error(&three(to(&receiver)).0).len() < 300);
}

#[test]
fn a_status_message_is_read() {
    // google.rpc.Status { code: 3, message: "bad\n" }
    let status =
        ScriptedResponse::with(400, "content-type: application/x-protobuf\r\n", b"\x08\x03\x12\x04bad\n");
    assert_eq!(assert_dropped_at_once(status, "refused"), r"the server responded 400: bad\n");
    let empty = protobuf(401, &ExportTraceServiceResponse::default());
    assert_eq!(assert_dropped_at_once(empty, "refused"), "the server responded 401");
}

#[test]
fn redirects_are_not_followed() {
    let trap = Receiver::always(ScriptedResponse::status(200));
    for status in [301, 302, 307, 308] {
        let location = format!("location: {}\r\n", trap.url("/v1/traces"));
        assert_dropped_at_once(ScriptedResponse::with(status, &location, b""), "redirected");
    }
    assert!(trap.requests().is_empty());
}

#[test]
fn a_server_without_response_blocks_until_the_deadline_of_one_attempt() {
    for (flush, own) in [(SHORT, LONG), (LONG, SHORT)] {
        let receiver = Receiver::always(ScriptedResponse::Hang);
        let tracer = tracer(to(&receiver).timeout(own));
        spans(&tracer, 3);
        let before = Instant::now();
        let flushed = tracer.flush_blocking(flush);
        assert!(before.elapsed() < Duration::from_secs(10));
        assert!(error(&flushed).starts_with("no response from "), "{flushed:?}");
        assert_eq!(tracer.stats().dropped.of("timeout"), 3);
        assert!(receiver.requests().len() <= 1);
        assert_accounted(&tracer.stats());
    }
}

#[test]
fn the_deadline_covers_every_part_of_a_response() {
    let heads = [
        head(200, "content-length: 0\r\nx-slow: ")[..].strip_suffix(b"\r\n").unwrap().to_vec(),
        head(200, "content-length: 1000000\r\n"),
    ];
    for said in heads {
        let receiver = Receiver::always(ScriptedResponse::Drip(said));
        let before = Instant::now();
        assert_dropped(to(&receiver).timeout(SHORT), "timeout");
        assert!(before.elapsed() < Duration::from_secs(10));
        assert!(receiver.requests().len() <= 1);
    }
}

#[test]
fn a_server_that_does_not_read_blocks_until_the_deadline() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let tracer = tracer(http(url).timeout(SHORT).without_compression().max_message_bytes(64 << 20));
    for _ in 0..1000 {
        tracer.start_trace("large").tag("text", &"x".repeat(32 * 1024)).finish();
    }
    let queued = tracer.stats().queued;
    assert!(queued > 300);
    let _ = tracer.flush_blocking(LONG);
    let stats = tracer.stats();
    assert_accounted(&stats);
    assert_eq!((stats.delivered, stats.dropped.of("timeout"), stats.queued), (0, queued, 0), "{stats}");
    drop(listener);
}

#[test]
fn a_server_without_listener_is_unreachable() {
    for url in [UNREACHABLE, "http://nobody.invalid:4318"] {
        let error = assert_dropped(http(url).retries(1), "unreachable");
        assert!(error.starts_with("cannot connect to "), "{error}");
    }
}

/// Addresses for documentation (RFC 5737): nobody answers, or the network says so.
#[test]
fn a_black_hole_costs_the_deadline() {
    let before = Instant::now();
    let (_, stats) = three(http("http://192.0.2.1:4318").timeout(SHORT));
    assert_eq!(stats.dropped.of("timeout") + stats.dropped.of("unreachable"), 3, "{stats}");
    assert!(before.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_truncated_response_is_not_retried() {
    let half = |status| [head(status, "content-length: 100\r\n"), b"half".to_vec()].concat();
    assert_dropped_at_once(ScriptedResponse::SendAndClose(half(200)), "invalid response");
    assert_eq!(
        assert_dropped_at_once(ScriptedResponse::SendAndClose(half(500)), "server error"),
        "the server responded 500: half"
    );
}

#[test]
fn a_malformed_response_is_invalid() {
    for garbage in ["SSH-2.0-OpenSSH_9.2\r\n\r\n", "\0\0\0\0\r\n\r\n", "HTTP/1.1 abc x\r\n\r\n"] {
        assert_dropped_at_once(ScriptedResponse::SendAndClose(garbage.into()), "invalid response");
    }
    let garbage = ScriptedResponse::with(200, "content-type: application/x-protobuf\r\n", b"\xff\xff\xff");
    let error = assert_dropped_at_once(garbage, "invalid response");
    assert!(error.starts_with("invalid response: "), "{error}");
    let huge = ScriptedResponse::with(200, &format!("x-huge: {}\r\n", "x".repeat(1 << 20)), b"");
    assert_dropped_at_once(huge, "invalid response");
}

#[test]
fn the_size_of_a_response_is_limited() {
    let flood = |status| ScriptedResponse::Flood(head(status, "content-length: 1000000000000\r\n"));
    let receiver = Receiver::always(flood(200));
    assert_eq!(
        assert_dropped(to(&receiver), "invalid response"),
        "invalid response: more than 4194304 bytes"
    );
    // What the sockets' buffers hold was never read.
    assert!(receiver.flooded() < 32 << 20, "{}", receiver.flooded());
    let error = assert_dropped_at_once(flood(500), "server error");
    assert!(error.len() < 300 && error.ends_with("xx…"), "{error}");
}

#[test]
fn a_body_that_says_it_is_compressed_is_not_unpacked() {
    let compressed = "content-encoding: gzip\r\ncontent-type: application/x-protobuf\r\n";
    let bomb = [b"\x1f\x8b\x08\0\0\0\0\0".as_slice(), &[0; 1000]].concat();
    assert_dropped_at_once(ScriptedResponse::with(200, compressed, &bomb), "invalid response");
}
