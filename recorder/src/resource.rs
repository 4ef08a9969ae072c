//! The tags that all spans of a tracer share.

use anytrace_api::{Name, Value};

/// The service that makes a tracer's spans, and other tags that all these spans share.
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
    /// Creates a resource for the service `name`.
    pub fn new(name: impl Into<String>) -> Self {
        Resource { service: name.into(), tags: Vec::new() }
    }

    /// Returns the resource with one more tag. A tag with an equal key is replaced.
    pub fn with(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        let key = key.into();
        self.tags.retain(|(known, _)| *known != key);
        self.tags.push((key, value.into()));
        self
    }

    /// Returns the name of the service.
    pub fn service_name(&self) -> &str {
        &self.service
    }

    /// Returns the tags, without the name of the service.
    pub fn tags(&self) -> impl Iterator<Item = (Name<'_>, Value<'_>)> {
        self.tags.iter().map(|(key, value)| (Name::from(key), Value::from(value)))
    }
}

/// Returns a resource for the service `unknown_service`, which is OpenTelemetry's default.
impl Default for Resource {
    fn default() -> Self {
        Resource::new("unknown_service")
    }
}
