//! The behaviour of `forwarder`, and its error messages.

use std::{net::TcpListener, thread};

use serde_json::{Value as Json, json};

use crate::{
    callbacks::Callbacks,
    process::{Forwarder, command},
};

fn forward(forwarder: &Forwarder, calls: &Json) -> Json {
    let response = forwarder.post(&["content-type: application/json"], &calls.to_string());
    assert_eq!(response.status, 200, "{response:?}");
    assert!(response.head.contains("content-type: application/json"), "{response:?}");
    serde_json::from_str(&response.body).unwrap()
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
fn forwarder_can_call_itself() {
    let (forwarder, callbacks) = (Forwarder::start(), Callbacks::start());
    let itself = format!("http://{}/test", forwarder.address);
    let last = json!([{ "url": callbacks.url("/last"), "arguments": "here" }]);
    let nested = json!([{ "url": itself, "arguments": [{ "url": itself, "arguments": last }] }]);
    assert_eq!(forward(&forwarder, &nested), json!([{ "url": itself, "status": 200 }]));
    assert_eq!(callbacks.next().body, "\"here\"");
}

#[test]
fn errors_are_reported_per_call() {
    let (forwarder, callbacks) = (Forwarder::start(), Callbacks::start());
    let url = callbacks.url("/");
    let urls = ["http://127.0.0.1:1/", url.as_str(), "nonsense", "http://192.0.2.1/", "https://127.0.0.1/"];
    let calls: Vec<_> = urls.iter().map(|url| json!({ "url": url, "arguments": [] })).collect();
    let results = forward(&forwarder, &calls.into());
    for (result, (url, named)) in results.as_array().unwrap().iter().zip(urls.into_iter().zip([
        "refused",
        "",
        "the scheme is not http",
        "the host is not a loopback address",
        "the scheme is not http",
    ])) {
        assert_eq!(result["url"], url);
        match result["error"].as_str() {
            Some(error) => assert!(!named.is_empty() && error.contains(named), "{error}"),
            None => assert_eq!((named, &result["status"]), ("", &200.into())),
        }
    }
    assert_eq!(results.as_array().unwrap().len(), 5);
}

#[test]
fn a_closed_connection_fails_its_call() {
    let forwarder = Forwarder::start();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    thread::spawn(move || listener.incoming().for_each(drop));
    let results = forward(&forwarder, &json!([{ "url": url, "arguments": [] }]));
    assert!(results[0]["error"].is_string(), "{results}");
}

#[test]
fn many_concurrent_calls_all_complete() {
    let (forwarder, callbacks) = (Forwarder::start(), Callbacks::start());
    let call = |n: usize| json!({ "url": callbacks.url(&format!("/{n}")), "arguments": n });
    let calls = Json::Array((0..100).map(call).collect());
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let results = forward(&forwarder, &calls);
                assert!(
                    results.as_array().unwrap().iter().all(|result| result["status"] == 200),
                    "{results}"
                );
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
    assert!(callbacks.is_empty());
}

#[test]
fn invalid_bodies_are_rejected() {
    let forwarder = Forwarder::start();
    for (body, named) in [("", "not JSON"), ("{}", "not an array"), (r#"[{"url": "x"}]"#, "no arguments")] {
        let response = forwarder.post(&[""; 0], body);
        assert_eq!(response.status, 400);
        let error: Json = serde_json::from_str(&response.body).unwrap();
        assert!(error["error"].as_str().unwrap().contains(named), "{error}");
    }
    assert_eq!(forward(&forwarder, &json!([])), json!([]));
    let other_path = forwarder.send_raw("POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 2\r\n", "[]");
    assert_eq!(other_path.status, 404);
    assert_eq!(forwarder.send_raw("GET /test HTTP/1.1\r\nhost: here\r\n", "").status, 405);
}

#[test]
fn an_invalid_option_has_its_own_exit_status() {
    for (arguments, named) in [
        (&[][..], "--port is missing"),
        (&["--port", "many"], "--port: \"many\" is not a number from 0 to 65535"),
        (&["--colour"], "--colour"),
    ] {
        let output = command(arguments).output().unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{arguments:?}");
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.contains(named) && stderr.contains("usage: cargo run"), "{stderr}");
    }
    let help = command(&["--help"]).output().unwrap();
    assert!(help.status.success() && help.stdout.starts_with(b"usage: cargo run"), "{help:?}");

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let output = command(&["--port", &port]).output().unwrap();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{output:?}");
    assert!(output.stderr.starts_with(b"forwarder: "), "{output:?}");
}
