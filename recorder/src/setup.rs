//! What a recorder cannot be set up with.

use std::{error::Error, fmt};

use crate::sanitized;

/// A recorder cannot be set up so.
///
/// ```
/// use anytrace_recorder::SetupError;
///
/// let error = SetupError::new("not an endpoint", "ftp://user:secret@collector/\n");
/// assert_eq!(error.to_string(), r"not an endpoint: collector/\n");
/// ```
#[derive(Debug)]
pub struct SetupError(String);

impl SetupError {
    /// Says what is wrong with `refused`, which is shown escaped and cut, from its last `@` on: before that may be a
    /// password.
    pub fn new(why: &str, refused: &str) -> Self {
        let harmless = refused.rsplit('@').next().unwrap_or_default();
        SetupError(format!("{why}: {}", sanitized(harmless)))
    }
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for SetupError {}
