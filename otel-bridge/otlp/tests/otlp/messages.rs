//! The size and compression of requests.

use std::{collections::HashSet, thread};

use anytrace_api::TracerExt;
use anytrace_recorder::RecordingTracer;
use anytrace_test_receiver::{Receiver, ScriptedResponse};

use crate::harness::{
    LONG, accepted, all_spans, assert_accounted, busy, decoded, error, head, partial, protobuf, spans, to,
    tracer,
};

#[test]
fn requests_are_split_until_they_fit() {
    let receiver = Receiver::always(ScriptedResponse::status(200));
    let tracer = tracer(to(&receiver).max_message_bytes(1000));
    spans(&tracer, 7);
    tracer.start_trace("large").tag("text", &"x".repeat(1000)).finish();
    spans(&tracer, 24);
    let flushed = tracer.flush_blocking(LONG);
    assert!(error(&flushed).ends_with("bytes exceeds the size limit of a request"), "{flushed:?}");
    assert_eq!((tracer.stats().delivered, tracer.stats().dropped.of("too large")), (31, 1));
    assert_accounted(&tracer.stats());
    let requests = receiver.requests();
    assert!(requests.len() > 1 && requests.iter().all(|request| request.body.len() <= 1000));
    let ids: HashSet<_> = accepted(&receiver).into_iter().collect();
    assert_eq!((ids.len(), accepted(&receiver).len()), (31, 31));
}

#[test]
fn a_request_is_filled_to_the_last_byte() {
    let sent = |max: usize| {
        let receiver = Receiver::always(ScriptedResponse::status(200));
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
fn large_requests_are_compressed_unless_turned_off() {
    for (count, turned_off, is_compressed) in [(100, false, true), (1, false, false), (100, true, false)] {
        let receiver = Receiver::always(ScriptedResponse::status(200));
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
fn the_account_is_exact_with_concurrent_spans_and_a_failing_server() {
    let receiver = Receiver::start(|n| match n % 6 {
        0 => ScriptedResponse::status(200),
        1 => ScriptedResponse::status(500),
        2 => busy(503),
        3 => ScriptedResponse::status(400),
        4 => protobuf(200, &partial(2, "two of them")),
        _ => ScriptedResponse::SendAndClose(head(200, "content-length: 0\r\n")),
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
    assert_accounted(&stats);
    assert_eq!((stats.started, stats.queued), (1600, 0), "{stats}");
    // What was rejected was taken with the rest of its message.
    let taken = accepted(&receiver);
    let different: HashSet<_> = taken.iter().collect();
    assert_eq!(taken.len(), different.len());
    assert_eq!(stats.delivered + stats.dropped.of("rejected"), taken.len() as u64, "{stats}");
    assert!(stats.delivered > 0 && stats.dropped.of("server error") > 0, "{stats}");
}
