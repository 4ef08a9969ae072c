//! Spans go to nobody who cannot be trusted, and never in the clear instead.

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

use crate::common::{LONG, SHORT, grpc, http, lost, three};
use anytrace_test_receiver::{Answer, Receiver};

/// Where `talk` is done with each connection, as a URL of `https`.
fn server(talk: impl Fn(TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    thread::spawn(move || listener.incoming().for_each(|stream| talk(stream.unwrap())));
    url
}

fn is_not_trusted(url: &str) {
    for builder in [http(url), grpc(url)] {
        let error = lost(builder.timeout(LONG), "TLS handshake failed");
        assert!(error.starts_with("TLS handshake failed: "), "{error}");
    }
}

#[test]
fn a_server_without_tls_is_not_talked_to() {
    is_not_trusted(&server(|mut stream| {
        let _ = stream.read(&mut [0; 1024]);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    }));
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_refused() {
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
    let told = Arc::new(AtomicUsize::new(0));
    let counted = told.clone();
    is_not_trusted(&server(move |stream| {
        let connection = ServerConnection::new(config.clone()).unwrap();
        let mut read = [0; 1024];
        let bytes = StreamOwned::new(connection, stream).read(&mut read).unwrap_or(0);
        counted.fetch_add(bytes, Ordering::Relaxed);
    }));
    assert_eq!(told.load(Ordering::Relaxed), 0);
}

#[test]
fn nothing_goes_in_the_clear_instead() {
    let receiver = Receiver::always(Answer::status(200));
    let url = receiver.url("").replace("http:", "https:");
    for builder in [http(&url), grpc(&url)] {
        // The receiver waits for the end of a line, and so do both sides.
        assert_eq!(three(builder.timeout(SHORT)).1.delivered, 0);
    }
    assert!(receiver.requests().is_empty());
}
