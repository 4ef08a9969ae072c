//! What all spans of a tracer have in common.

use anytrace_api::{Name, Value};

/// What all spans of a tracer have in common: the service that makes them, and what else there is to say about it.
///
/// ```
/// use anytrace_recorder::Resource;
///
/// let resource = Resource::new("orders").with("service.version", "1.2.3");
/// assert_eq!(resource.service_name(), "orders");
/// assert_eq!(resource.tags().count(), 1);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    service: String,
    tags: Vec<(String, String)>,
}

impl Resource {
    /// The service `name`.
    pub fn new(name: impl Into<String>) -> Self {
        Resource { service: name.into(), tags: Vec::new() }
    }

    /// With one more tag; an equal key is replaced.
    pub fn with(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        let key = key.into();
        self.tags.retain(|(known, _)| *known != key);
        self.tags.push((key, value.into()));
        self
    }

    /// The name of the service.
    pub fn service_name(&self) -> &str {
        &self.service
    }

    /// The other tags.
    pub fn tags(&self) -> impl Iterator<Item = (Name<'_>, Value<'_>)> {
        self.tags.iter().map(|(key, value)| (Name::from(key), Value::from(value)))
    }
}

/// `unknown_service`, as OpenTelemetry calls it.
impl Default for Resource {
    fn default() -> Self {
        Resource::new("unknown_service")
    }
}
