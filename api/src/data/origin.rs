//! Which library made a span.

/// The library that makes a span: OpenTelemetry's instrumentation scope, by which users filter. A `static`, usually,
/// filled by [`origin!`](crate::origin).
///
/// ```
/// use anytrace_api::{Operation, Origin, origin};
///
/// static ORIGIN: Origin = origin!();
///
/// let operation = Operation::internal("load").origin(&ORIGIN);
/// assert_eq!(operation.origin.unwrap().name, ORIGIN.name);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Origin {
    /// The library's name.
    pub name: &'static str,
    /// Its version; empty where it has none.
    pub version: &'static str,
}

impl Origin {
    /// The library `name` of `version`.
    pub const fn new(name: &'static str, version: &'static str) -> Self {
        Origin { name, version }
    }
}

/// The [`Origin`] with the name and version of the crate it stands in, as Cargo knows them.
#[macro_export]
macro_rules! origin {
    () => {
        $crate::Origin::new(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
    };
}
