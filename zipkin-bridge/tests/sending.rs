//! `ZipkinRecorder` against servers that work or fail: every span is counted as delivered or dropped.

mod schema;

use std::{
    collections::HashSet,
    net::TcpListener,
    thread,
    time::{Duration, Instant, SystemTime},
};

use anytrace_api::{
    TracerExt,
    flush::{FlushError, Flushed},
};
use anytrace_recorder::{Clock, RecordingTracer, Stats};
use anytrace_zipkin_bridge::{ZipkinRecorder, ZipkinRecorderBuilder};

use anytrace_test_receiver::{Receiver, Request, ScriptedResponse};
use serde_json::Value as Json;

fn endpoint(receiver: &Receiver) -> String {
    receiver.url("/api/v2/spans")
}

fn list(request: &Request) -> Vec<Json> {
    serde_json::from_slice(&request.body).unwrap()
}

fn accepted(receiver: &Receiver) -> Vec<Json> {
    receiver.accepted().iter().flat_map(list).collect()
}

const LONG: Duration = Duration::from_secs(60);

fn holds(stats: &Stats) {
    let sum = stats.delivered + stats.dropped.total() + stats.queued + stats.open;
    assert_eq!(stats.started, sum, "{stats}");
    assert_eq!(stats.dropped.of("not accounted for"), 0, "{stats}");
}

fn to(endpoint: &str) -> ZipkinRecorderBuilder {
    ZipkinRecorder::builder().endpoint(endpoint)
}

fn tracer(builder: ZipkinRecorderBuilder) -> RecordingTracer {
    RecordingTracer::builder(builder.build().unwrap()).service("Shop").without_thread().build()
}

fn spans(tracer: &RecordingTracer, count: usize) {
    for _ in 0..count {
        tracer.start_trace("span").finish();
    }
}

/// Sends three spans and returns the results.
fn three(endpoint: &str) -> (Flushed, Stats) {
    let tracer = tracer(to(endpoint));
    spans(&tracer, 3);
    let flushed = tracer.flush_blocking(LONG);
    holds(&tracer.stats());
    (flushed, tracer.stats())
}

fn error(flushed: &Flushed) -> &str {
    match &flushed.result {
        Err(FlushError::Failed(error)) => error.message(),
        other => panic!("{other:?}"),
    }
}

/// Sends three spans, which must be dropped with `reason` after one attempt, and returns the error.
fn lost(answer: ScriptedResponse, reason: &'static str) -> String {
    let receiver = Receiver::always(answer);
    let (flushed, stats) = three(&endpoint(&receiver));
    assert_eq!((stats.delivered, stats.dropped.of(reason)), (0, 3), "{stats}");
    assert_eq!(receiver.requests().len(), 1);
    error(&flushed).to_owned()
}

#[test]
fn any_2xx_is_delivery() {
    for answer in [
        ScriptedResponse::status(200),
        ScriptedResponse::status(202),
        ScriptedResponse::body(202, "thank you"),
        ScriptedResponse::Send(b"HTTP/1.1 204 x\r\n\r\n".to_vec()),
        ScriptedResponse::SendAndClose(b"HTTP/1.1 202 x\r\n\r\nuntil it ends".to_vec()),
    ] {
        let receiver = Receiver::always(answer);
        let (flushed, stats) = three(&endpoint(&receiver));
        assert_eq!((flushed.result, stats.delivered), (Ok(()), 3));
        let requests = receiver.requests();
        assert_eq!(requests.len(), 1);
        assert_eq!(requests[0].line, "POST /api/v2/spans HTTP/1.1");
        assert_eq!(requests[0].headers["content-type"], "application/json");
        assert_eq!(schema::list_of_spans(requests[0].text()), Ok(()));
        assert_eq!(accepted(&receiver)[0]["localEndpoint"]["serviceName"], "shop");
    }
}

#[test]
fn refusals_are_counted_by_status_class_and_not_retried() {
    for (status, reason) in [
        (400, "refused"),
        (404, "refused"),
        (413, "refused"),
        (429, "refused"),
        (500, "server error"),
        (503, "server error"),
    ] {
        let error = lost(ScriptedResponse::body(status, "no\nthanks"), reason);
        assert_eq!(error, format!("the server responded {status}: no\\nthanks"));
    }
}

#[test]
fn redirects_are_not_followed() {
    let trap = Receiver::always(ScriptedResponse::status(202));
    for status in [301, 302, 307, 308] {
        let redirect =
            format!("HTTP/1.1 {status} x\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n", endpoint(&trap));
        lost(ScriptedResponse::Send(redirect.into_bytes()), "redirected");
    }
    assert!(trap.requests().is_empty());
}

#[test]
fn a_server_without_response_blocks_only_until_the_deadline() {
    for (flush, own) in [(Duration::from_millis(150), LONG), (LONG, Duration::from_millis(150))] {
        let receiver = Receiver::always(ScriptedResponse::Hang);
        let tracer = tracer(to(&endpoint(&receiver)).timeout(own));
        spans(&tracer, 3);
        let before = Instant::now();
        let flushed = tracer.flush_blocking(flush);
        assert!(before.elapsed() >= Duration::from_millis(140) && before.elapsed() < Duration::from_secs(5));
        assert!(error(&flushed).starts_with("no response from "), "{flushed:?}");
        assert_eq!(tracer.stats().dropped.of("timeout"), 3);
        holds(&tracer.stats());
    }
}

#[test]
fn one_deadline_covers_all_requests_and_responses() {
    let head =
        b"HTTP/1.1 202 x\r\ncontent-length: 0\r\nx-slow: ".iter().copied().chain([b'x'; 10_000]).collect();
    let receiver = Receiver::always(ScriptedResponse::Drip(head));
    let tracer = tracer(to(&endpoint(&receiver)).max_message_spans(1));
    spans(&tracer, 10);
    let before = Instant::now();
    let flushed = tracer.flush_blocking(Duration::from_millis(150));
    assert!(error(&flushed).starts_with("no response from "), "{flushed:?}");
    assert!(before.elapsed() < Duration::from_secs(5));
    assert_eq!(tracer.stats().dropped.of("timeout"), 10);
    assert_eq!(receiver.requests().len(), 1, "nothing is sent after the deadline");
    holds(&tracer.stats());
}

#[test]
fn a_server_without_listener_is_unreachable() {
    // No process listens on port 1, and no other test can bind it.
    for endpoint in ["http://127.0.0.1:1/api/v2/spans", "http://nobody.invalid:9411/"] {
        let (flushed, stats) = three(endpoint);
        assert_eq!(stats.dropped.of("unreachable"), 3, "{stats}");
        assert!(error(&flushed).starts_with("cannot connect to "), "{flushed:?}");
    }
}

#[test]
fn a_connection_closed_before_the_response_is_disconnected() {
    for said in ["", "HTTP/1.1", "HTTP/1.1 202 x\r\ncontent-len"] {
        let error = lost(ScriptedResponse::SendAndClose(said.into()), "disconnected");
        assert!(error.starts_with("connection closed before the response: "), "{said:?} {error}");
    }
}

#[test]
fn a_truncated_body_does_not_change_the_result() {
    let half = |status| format!("HTTP/1.1 {status} x\r\ncontent-length: 100\r\n\r\nhalf").into_bytes();
    let receiver = Receiver::always(ScriptedResponse::SendAndClose(half(202)));
    assert_eq!(three(&endpoint(&receiver)).1.delivered, 3);
    assert_eq!(
        lost(ScriptedResponse::SendAndClose(half(500)), "server error"),
        "the server responded 500: half"
    );
}

#[test]
fn a_response_that_is_not_http_is_invalid() {
    for garbage in ["SSH-2.0-OpenSSH_9.2\r\n\r\n", "\0\0\0\0\r\n\r\n", "HTTP/1.1 abc x\r\n\r\n"] {
        lost(ScriptedResponse::SendAndClose(garbage.into()), "invalid response");
    }
}

#[test]
fn an_endless_body_is_limited() {
    let head = |status| format!("HTTP/1.1 {status} x\r\ncontent-length: 1000000000000\r\n\r\n").into_bytes();
    let receiver = Receiver::always(ScriptedResponse::Flood(head(202)));
    let before = Instant::now();
    assert_eq!(three(&endpoint(&receiver)).1.delivered, 3);
    // Bytes in the socket buffers were not read.
    assert!(receiver.flooded() < 32 * 1024 * 1024, "{}", receiver.flooded());
    let error = lost(ScriptedResponse::Flood(head(500)), "server error");
    assert!(error.len() < 300 && error.ends_with("xx…"), "{error}");
    assert!(before.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_slow_body_does_not_block() {
    let head = b"HTTP/1.1 202 x\r\ncontent-length: 1000000\r\n\r\n";
    let receiver = Receiver::always(ScriptedResponse::Drip(head.to_vec()));
    let before = Instant::now();
    assert_eq!(three(&endpoint(&receiver)).1.delivered, 3);
    assert!(before.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_compressed_body_is_not_decompressed() {
    let bomb = "HTTP/1.1 400 x\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\nabc";
    assert_eq!(lost(ScriptedResponse::Send(bomb.into()), "refused"), "the server responded 400: abc");
}

#[test]
fn requests_reuse_the_connection_even_after_a_refusal() {
    let receiver = Receiver::start(|n| ScriptedResponse::body(if n == 1 { 500 } else { 202 }, "body"));
    let tracer = tracer(to(&endpoint(&receiver)).max_message_spans(1));
    spans(&tracer, 4);
    assert_eq!(error(&tracer.flush_blocking(LONG)), "the server responded 500: body");
    assert_eq!((tracer.stats().delivered, tracer.stats().dropped.of("server error")), (3, 1));
    assert!(receiver.requests().iter().all(|request| request.connection == 0));
}

#[test]
fn a_stale_connection_drops_no_span() {
    // The server closes the connection after a response, and then without one, as after an idle timeout.
    let closes_after = Receiver::always(ScriptedResponse::SendAndClose(
        b"HTTP/1.1 202 x\r\ncontent-length: 0\r\n\r\n".to_vec(),
    ));
    let closes_instead = Receiver::start(|n| match n {
        1 => ScriptedResponse::SendAndClose(Vec::new()),
        _ => ScriptedResponse::status(202),
    });
    for receiver in [closes_after, closes_instead] {
        let tracer = tracer(to(&endpoint(&receiver)).max_message_spans(1));
        spans(&tracer, 3);
        assert_eq!(tracer.flush_blocking(LONG).result, Ok(()));
        assert_eq!((tracer.stats().delivered, accepted(&receiver).len()), (3, 3));
        holds(&tracer.stats());
    }
}

#[test]
fn a_request_is_sent_at_most_twice() {
    let receiver = Receiver::start(|n| match n {
        0 => ScriptedResponse::status(202),
        _ => ScriptedResponse::SendAndClose(Vec::new()),
    });
    let tracer = tracer(to(&endpoint(&receiver)).max_message_spans(1));
    spans(&tracer, 3);
    assert!(error(&tracer.flush_blocking(LONG)).starts_with("connection closed before the response: "));
    assert_eq!((tracer.stats().delivered, tracer.stats().dropped.of("disconnected")), (1, 2));
    assert_eq!(receiver.requests().len(), 1 + 2 + 1, "only the first of them had an old connection");
    holds(&tracer.stats());
}

#[test]
fn a_restarted_server_receives_new_spans() {
    // On a second loopback address, no other test can bind the port.
    let apart = TcpListener::bind("127.0.0.2:0").or_else(|_| TcpListener::bind("127.0.0.1:0"));
    let address = apart.unwrap().local_addr().unwrap();
    let tracer = tracer(to(&format!("http://{address}/api/v2/spans")));
    spans(&tracer, 2);
    assert!(tracer.flush_blocking(LONG).result.is_err());
    let receiver = Receiver::on(TcpListener::bind(address).unwrap(), |_| ScriptedResponse::status(202));
    spans(&tracer, 3);
    let flushed = tracer.flush_blocking(LONG);
    assert_eq!((flushed.result, flushed.delivered, accepted(&receiver).len()), (Ok(()), 3, 3));
    assert_eq!(tracer.stats().dropped.of("unreachable"), 2);
    holds(&tracer.stats());
}

#[test]
fn large_messages_are_compressed_unless_that_is_turned_off() {
    for (builder, spans_sent, is_compressed) in [
        (ZipkinRecorder::builder(), 100, true),
        (ZipkinRecorder::builder(), 1, false),
        (ZipkinRecorder::builder().without_compression(), 100, false),
    ] {
        let receiver = Receiver::always(ScriptedResponse::status(202));
        let tracer = tracer(builder.endpoint(endpoint(&receiver)));
        spans(&tracer, spans_sent);
        assert_eq!(tracer.flush_blocking(LONG).delivered, spans_sent as u64);
        let request = &receiver.requests()[0];
        assert_eq!(request.headers.contains_key("content-encoding"), is_compressed);
        assert_eq!(request.bytes * 2 < request.body.len(), is_compressed);
        assert_eq!(list(request).len(), spans_sent);
    }
}

#[test]
fn batches_are_split_by_count_and_by_bytes() {
    let receiver = Receiver::always(ScriptedResponse::status(202));
    let by_count = tracer(to(&endpoint(&receiver)).max_message_spans(4));
    spans(&by_count, 10);
    assert_eq!(by_count.flush_blocking(LONG).delivered, 10);
    let counts: Vec<_> = receiver.requests().iter().map(|request| list(request).len()).collect();
    assert_eq!(counts, [4, 4, 2]);

    let receiver = Receiver::always(ScriptedResponse::status(202));
    let by_bytes = tracer(to(&endpoint(&receiver)).max_message_bytes(10_000));
    for n in 0..50 {
        by_bytes.start_trace("span").tag("text", &"x".repeat(n * 100)).finish();
    }
    assert_eq!(by_bytes.flush_blocking(LONG).delivered, 50);
    let requests = receiver.requests();
    assert!(requests.iter().all(|request| request.body.len() <= 10_000));
    assert!(requests.windows(2).all(|two| {
        let first_of_next = list(&two[1])[0].to_string().len();
        two[0].body.len() + ",".len() + first_of_next > 10_000
    }));
    assert_eq!(accepted(&receiver).len(), 50);
}

#[test]
fn only_the_span_above_the_size_limit_is_dropped() {
    let receiver = Receiver::always(ScriptedResponse::status(202));
    let tracer = tracer(to(&endpoint(&receiver)).max_message_bytes(1000));
    spans(&tracer, 2);
    tracer.start_trace("large").tag("text", &"x".repeat(1000)).finish();
    spans(&tracer, 2);
    let flushed = tracer.flush_blocking(LONG);
    assert!(error(&flushed).ends_with("bytes exceeds the size limit of a request"), "{flushed:?}");
    assert_eq!((tracer.stats().delivered, tracer.stats().dropped.of("too large")), (4, 1));
    assert_eq!(receiver.requests().len(), 1, "the message goes on without it");
    holds(&tracer.stats());
}

#[test]
fn a_request_is_filled_to_the_last_byte() {
    // The manual clock gives both spans the same length.
    let sent = |max_bytes: usize| {
        let receiver = Receiver::always(ScriptedResponse::status(202));
        let recorder = to(&endpoint(&receiver)).max_message_bytes(max_bytes).build().unwrap();
        let clock = Clock::manual(SystemTime::UNIX_EPOCH + LONG);
        let tracer = RecordingTracer::builder(recorder).clock(clock).without_thread().build();
        spans(&tracer, 2);
        let _ = tracer.flush_blocking(LONG);
        holds(&tracer.stats());
        receiver.requests().iter().map(|request| request.body.len()).collect::<Vec<_>>()
    };
    let both = sent(500_000)[0];
    let one = (both - "[,]".len()) / 2 + "[]".len();
    assert_eq!(sent(both), [both]);
    assert_eq!(sent(both - 1), [one, one]);
    assert_eq!(sent(one), [one, one]);
    assert!(sent(one - 1).is_empty());
}

#[test]
fn headers_and_credentials_are_sent() {
    let receiver = Receiver::always(ScriptedResponse::status(202));
    let endpoint = endpoint(&receiver).replace("http://", "http://user:pass@");
    let tracer = tracer(to(&endpoint).header("x-tenant", "acme"));
    spans(&tracer, 1);
    assert_eq!(tracer.flush_blocking(LONG).delivered, 1);
    let headers = &receiver.requests()[0].headers;
    assert_eq!(
        (headers["x-tenant"].as_str(), headers["authorization"].as_str()),
        ("acme", "Basic dXNlcjpwYXNz")
    );
}

#[test]
fn the_account_is_exact_with_concurrent_spans_and_a_failing_server() {
    let receiver = Receiver::start(|n| match n % 5 {
        0 => ScriptedResponse::status(202),
        1 => ScriptedResponse::status(500),
        2 => ScriptedResponse::SendAndClose(Vec::new()),
        3 => ScriptedResponse::status(400),
        _ => ScriptedResponse::SendAndClose(b"HTTP/1.1 200 x\r\ncontent-length: 0\r\n\r\n".to_vec()),
    });
    let recorder = to(&endpoint(&receiver)).max_message_spans(7).build().unwrap();
    let tracer = RecordingTracer::builder(recorder).max_batch(50).max_queued_spans(500).build();
    let workers: Vec<_> = (0..8)
        .map(|_| {
            let tracer = tracer.clone();
            thread::spawn(move || spans(&tracer, 200))
        })
        .collect();
    for worker in workers {
        worker.join().unwrap();
    }
    let _ = tracer.shutdown_blocking(LONG);
    let stats = tracer.stats();
    holds(&stats);
    assert_eq!((stats.started, stats.queued), (1600, 0), "{stats}");
    let accepted = accepted(&receiver);
    let different: HashSet<_> = accepted.iter().map(|span| span["id"].to_string()).collect();
    assert_eq!((stats.delivered, accepted.len()), (different.len() as u64, different.len()), "{stats}");
    assert!(stats.delivered > 0 && stats.dropped.of("server error") > 0, "{stats}");
}

#[cfg(feature = "tls")]
#[test]
fn a_server_without_tls_fails_the_handshake() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("https://{}/", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            use std::io::{Read, Write};
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 1024]);
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    let (flushed, stats) = three(&endpoint);
    assert_eq!(stats.dropped.of("TLS handshake failed"), 3, "{stats}");
    assert!(error(&flushed).starts_with("TLS handshake failed: "), "{flushed:?}");
}
