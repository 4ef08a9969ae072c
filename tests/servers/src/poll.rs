//! Waiting for another process.

use std::{
    thread,
    time::{Duration, Instant},
};

/// Calls `look` until it returns a value. The error names `subject`.
///
/// # Errors
///
/// Fails if there is no value within `limit`.
pub fn until<T>(subject: &str, limit: Duration, mut look: impl FnMut() -> Option<T>) -> Result<T, String> {
    let began = Instant::now();
    loop {
        if let Some(value) = look() {
            return Ok(value);
        }
        if began.elapsed() > limit {
            return Err(format!("{subject}: timed out after {} s", limit.as_secs()));
        }
        thread::sleep(Duration::from_millis(20));
    }
}
