//! Ports to listen on.

use std::{
    io,
    net::{Ipv4Addr, TcpListener},
    process,
    sync::atomic::{AtomicU32, Ordering},
};

/// Below those that systems hand out to outgoing connections: nobody takes one by chance before the server listens,
/// nor while it is down, and a client that knocks at a closed one does not meet itself.
const FIRST: u32 = 20_000;
const COUNT: u32 = 10_000;

/// A port of the loopback that nobody listens on, and that this process has not been given before.
pub(crate) fn free() -> io::Result<u16> {
    static GIVEN: AtomicU32 = AtomicU32::new(0);
    let mut refused = io::Error::other("no port is free");
    for _ in 0..COUNT {
        // Processes that look at the same time begin at different places.
        let place = process::id().wrapping_mul(37).wrapping_add(GIVEN.fetch_add(1, Ordering::Relaxed));
        let port = (FIRST + place % COUNT) as u16;
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            Ok(_) => return Ok(port),
            Err(error) => refused = error,
        }
    }
    Err(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_given_once() {
        let ports = [free().unwrap(), free().unwrap(), free().unwrap()];
        assert!(ports[0] != ports[1] && ports[1] != ports[2] && ports[0] != ports[2], "{ports:?}");
    }
}
