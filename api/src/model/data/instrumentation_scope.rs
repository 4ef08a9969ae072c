//! The library that makes a span.

/// The name and version of the library that makes a span: OpenTelemetry's [instrumentation scope].
///
/// Backends and users filter spans by it. A library usually has one `static` scope, made by
/// [`instrumentation_scope!`](crate::instrumentation_scope).
///
/// ```
/// use anytrace_api::{InstrumentationScope, Operation, instrumentation_scope};
///
/// static SCOPE: InstrumentationScope = instrumentation_scope!();
///
/// let operation = Operation::internal("load").instrumentation_scope(&SCOPE);
/// assert_eq!(operation.instrumentation_scope.unwrap().name, SCOPE.name);
/// ```
///
/// [instrumentation scope]: https://opentelemetry.io/docs/specs/otel/common/instrumentation-scope/
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct InstrumentationScope {
    /// The name of the library, such as its crate name.
    pub name: &'static str,
    /// The version of the library; empty if unknown.
    pub version: &'static str,
}

impl InstrumentationScope {
    /// Creates the scope of the library `name` in version `version`.
    pub const fn new(name: &'static str, version: &'static str) -> Self {
        InstrumentationScope { name, version }
    }
}

/// Creates an [`InstrumentationScope`] with the name and version of the crate that calls this macro, from Cargo's
/// environment variables.
#[macro_export]
macro_rules! instrumentation_scope {
    () => {
        $crate::InstrumentationScope::new(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
    };
}
