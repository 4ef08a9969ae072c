//! The law, by `send` and by a tracer of our own, whatever becomes of the server: every span that was started has been
//! delivered, or dropped for a reason, or is still on its way, and what is said to be delivered is what the server has.

mod law {
    pub(crate) mod comeback;
    pub(crate) mod report;
    pub(crate) mod way;
}
mod program;

use std::{
    io::Read,
    net::{Ipv4Addr, TcpListener},
    thread,
    time::Duration,
};

use anytrace_servers::until;

use self::law::{
    comeback,
    report::{finished, send},
    way::{GRPC, HTTP, Server, Way, ZIPKIN},
};

/// What is sent to a server that is in order: more than a queue holds, so that some are dropped.
const MANY: u64 = 50_000;

/// What takes so long to make that the server can be killed meanwhile.
const ENDLESS: u64 = 1_000_000;

/// A server takes all that it is given, and then is killed and started again while a tracer lives.
fn a_server_in_order(way: &Way) {
    let server = Server::start(way, "in-order");
    let report = finished(send(way, &server.endpoint(way), MANY, Duration::from_mins(1)));
    report.holds(MANY);
    assert_eq!((report.flush.as_str(), report.queued), ("ok", 0), "{report:?}");
    assert!(report.reasons().all(|reason| reason == "queue full"), "{report:?}");
    assert_eq!(server.settled(way, report.delivered), report.delivered, "{report:?}");
    assert!(report.delivered > 0);
    comeback::is_noticed(way, server);
}

fn a_closed_port(way: &Way) {
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let report =
        finished(send(way, &way.endpoint(&format!("http://{closed}")), MANY, Duration::from_secs(3)));
    report.holds(MANY);
    assert_eq!(report.delivered, 0, "{report:?}");
    assert!(report.flush.starts_with("error: "), "{report:?}");
    assert!(report.elapsed < Duration::from_secs(15), "{report:?}");
}

fn a_server_that_never_answers(way: &Way) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    // Reads all there is, and stays with the process.
    thread::spawn(move || {
        for stream in listener.incoming() {
            thread::spawn(move || {
                let mut stream = stream.unwrap();
                while stream.read(&mut [0; 8192]).is_ok_and(|bytes| bytes > 0) {}
            });
        }
    });
    let report =
        finished(send(way, &way.endpoint(&format!("http://{address}")), MANY, Duration::from_secs(3)));
    report.holds(MANY);
    assert_eq!(report.delivered, 0, "{report:?}");
    assert!(report.flush.starts_with("error: "), "{report:?}");
    assert!(report.elapsed < Duration::from_secs(15), "{report:?}");
}

/// It is killed as soon as it has something, and started again at once.
fn a_server_that_is_killed(way: &Way) {
    let server = Server::start(way, "killed");
    let mut sender = send(way, &server.endpoint(way), ENDLESS, Duration::from_secs(30));
    let before =
        until("the first spans", Duration::from_secs(30), || Some(server.held(way)).filter(|held| *held > 0));
    let server = server.killed(way);
    assert!(sender.try_wait().unwrap().is_none(), "it sends no more: it was killed too late");
    let server = server.started_again();
    let report = finished(sender);
    report.holds(ENDLESS);
    assert!(report.delivered > 0, "{report:?}");
    assert!(report.elapsed < Duration::from_secs(90), "{report:?}");
    if way.forgets() {
        // What it held before is gone with it.
        let held = server.settled(way, 0);
        assert!(
            held + before.unwrap() <= report.started - report.of("queue full"),
            "{held} after, {report:?}"
        );
    } else {
        // It may hold what it had no time to answer for.
        let held = server.settled(way, report.delivered);
        let lost = report.started - report.delivered - report.of("queue full");
        assert!((report.delivered..=report.delivered + lost).contains(&held), "{held} held, {report:?}");
    }
}

macro_rules! laws {
    ($($way:ident: $name:ident)*) => { $(
        mod $name {
            use super::*;

            #[test]
            fn holds_for_a_server_in_order_and_one_that_comes_back() {
                a_server_in_order(&$way);
            }

            #[test]
            fn holds_for_a_closed_port() {
                a_closed_port(&$way);
            }

            #[test]
            fn holds_for_a_server_that_never_answers() {
                a_server_that_never_answers(&$way);
            }

            #[test]
            fn holds_for_a_server_that_is_killed_while_spans_are_made() {
                a_server_that_is_killed(&$way);
            }
        }
    )* };
}
laws! { ZIPKIN: by_zipkin HTTP: by_otlp_over_http GRPC: by_otlp_over_grpc }
