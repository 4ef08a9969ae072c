//! Faults of a server of OTLP/HTTP.

use std::{
    collections::HashSet,
    net::TcpListener,
    thread,
    time::{Duration, Instant},
};

use anytrace_api::TracerExt;
use anytrace_otel_bridge::OtlpBuilder;
use anytrace_recorder::RecordingTracer;
use anytrace_test_receiver::{Answer, Receiver};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;

use crate::common::{
    LONG, NOBODY, SHORT, accepted, all_spans, apart, decoded, error, holds, http, lost, partial, protobuf,
    spans, three, tracer,
};

fn to(receiver: &Receiver) -> OtlpBuilder {
    http(receiver.url(""))
}

/// Three spans are lost for `reason`, after one attempt.
fn lost_at_once(answer: Answer, reason: &str) -> String {
    let receiver = Receiver::always(answer);
    let error = lost(to(&receiver), reason);
    assert_eq!(receiver.requests().len(), 1, "{reason}");
    error
}

fn head(status: u16, headers: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} x\r\n{headers}\r\n").into_bytes()
}

/// Asks for another attempt, at once.
fn busy(status: u16) -> Answer {
    Answer::with(status, "retry-after: 0\r\n", b"")
}

#[test]
fn any_2xx_is_delivery() {
    for answer in [
        protobuf(200, &ExportTraceServiceResponse::default()),
        protobuf(200, &partial(0, "")),
        Answer::status(200),
        Answer::status(202),
        Answer::Say(head(204, "")),
        Answer::with(200, "content-type: application/json\r\n", b"{}"),
        Answer::with(200, "content-type: text/html\r\n", b"<p>thank you"),
        Answer::SayAndHangUp([head(200, ""), b"until it ends".to_vec()].concat()),
    ] {
        let receiver = Receiver::always(answer.clone());
        let (flushed, stats) = three(to(&receiver));
        assert_eq!((flushed.result, stats.delivered), (Ok(()), 3), "{answer:?}");
        assert_eq!((receiver.requests().len(), accepted(&receiver).len()), (1, 3));
    }
}

#[test]
fn a_partial_success_is_counted_to_the_span_and_not_sent_again() {
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
        assert_eq!(error(&flushed), "the server took all spans, and warns: use a newer version");
    }
}

#[test]
fn what_a_server_says_is_cut() {
    let receiver = Receiver::always(protobuf(200, &partial(1, &"x".repeat(100_000))));
    assert!(error(&three(to(&receiver)).0).len() < 300);
}

#[test]
fn what_would_fail_again_is_not_sent_again() {
    for (status, reason) in [
        (400, "refused"),
        (401, "refused"),
        (403, "refused"),
        (404, "refused"),
        (413, "refused"),
        (415, "refused"),
        (500, "server error"),
        (501, "server error"),
        (505, "server error"),
    ] {
        // Also where it asks for it.
        let error = lost_at_once(Answer::with(status, "retry-after: 0\r\n", b"no\nthanks"), reason);
        assert_eq!(error, format!(r"the server answered {status}: no\nthanks"));
    }
}

#[test]
fn a_status_message_is_read() {
    // google.rpc.Status { code: 3, message: "bad\n" }
    let status = Answer::with(400, "content-type: application/x-protobuf\r\n", b"\x08\x03\x12\x04bad\n");
    assert_eq!(lost_at_once(status, "refused"), r"the server answered 400: bad\n");
    let empty = protobuf(401, &ExportTraceServiceResponse::default());
    assert_eq!(lost_at_once(empty, "refused"), "the server answered 401");
}

#[test]
fn what_may_pass_is_sent_again_with_growing_gaps() {
    for (status, reason) in
        [(429, "refused"), (502, "server error"), (503, "server error"), (504, "server error")]
    {
        let receiver = Receiver::always(Answer::status(status));
        let error = lost(to(&receiver).retries(2), reason);
        assert_eq!(error, format!("the server answered {status}"));
        let requests = receiver.requests();
        assert_eq!(requests.len(), 3);
        for (two, shortest) in requests.windows(2).zip([80, 160]) {
            assert!(two[1].at - two[0].at >= Duration::from_millis(shortest));
        }
    }
}

#[test]
fn without_retries_there_is_one_attempt() {
    let receiver = Receiver::always(Answer::status(503));
    lost(to(&receiver).retries(0), "server error");
    assert_eq!(receiver.requests().len(), 1);
}

#[test]
fn a_server_that_recovers_gets_everything_once() {
    let receiver = Receiver::start(|n| if n < 3 { busy(503) } else { Answer::status(200) });
    let (flushed, stats) = three(to(&receiver));
    assert_eq!((flushed.result, stats.delivered), (Ok(()), 3));
    let requests = receiver.requests();
    assert_eq!((requests.len(), accepted(&receiver).len()), (4, 3));
    assert!(requests.iter().all(|request| request.body == requests[0].body && request.connection == 0));
}

#[test]
fn retry_after_is_honoured_where_it_is_in_time() {
    let asks = |text: &str| {
        let asks = Answer::with(503, &format!("retry-after: {text}\r\n"), b"");
        Receiver::start(move |n| if n == 0 { asks.clone() } else { Answer::status(200) })
    };
    let gap = |receiver: &Receiver| {
        let requests = receiver.requests();
        requests[1].at - requests[0].at
    };
    let receiver = asks("1");
    assert_eq!(three(to(&receiver)).1.delivered, 3);
    assert!(gap(&receiver) >= Duration::from_secs(1));
    // Passed long ago: at once. What makes no sense was not said.
    for (text, shortest) in [("Sun, 06 Nov 1994 08:49:37 GMT", 0), ("-1", 80), ("soon", 80), ("1.5", 80)] {
        let receiver = asks(text);
        assert_eq!(three(to(&receiver)).1.delivered, 3, "{text}");
        assert!(gap(&receiver) >= Duration::from_millis(shortest), "{text}");
    }
    // Too late: given up at once, for the reason that there is.
    for text in ["3600", "99999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"] {
        let receiver = asks(text);
        let before = Instant::now();
        assert_eq!(lost(to(&receiver), "server error"), "the server answered 503");
        assert_eq!(receiver.requests().len(), 1);
        assert!(before.elapsed() < Duration::from_secs(5));
    }
}

#[test]
fn redirects_are_not_followed() {
    let trap = Receiver::always(Answer::status(200));
    for status in [301, 302, 307, 308] {
        let location = format!("location: {}\r\n", trap.url("/v1/traces"));
        lost_at_once(Answer::with(status, &location, b""), "redirected");
    }
    assert!(trap.requests().is_empty());
}

#[test]
fn a_server_that_never_answers_costs_the_deadline_and_one_attempt() {
    for (flush, own) in [(SHORT, LONG), (LONG, SHORT)] {
        let receiver = Receiver::always(Answer::Hang);
        let tracer = tracer(to(&receiver).timeout(own));
        spans(&tracer, 3);
        let before = Instant::now();
        let flushed = tracer.flush_blocking(flush);
        assert!(before.elapsed() < Duration::from_secs(10));
        assert_eq!(error(&flushed), "the server did not answer in time");
        assert_eq!(tracer.stats().dropped.of("timeout"), 3);
        assert!(receiver.requests().len() <= 1);
        holds(&tracer.stats());
    }
}

#[test]
fn the_deadline_holds_for_every_part_of_an_answer() {
    let heads = [
        head(200, "content-length: 0\r\nx-slow: ")[..].strip_suffix(b"\r\n").unwrap().to_vec(),
        head(200, "content-length: 1000000\r\n"),
    ];
    for said in heads {
        let receiver = Receiver::always(Answer::Drip(said));
        let before = Instant::now();
        lost(to(&receiver).timeout(SHORT), "timeout");
        assert!(before.elapsed() < Duration::from_secs(10));
        assert!(receiver.requests().len() <= 1);
    }
}

#[test]
fn a_server_that_does_not_read_costs_the_deadline() {
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
    holds(&stats);
    assert_eq!((stats.delivered, stats.dropped.of("timeout"), stats.queued), (0, queued, 0), "{stats}");
    drop(listener);
}

#[test]
fn nobody_there_is_unreachable() {
    for url in [NOBODY, "http://nobody.invalid:4318"] {
        let error = lost(http(url).retries(1), "unreachable");
        assert!(error.starts_with("the server cannot be reached: "), "{error}");
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
fn a_connection_that_ends_before_the_answer_is_tried_again() {
    for said in ["", "HTTP/1.1", "HTTP/1.1 200 x\r\ncontent-len"] {
        let ends = Answer::SayAndHangUp(said.into());
        let receiver = Receiver::always(ends.clone());
        let error = lost(to(&receiver).retries(1), "disconnected");
        assert!(error.starts_with("the server hung up: "), "{error}");
        assert_eq!(receiver.requests().len(), 2);
        let receiver = Receiver::start(move |n| if n == 0 { ends.clone() } else { Answer::status(200) });
        assert_eq!((three(to(&receiver)).1.delivered, accepted(&receiver).len()), (3, 3));
    }
}

#[test]
fn an_answer_that_breaks_off_is_not_asked_for_again() {
    let half = |status| [head(status, "content-length: 100\r\n"), b"half".to_vec()].concat();
    lost_at_once(Answer::SayAndHangUp(half(200)), "bad answer");
    assert_eq!(
        lost_at_once(Answer::SayAndHangUp(half(500)), "server error"),
        "the server answered 500: half"
    );
}

#[test]
fn what_makes_no_sense_is_a_bad_answer() {
    for garbage in ["SSH-2.0-OpenSSH_9.2\r\n\r\n", "\0\0\0\0\r\n\r\n", "HTTP/1.1 abc x\r\n\r\n"] {
        lost_at_once(Answer::SayAndHangUp(garbage.into()), "bad answer");
    }
    let garbage = Answer::with(200, "content-type: application/x-protobuf\r\n", b"\xff\xff\xff");
    let error = lost_at_once(garbage, "bad answer");
    assert!(error.starts_with("the server's answer makes no sense: "), "{error}");
    let huge = Answer::with(200, &format!("x-huge: {}\r\n", "x".repeat(1 << 20)), b"");
    lost_at_once(huge, "bad answer");
}

#[test]
fn an_answer_is_read_up_to_its_limit() {
    let flood = |status| Answer::Flood(head(status, "content-length: 1000000000000\r\n"));
    let receiver = Receiver::always(flood(200));
    assert_eq!(
        lost(to(&receiver), "bad answer"),
        "the server's answer makes no sense: it has more than 4194304 bytes"
    );
    // What the sockets' buffers hold was never read.
    assert!(receiver.flooded() < 32 << 20, "{}", receiver.flooded());
    let error = lost_at_once(flood(500), "server error");
    assert!(error.len() < 300 && error.ends_with("xx…"), "{error}");
}

#[test]
fn a_body_that_says_it_is_compressed_is_not_unpacked() {
    let compressed = "content-encoding: gzip\r\ncontent-type: application/x-protobuf\r\n";
    let bomb = [b"\x1f\x8b\x08\0\0\0\0\0".as_slice(), &[0; 1000]].concat();
    lost_at_once(Answer::with(200, compressed, &bomb), "bad answer");
}

#[test]
fn a_connection_that_went_stale_costs_nothing() {
    let closes = Receiver::always(Answer::SayAndHangUp(head(200, "content-length: 0\r\n")));
    let closes_instead = Receiver::start(|n| match n {
        1 => Answer::SayAndHangUp(Vec::new()),
        _ => Answer::status(200),
    });
    for receiver in [closes, closes_instead] {
        let tracer = tracer(to(&receiver).retries(0));
        for _ in 0..3 {
            spans(&tracer, 1);
            assert_eq!(tracer.flush_blocking(LONG).result, Ok(()));
        }
        assert_eq!((tracer.stats().delivered, accepted(&receiver).len()), (3, 3));
        holds(&tracer.stats());
    }
}

#[test]
fn a_server_that_comes_back_gets_what_is_new() {
    let address = apart(4);
    let tracer = tracer(http(format!("http://{address}")).retries(0));
    spans(&tracer, 2);
    assert!(tracer.flush_blocking(LONG).result.is_err());
    let receiver = Receiver::on(TcpListener::bind(address).unwrap(), |_| Answer::status(200));
    spans(&tracer, 3);
    let flushed = tracer.flush_blocking(LONG);
    assert_eq!((flushed.result, flushed.delivered, accepted(&receiver).len()), (Ok(()), 3, 3));
    assert_eq!(tracer.stats().dropped.of("unreachable"), 2);
    holds(&tracer.stats());
}

#[test]
fn messages_are_split_until_they_fit() {
    let receiver = Receiver::always(Answer::status(200));
    let tracer = tracer(to(&receiver).max_message_bytes(1000));
    spans(&tracer, 7);
    tracer.start_trace("large").tag("text", &"x".repeat(1000)).finish();
    spans(&tracer, 24);
    let flushed = tracer.flush_blocking(LONG);
    assert!(error(&flushed).ends_with("bytes is too large for a message"), "{flushed:?}");
    assert_eq!((tracer.stats().delivered, tracer.stats().dropped.of("too large")), (31, 1));
    holds(&tracer.stats());
    let requests = receiver.requests();
    assert!(requests.len() > 1 && requests.iter().all(|request| request.body.len() <= 1000));
    let ids: HashSet<_> = accepted(&receiver).into_iter().collect();
    assert_eq!((ids.len(), accepted(&receiver).len()), (31, 31));
}

#[test]
fn a_message_is_filled_to_its_last_byte() {
    let sent = |max: usize| {
        let receiver = Receiver::always(Answer::status(200));
        let tracer = tracer(to(&receiver).max_message_bytes(max));
        spans(&tracer, 2);
        let _ = tracer.flush_blocking(LONG);
        receiver.requests().iter().map(|request| request.body.len()).collect::<Vec<_>>()
    };
    let both = sent(usize::MAX)[0];
    assert_eq!(sent(both), [both]);
    let split = sent(both - 1);
    assert_eq!((split.len(), split[0]), (2, split[1]));
    assert_eq!(sent(split[0]).len(), 2);
    assert!(sent(split[0] - 1).is_empty());
}

#[test]
fn large_messages_are_compressed_unless_that_is_turned_off() {
    for (count, turned_off, is_compressed) in [(100, false, true), (1, false, false), (100, true, false)] {
        let receiver = Receiver::always(Answer::status(200));
        let builder = to(&receiver);
        let tracer = tracer(if turned_off { builder.without_compression() } else { builder });
        spans(&tracer, count);
        assert_eq!(tracer.flush_blocking(LONG).delivered, count as u64);
        let request = &receiver.requests()[0];
        assert_eq!(request.headers.contains_key("content-encoding"), is_compressed);
        assert_eq!(request.bytes < request.body.len(), is_compressed);
        assert_eq!(all_spans(&decoded(request)).len(), count);
    }
}

#[test]
fn the_law_holds_while_threads_finish_spans_and_the_server_has_its_moods() {
    let receiver = Receiver::start(|n| match n % 6 {
        0 => Answer::status(200),
        1 => Answer::status(500),
        2 => busy(503),
        3 => Answer::status(400),
        4 => protobuf(200, &partial(2, "two of them")),
        _ => Answer::SayAndHangUp(head(200, "content-length: 0\r\n")),
    });
    let recorder = to(&receiver).max_message_bytes(2000).build().unwrap();
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
    // What was rejected was taken with the rest of its message.
    let taken = accepted(&receiver);
    let different: HashSet<_> = taken.iter().collect();
    assert_eq!(taken.len(), different.len());
    assert_eq!(stats.delivered + stats.dropped.of("rejected"), taken.len() as u64, "{stats}");
    assert!(stats.delivered > 0 && stats.dropped.of("server error") > 0, "{stats}");
}
