//! Waiting for another process.

use std::{
    thread,
    time::{Duration, Instant},
};

/// Looks again and again until there is something to see; `what` is named when that takes too long.
///
/// # Errors
///
/// When nothing was to be seen for so long.
pub fn until<T>(what: &str, limit: Duration, mut look: impl FnMut() -> Option<T>) -> Result<T, String> {
    let began = Instant::now();
    loop {
        if let Some(seen) = look() {
            return Ok(seen);
        }
        if began.elapsed() > limit {
            return Err(format!("{what}: not within {} s", limit.as_secs()));
        }
        thread::sleep(Duration::from_millis(20));
    }
}
