//! The error of an exporter.

use std::{error::Error, fmt, sync::Arc};

use super::drop_reason::DropReason;

/// An error that occurred while finished spans were exported.
///
/// Match on the [`reason`](Self::reason); the message is for people. Two errors are equal if their reasons and messages
/// are.
///
/// ```
/// use std::{error::Error, io};
/// use anytrace_api::flush::{DropReason, ExportError};
///
/// let closed = io::Error::from(io::ErrorKind::BrokenPipe);
/// let error = ExportError::new(DropReason::Disconnected, "connection closed before the response").with_source(closed);
/// assert_eq!(error.reason(), DropReason::Disconnected);
/// assert_eq!(error.to_string(), "connection closed before the response");
/// assert!(error.source().is_some());
///
/// // A message alone has the reason `export failed`.
/// assert_eq!(ExportError::from("disk full").reason(), DropReason::ExportFailed);
/// ```
#[derive(Clone, Debug)]
pub struct ExportError {
    reason: DropReason,
    message: String,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

impl ExportError {
    /// Creates an error. Escape and shorten a message that contains text from a server, because messages are written to
    /// logs.
    pub fn new(reason: impl Into<DropReason>, message: impl Into<String>) -> Self {
        ExportError { reason: reason.into(), message: message.into(), source: None }
    }

    /// Adds the error that caused this one.
    pub fn with_source(self, source: impl Error + Send + Sync + 'static) -> Self {
        ExportError { source: Some(Arc::new(source)), ..self }
    }

    /// Returns the reason, by which the affected spans are counted as dropped.
    pub fn reason(&self) -> DropReason {
        self.reason
    }

    /// Returns the message.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl From<&str> for ExportError {
    fn from(message: &str) -> Self {
        ExportError::new(DropReason::ExportFailed, message)
    }
}

impl From<String> for ExportError {
    fn from(message: String) -> Self {
        ExportError::new(DropReason::ExportFailed, message)
    }
}

impl PartialEq for ExportError {
    fn eq(&self, other: &Self) -> bool {
        (self.reason, &self.message) == (other.reason, &other.message)
    }
}

impl Eq for ExportError {}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for ExportError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}
