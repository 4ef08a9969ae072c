//! The transport by itself. What recorders make of it, and all other faults, are in the bridges' tests.
#![cfg(feature = "http")]

use std::time::{Duration, Instant};

use anytrace_api::flush::DropReason;
use anytrace_recorder::http::{HttpClient, HttpClientBuilder};
use anytrace_test_receiver::{Receiver, ScriptedResponse};

fn to(receiver: &Receiver) -> HttpClientBuilder {
    HttpClient::builder(receiver.url("/spans"), "text/plain")
}

fn later() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

fn head(headers: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 x\r\n{headers}\r\n").into_bytes()
}

#[test]
fn an_answer_is_handed_out_with_headers_and_body() {
    let receiver = Receiver::always(ScriptedResponse::with(
        202,
        "Content-Type: text/plain; charset=utf-8\r\n",
        b"thanks",
    ));
    let mut client = to(&receiver).header("x-tenant", "acme").user_agent("me/1").build().unwrap();
    let answer = client.post(b"load", later()).unwrap();
    assert_eq!(
        (answer.status(), answer.content_type(), answer.body()),
        (202, Some("text/plain"), &b"thanks"[..])
    );
    assert_eq!((answer.header("x-none"), answer.header("no name"), answer.retry_after()), (None, None, None));
    let request = &receiver.requests()[0];
    assert_eq!((request.line.as_str(), request.text()), ("POST /spans HTTP/1.1", "load"));
    let header = |name: &str| request.headers[name].as_str();
    assert_eq!(
        (header("content-type"), header("user-agent"), header("x-tenant")),
        ("text/plain", "me/1", "acme")
    );
}

#[test]
fn a_body_that_does_not_matter_is_not_waited_for() {
    for answer in [
        ScriptedResponse::Flood(head("content-length: 1000000000\r\n")),
        ScriptedResponse::Drip(head("content-length: 1000000000\r\n")),
        ScriptedResponse::SendAndClose(head("content-length: 100\r\n")),
    ] {
        let receiver = Receiver::always(answer);
        let answer = to(&receiver).build().unwrap().post(b"load", later()).unwrap();
        assert!(answer.body().len() <= 64 * 1024);
    }
}

#[test]
fn a_body_that_matters_is_whole_or_a_failure() {
    let whole = |answer: ScriptedResponse, max_bytes, deadline| {
        let receiver = Receiver::always(answer);
        let mut client = to(&receiver).read_responses(max_bytes).build().unwrap();
        client.post(b"load", deadline).map(|answer| answer.body().to_vec()).map_err(|error| error.reason())
    };
    assert_eq!(whole(ScriptedResponse::body(200, "thanks"), 6, later()), Ok(b"thanks".to_vec()));
    assert_eq!(whole(ScriptedResponse::body(200, "thanks!"), 6, later()), Err(DropReason::InvalidResponse));
    assert_eq!(
        whole(ScriptedResponse::SendAndClose(head("content-length: 6\r\n")), 6, later()),
        Err(DropReason::InvalidResponse)
    );
    let soon = Instant::now() + Duration::from_millis(150);
    assert_eq!(
        whole(ScriptedResponse::Drip(head("content-length: 1000\r\n")), 1000, soon),
        Err(DropReason::Timeout)
    );
}

#[test]
fn a_failure_has_the_whole_of_a_short_answer() {
    let receiver = Receiver::always(ScriptedResponse::with(429, "retry-after: 120\r\n", b"later"));
    let error = to(&receiver).read_responses(1).build().unwrap().post(b"load", later()).unwrap_err();
    let answer = error.response().unwrap();
    assert_eq!((error.reason(), answer.status(), answer.body()), (DropReason::Refused, 429, &b"later"[..]));
    assert_eq!(answer.retry_after(), Some(Duration::from_secs(120)));
}

#[test]
fn nothing_is_sent_after_the_deadline() {
    let receiver = Receiver::always(ScriptedResponse::status(200));
    let error = to(&receiver).build().unwrap().post(b"load", Instant::now()).unwrap_err();
    assert_eq!((error.reason(), error.response().is_none()), (DropReason::Timeout, true));
    assert_eq!(error.to_string(), format!("no response from {} before the deadline", receiver.url("/spans")));
    assert!(receiver.requests().is_empty());
}
