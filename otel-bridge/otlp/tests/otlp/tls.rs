//! TLS: spans go neither to an untrusted server nor over an unencrypted connection.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use rustls::{ServerConfig, ServerConnection, StreamOwned, pki_types::PrivateKeyDer};

use crate::harness::{LONG, SHORT, assert_dropped, grpc, http, three};
use anytrace_test_receiver::{Receiver, ScriptedResponse};

/// Starts a server that calls `talk` with each connection, and returns its `https` URL.
fn server(talk: impl Fn(TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    thread::spawn(move || listener.incoming().for_each(|stream| talk(stream.unwrap())));
    url
}

fn assert_not_trusted(url: &str) {
    for builder in [http(url), grpc(url)] {
        let error = assert_dropped(builder.timeout(LONG), "TLS handshake failed");
        assert!(error.starts_with("TLS handshake failed: "), "{error}");
    }
}

#[test]
fn a_server_without_tls_receives_nothing() {
    assert_not_trusted(&server(|mut stream| {
        let _ = stream.read(&mut [0; 1024]);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    }));
}

#[test]
fn a_self_signed_certificate_is_refused() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key);
    let mut config = config.unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let config = Arc::new(config);
    let received = Arc::new(AtomicUsize::new(0));
    let counted = received.clone();
    assert_not_trusted(&server(move |stream| {
        let connection = ServerConnection::new(config.clone()).unwrap();
        let mut read = [0; 1024];
        let bytes = StreamOwned::new(connection, stream).read(&mut read).unwrap_or(0);
        counted.fetch_add(bytes, Ordering::Relaxed);
    }));
    assert_eq!(received.load(Ordering::Relaxed), 0);
}

#[test]
fn there_is_no_fallback_to_plain_text() {
    let receiver = Receiver::always(ScriptedResponse::status(200));
    let url = receiver.url("").replace("http:", "https:");
    for builder in [http(&url), grpc(&url)] {
        // The receiver waits for the end of a line, and so do both sides.
        assert_eq!(three(builder.timeout(SHORT)).1.delivered, 0);
    }
    assert!(receiver.requests().is_empty());
}
