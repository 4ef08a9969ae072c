//! The error of an invalid configuration.

use std::{error::Error, fmt, io, sync::Arc};

use crate::sanitized;

/// The error of a recorder whose configuration is invalid.
///
/// The message shows the invalid value, escaped and shortened, and without a user and password.
///
/// ```
/// use anytrace_recorder::{SetupError, SetupErrorKind};
///
/// let error = SetupError::new(SetupErrorKind::InvalidEndpoint, "ftp://user:secret@collector/\n");
/// assert_eq!(error.kind(), SetupErrorKind::InvalidEndpoint);
/// assert_eq!(
///     error.to_string(),
///     r#"invalid endpoint "collector/\n": expected an http or https URL"#
/// );
/// ```
#[derive(Clone, Debug)]
pub struct SetupError {
    kind: SetupErrorKind,
    message: String,
    source: Option<Arc<io::Error>>,
}

/// The kind of a [`SetupError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SetupErrorKind {
    /// The endpoint is not a URL with a supported scheme and a host.
    InvalidEndpoint,
    /// The endpoint contains a user or password, which the protocol does not support.
    CredentialsInEndpoint,
    /// The endpoint is an `https` URL, and the feature `tls` is off.
    TlsDisabled,
    /// The name or value of a header is invalid.
    InvalidHeader,
    /// The header is one that the recorder sets itself.
    ReservedHeader,
    /// The protocol needs a feature that is off.
    FeatureDisabled,
    /// A resource of the operating system, such as a runtime, could not be created.
    Io,
}

impl SetupError {
    /// Creates an error about the invalid `value`: an endpoint, the name of a header, or a feature.
    pub fn new(kind: SetupErrorKind, value: &str) -> Self {
        // The text before the last `@` can be a password.
        let value = sanitized(value.rsplit('@').next().unwrap_or_default());
        let message = match kind {
            SetupErrorKind::InvalidEndpoint => {
                format!("invalid endpoint \"{value}\": expected an http or https URL")
            }
            SetupErrorKind::CredentialsInEndpoint => {
                format!(
                    "invalid endpoint \"{value}\": pass the user and password in a header `authorization`"
                )
            }
            SetupErrorKind::TlsDisabled => {
                format!("invalid endpoint \"{value}\": https requires the feature `tls`")
            }
            SetupErrorKind::InvalidHeader => format!("invalid header \"{value}\""),
            SetupErrorKind::ReservedHeader => {
                format!("the header \"{value}\" is set by the client and cannot be overridden")
            }
            SetupErrorKind::FeatureDisabled => format!("the feature `{value}` is off: compile with it"),
            SetupErrorKind::Io => value,
        };
        SetupError { kind, message, source: None }
    }

    /// Creates an error from a failed `operation` of the operating system.
    pub fn io(operation: &str, error: io::Error) -> Self {
        let message = format!("{operation}: {error}");
        SetupError { kind: SetupErrorKind::Io, message, source: Some(Arc::new(error)) }
    }

    /// Returns the kind of the error.
    pub fn kind(&self) -> SetupErrorKind {
        self.kind
    }
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for SetupError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}
