//! What it does, and what it says when it cannot.

use std::{net::TcpListener, thread};

use serde_json::{Value as Json, json};

use crate::{
    callbacks::Callbacks,
    process::{Forwarder, command},
};

fn forward(forwarder: &Forwarder, calls: &Json) -> Json {
    let answer = forwarder.post(&["content-type: application/json"], &calls.to_string());
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.head.contains("content-type: application/json"), "{answer:?}");
    serde_json::from_str(&answer.body).unwrap()
}

#[test]
fn arguments_are_posted_as_json() {
    let (forwarder, callbacks) = (Forwarder::start(), Callbacks::start());
    let arguments = json!([{ "url": "x", "arguments": [1, 2.5, null, "é"] }]);
    let url = callbacks.url("/deep/path?with=query");
    assert_eq!(
        forward(&forwarder, &json!([{ "url": url, "arguments": arguments }])),
        json!([{ "url": url, "status": 200 }])
    );
    let callback = callbacks.next();
    assert_eq!(callback.line, "POST /deep/path?with=query HTTP/1.1");
    assert!(callback.headers.contains(&("content-type".to_owned(), "application/json".to_owned())));
    assert_eq!(serde_json::from_str::<Json>(&callback.body).unwrap(), arguments);
}

#[test]
fn it_forwards_through_itself() {
    let (forwarder, callbacks) = (Forwarder::start(), Callbacks::start());
    let itself = format!("http://{}/test", forwarder.address);
    let last = json!([{ "url": callbacks.url("/last"), "arguments": "here" }]);
    let nested = json!([{ "url": itself, "arguments": [{ "url": itself, "arguments": last }] }]);
    assert_eq!(forward(&forwarder, &nested), json!([{ "url": itself, "status": 200 }]));
    assert_eq!(callbacks.next().body, "\"here\"");
}

#[test]
fn what_cannot_be_reached_is_told_beside_what_can() {
    let (forwarder, callbacks) = (Forwarder::start(), Callbacks::start());
    let url = callbacks.url("/");
    let urls = ["http://127.0.0.1:1/", url.as_str(), "nonsense", "http://192.0.2.1/", "https://127.0.0.1/"];
    let calls: Vec<_> = urls.iter().map(|url| json!({ "url": url, "arguments": [] })).collect();
    let told = forward(&forwarder, &calls.into());
    for (told, (url, named)) in told.as_array().unwrap().iter().zip(urls.into_iter().zip([
        "refused",
        "",
        "not a url",
        "not on the loopback",
        "not a url of http",
    ])) {
        assert_eq!(told["url"], url);
        match told["error"].as_str() {
            Some(error) => assert!(!named.is_empty() && error.contains(named), "{error}"),
            None => assert_eq!((named, &told["status"]), ("", &200.into())),
        }
    }
    assert_eq!(told.as_array().unwrap().len(), 5);
}

#[test]
fn a_server_that_hangs_up_is_a_failure_of_its_call() {
    let forwarder = Forwarder::start();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    thread::spawn(move || listener.incoming().for_each(drop));
    let told = forward(&forwarder, &json!([{ "url": url, "arguments": [] }]));
    assert!(told[0]["error"].is_string(), "{told}");
}

#[test]
fn many_calls_of_many_requests_are_each_answered() {
    let (forwarder, callbacks) = (Forwarder::start(), Callbacks::start());
    let call = |n: usize| json!({ "url": callbacks.url(&format!("/{n}")), "arguments": n });
    let calls = Json::Array((0..100).map(call).collect());
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let told = forward(&forwarder, &calls);
                assert!(told.as_array().unwrap().iter().all(|told| told["status"] == 200), "{told}");
            });
        }
    });
    let mut parents: Vec<_> = (0..400)
        .map(|_| {
            let callback = callbacks.next();
            callback.headers.into_iter().find(|(name, _)| name == "traceparent").unwrap().1
        })
        .collect();
    parents.sort();
    parents.dedup();
    assert_eq!(parents.len(), 400);
    assert!(callbacks.is_quiet());
}

#[test]
fn what_is_no_list_of_calls_is_refused() {
    let forwarder = Forwarder::start();
    for (body, named) in [("", "no json"), ("{}", "no array"), (r#"[{"url": "x"}]"#, "no arguments")] {
        let answer = forwarder.post(&[""; 0], body);
        assert_eq!(answer.status, 400);
        let error: Json = serde_json::from_str(&answer.body).unwrap();
        assert!(error["error"].as_str().unwrap().contains(named), "{error}");
    }
    assert_eq!(forward(&forwarder, &json!([])), json!([]));
    let elsewhere = forwarder.say("POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 2\r\n", "[]");
    assert_eq!(elsewhere.status, 404);
    assert_eq!(forwarder.say("GET /test HTTP/1.1\r\nhost: here\r\n", "").status, 405);
}

#[test]
fn a_wrong_option_is_told_apart_from_a_failure() {
    for (words, named) in [
        (&[][..], "--port is missing"),
        (&["--port", "many"], "--port is a number from 0 to 65535, not \"many\""),
        (&["--colour"], "--colour"),
    ] {
        let output = command(words).output().unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{words:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(named) && said.contains("usage: cargo run"), "{said}");
    }
    let help = command(&["--help"]).output().unwrap();
    assert!(help.status.success() && help.stdout.starts_with(b"usage: cargo run"), "{help:?}");

    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = command(&["--port", &port]).output().unwrap();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{output:?}");
    assert!(output.stderr.starts_with(b"forwarder: "), "{output:?}");
}
