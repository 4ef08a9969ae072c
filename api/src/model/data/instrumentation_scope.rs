//! Which library made a span.

/// The library that makes a span: OpenTelemetry's instrumentation scope, by which users filter. A `static`, usually,
/// filled by [`instrumentation_scope!`](crate::instrumentation_scope).
///
/// ```
/// use anytrace_api::{Operation, InstrumentationScope, instrumentation_scope};
///
/// static SCOPE: InstrumentationScope = instrumentation_scope!();
///
/// let operation = Operation::internal("load").instrumentation_scope(&SCOPE);
/// assert_eq!(operation.instrumentation_scope.unwrap().name, SCOPE.name);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct InstrumentationScope {
    /// The library's name.
    pub name: &'static str,
    /// Its version; empty where it has none.
    pub version: &'static str,
}

impl InstrumentationScope {
    /// The library `name` of `version`.
    pub const fn new(name: &'static str, version: &'static str) -> Self {
        InstrumentationScope { name, version }
    }
}

/// The [`InstrumentationScope`] with the name and version of the crate it stands in, as Cargo knows them.
#[macro_export]
macro_rules! instrumentation_scope {
    () => {
        $crate::InstrumentationScope::new(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
    };
}
