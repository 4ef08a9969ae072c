//! Ports to listen on.

use std::{
    io,
    net::{Ipv4Addr, TcpListener},
    process,
    sync::atomic::{AtomicU32, Ordering},
};

/// Lies below the range of ephemeral ports: no outgoing connection takes such a port before the server listens or while
/// it is down, and a client that connects to a closed one does not connect to itself.
const FIRST: u32 = 20_000;
const COUNT: u32 = 10_000;

/// Returns a free port of the loopback interface that this process has not returned before.
pub(crate) fn free() -> io::Result<u16> {
    static RETURNED: AtomicU32 = AtomicU32::new(0);
    let mut last_error = io::Error::other("no port is free");
    for _ in 0..COUNT {
        // Concurrent processes start at different ports.
        let offset = process::id().wrapping_mul(37).wrapping_add(RETURNED.fetch_add(1, Ordering::Relaxed));
        let port = (FIRST + offset % COUNT) as u16;
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            Ok(_) => return Ok(port),
            Err(error) => last_error = error,
        }
    }
    Err(last_error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_returned_once() {
        let ports = [free().unwrap(), free().unwrap(), free().unwrap()];
        assert!(ports[0] != ports[1] && ports[1] != ports[2] && ports[0] != ports[2], "{ports:?}");
    }
}
