//! Retries over HTTP.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use anytrace_api::TracerExt;
use anytrace_test_receiver::{Receiver, ScriptedResponse};

use crate::harness::{
    LONG, accepted, apart, assert_accounted, assert_dropped, assert_dropped_at_once, busy, head, http, spans,
    three, to, tracer,
};

#[test]
fn permanent_failures_are_not_retried() {
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
        let error = assert_dropped_at_once(
            ScriptedResponse::with(status, "retry-after: 0\r\n", b"no\nthanks"),
            reason,
        );
        assert_eq!(error, format!(r"the server responded {status}: no\nthanks"));
    }
}

#[test]
fn temporary_failures_are_retried_with_growing_pauses() {
    for (status, reason) in
        [(429, "refused"), (502, "server error"), (503, "server error"), (504, "server error")]
    {
        let receiver = Receiver::always(ScriptedResponse::status(status));
        let error = assert_dropped(to(&receiver).retries(2), reason);
        assert_eq!(error, format!("the server responded {status}"));
        let requests = receiver.requests();
        assert_eq!(requests.len(), 3);
        for (two, shortest) in requests.windows(2).zip([80, 160]) {
            assert!(two[1].at - two[0].at >= Duration::from_millis(shortest));
        }
    }
}

#[test]
fn without_retries_there_is_one_attempt() {
    let receiver = Receiver::always(ScriptedResponse::status(503));
    assert_dropped(to(&receiver).retries(0), "server error");
    assert_eq!(receiver.requests().len(), 1);
}

#[test]
fn a_server_that_recovers_receives_each_span_once() {
    let receiver = Receiver::start(|n| if n < 3 { busy(503) } else { ScriptedResponse::status(200) });
    let (flushed, stats) = three(to(&receiver));
    assert_eq!((flushed.result, stats.delivered), (Ok(()), 3));
    let requests = receiver.requests();
    assert_eq!((requests.len(), accepted(&receiver).len()), (4, 3));
    assert!(requests.iter().all(|request| request.body == requests[0].body && request.connection == 0));
}

#[test]
fn retry_after_is_honoured_within_the_deadline() {
    let asks = |text: &str| {
        let asks = ScriptedResponse::with(503, &format!("retry-after: {text}\r\n"), b"");
        Receiver::start(move |n| if n == 0 { asks.clone() } else { ScriptedResponse::status(200) })
    };
    let gap = |receiver: &Receiver| {
        let requests = receiver.requests();
        requests[1].at - requests[0].at
    };
    let receiver = asks("1");
    assert_eq!(three(to(&receiver)).1.delivered, 3);
    assert!(gap(&receiver) >= Duration::from_secs(1));
    // A date in the past means no delay, and an invalid header is ignored.
    for (text, shortest) in [("Sun, 06 Nov 1994 08:49:37 GMT", 0), ("-1", 80), ("soon", 80), ("1.5", 80)] {
        let receiver = asks(text);
        assert_eq!(three(to(&receiver)).1.delivered, 3, "{text}");
        assert!(gap(&receiver) >= Duration::from_millis(shortest), "{text}");
    }
    // Too late: given up at once, for the reason that there is.
    for text in ["3600", "99999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"] {
        let receiver = asks(text);
        let before = Instant::now();
        assert_eq!(assert_dropped(to(&receiver), "server error"), "the server responded 503");
        assert_eq!(receiver.requests().len(), 1);
        assert!(before.elapsed() < Duration::from_secs(5));
    }
}

#[test]
fn a_connection_closed_before_the_response_is_retried() {
    for said in ["", "HTTP/1.1", "HTTP/1.1 200 x\r\ncontent-len"] {
        let ends = ScriptedResponse::SendAndClose(said.into());
        let receiver = Receiver::always(ends.clone());
        let error = assert_dropped(to(&receiver).retries(1), "disconnected");
        assert!(error.starts_with("connection closed before the response: "), "{error}");
        assert_eq!(receiver.requests().len(), 2);
        let receiver =
            Receiver::start(move |n| if n == 0 { ends.clone() } else { ScriptedResponse::status(200) });
        assert_eq!((three(to(&receiver)).1.delivered, accepted(&receiver).len()), (3, 3));
    }
}

#[test]
fn a_stale_connection_drops_no_span() {
    let closes = Receiver::always(ScriptedResponse::SendAndClose(head(200, "content-length: 0\r\n")));
    let closes_instead = Receiver::start(|n| match n {
        1 => ScriptedResponse::SendAndClose(Vec::new()),
        _ => ScriptedResponse::status(200),
    });
    for receiver in [closes, closes_instead] {
        let tracer = tracer(to(&receiver).retries(0));
        for _ in 0..3 {
            spans(&tracer, 1);
            assert_eq!(tracer.flush_blocking(LONG).result, Ok(()));
        }
        assert_eq!((tracer.stats().delivered, accepted(&receiver).len()), (3, 3));
        assert_accounted(&tracer.stats());
    }
}

#[test]
fn a_restarted_server_receives_new_spans() {
    let address = apart(4);
    let tracer = tracer(http(format!("http://{address}")).retries(0));
    spans(&tracer, 2);
    assert!(tracer.flush_blocking(LONG).result.is_err());
    let receiver = Receiver::on(TcpListener::bind(address).unwrap(), |_| ScriptedResponse::status(200));
    spans(&tracer, 3);
    let flushed = tracer.flush_blocking(LONG);
    assert_eq!((flushed.result, flushed.delivered, accepted(&receiver).len()), (Ok(()), 3, 3));
    assert_eq!(tracer.stats().dropped.of("unreachable"), 2);
    assert_accounted(&tracer.stats());
}
