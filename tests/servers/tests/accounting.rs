//! The accounting rule, for the program `send` and for a tracer in this process, with servers that work, restart or
//! fail: every started span is delivered, dropped for a reason or still queued, and the server has all spans that count
//! as delivered.

mod accounting {
    pub(crate) mod destination;
    pub(crate) mod report;
    pub(crate) mod restart;
}
mod program;

use std::{
    io::Read,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    thread,
    time::Duration,
};

use anytrace_servers::until;

use self::accounting::{
    destination::{Destination, GRPC, HTTP, Server, ZIPKIN},
    report::{finished, send},
    restart,
};

/// The number of spans sent to a working server. More than a queue holds, so that some are dropped.
const MORE_THAN_A_QUEUE: u64 = 50_000;

/// A number of spans that takes long enough to kill the server meanwhile.
const LONG_RUNNING: u64 = 1_000_000;

/// Checks a server that receives everything, and then is killed and restarted while a tracer is running.
fn working_server(destination: &Destination) {
    let server = Server::start(destination, "working");
    let report =
        finished(send(destination, &server.endpoint(destination), MORE_THAN_A_QUEUE, Duration::from_mins(1)));
    report.assert_accounted(MORE_THAN_A_QUEUE);
    assert_eq!((report.flush.as_str(), report.queued), ("ok", 0), "{report:?}");
    assert!(report.reasons().all(|reason| reason == "queue full"), "{report:?}");
    assert_eq!(server.wait_for_spans(destination, report.delivered), report.delivered, "{report:?}");
    assert!(report.delivered > 0);
    restart::spans_arrive_after_restart(destination, server);
}

fn closed_port(destination: &Destination) {
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    assert_nothing_is_delivered(destination, closed);
}

fn unresponsive_server(destination: &Destination) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    // Reads everything until the process ends.
    thread::spawn(move || {
        for stream in listener.incoming() {
            thread::spawn(move || {
                let mut stream = stream.unwrap();
                while stream.read(&mut [0; 8192]).is_ok_and(|bytes| bytes > 0) {}
            });
        }
    });
    assert_nothing_is_delivered(destination, address);
}

fn assert_nothing_is_delivered(destination: &Destination, address: SocketAddr) {
    let report = finished(send(
        destination,
        &destination.endpoint(&format!("http://{address}")),
        MORE_THAN_A_QUEUE,
        Duration::from_secs(3),
    ));
    report.assert_accounted(MORE_THAN_A_QUEUE);
    assert_eq!(report.delivered, 0, "{report:?}");
    assert!(report.flush.starts_with("error: "), "{report:?}");
    assert!(report.elapsed < Duration::from_secs(15), "{report:?}");
}

/// Kills the server as soon as it has a span, and restarts it at once.
fn killed_server(destination: &Destination) {
    let server = Server::start(destination, "killed");
    let mut sender = send(destination, &server.endpoint(destination), LONG_RUNNING, Duration::from_secs(30));
    let before = until("the first spans", Duration::from_secs(30), || {
        Some(server.received_spans(destination)).filter(|received| *received > 0)
    });
    let server = server.kill(destination);
    assert!(sender.try_wait().unwrap().is_none(), "`send` has ended before the server was killed");
    let server = server.restart();
    let report = finished(sender);
    report.assert_accounted(LONG_RUNNING);
    assert!(report.delivered > 0, "{report:?}");
    assert!(report.elapsed < Duration::from_secs(90), "{report:?}");
    if destination.loses_spans_when_killed() {
        // The killed server has lost the spans that it had before.
        let received = server.wait_for_spans(destination, 0);
        assert!(
            received + before.unwrap() <= report.started - report.dropped_for("queue full"),
            "{received} received after the restart, {report:?}"
        );
    } else {
        // The server may have spans that it could not acknowledge before it was killed.
        let received = server.wait_for_spans(destination, report.delivered);
        let lost = report.started - report.delivered - report.dropped_for("queue full");
        assert!(
            (report.delivered..=report.delivered + lost).contains(&received),
            "{received} received, {report:?}"
        );
    }
}

macro_rules! accounting_tests {
    ($($destination:ident: $name:ident)*) => { $(
        mod $name {
            use super::*;

            #[test]
            fn holds_for_a_working_server_that_restarts() {
                working_server(&$destination);
            }

            #[test]
            fn holds_for_a_closed_port() {
                closed_port(&$destination);
            }

            #[test]
            fn holds_for_a_server_that_does_not_respond() {
                unresponsive_server(&$destination);
            }

            #[test]
            fn holds_for_a_server_that_is_killed_while_spans_arrive() {
                killed_server(&$destination);
            }
        }
    )* };
}
accounting_tests! { ZIPKIN: by_zipkin HTTP: by_otlp_over_http GRPC: by_otlp_over_grpc }
