//! The resource: the service that makes the spans.

use std::env;

use anytrace_recorder::Resource;

use super::{Variables, list::Members};
use crate::InitError;

const SERVICE_NAME: &str = "service.name";

/// Builds the resource from the `service` and `tags` set in code, `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES`.
/// Settings in code override the variables.
pub(crate) fn resource(
    variables: &Variables,
    service: Option<String>,
    tags: Vec<(String, String)>,
) -> Result<Resource, InitError> {
    let attributes = variables.find(&["OTEL_RESOURCE_ATTRIBUTES"]);
    let mut tags =
        [attributes.map_or(Ok(Vec::new()), |attributes| attributes.pairs(Members::Public))?, tags].concat();
    let named = |variables: &Variables| Some(variables.find(&["OTEL_SERVICE_NAME"])?.value);
    let attribute = tags.iter().rev().find(|(key, value)| key == SERVICE_NAME && !value.is_empty());
    let attribute = attribute.map(|(_, value)| value.clone());
    let service = service.or_else(|| named(variables)).or(attribute);
    tags.retain(|(key, _)| key != SERVICE_NAME);
    let resource = service.or_else(default_service_name).map(Resource::new).unwrap_or_default();
    Ok(tags.into_iter().fold(resource, |resource, (key, value)| resource.with(key, value)))
}

/// Returns the name that OpenTelemetry defines for a service without one.
fn default_service_name() -> Option<String> {
    let program = env::current_exe().ok()?;
    Some(format!("unknown_service:{}", program.file_name()?.to_string_lossy()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVICE: (&str, &str) = ("OTEL_SERVICE_NAME", "from the variable");
    const ATTRIBUTES: (&str, &str) =
        ("OTEL_RESOURCE_ATTRIBUTES", "service.name=an%20attribute,service.version=1,region=eu");

    #[test]
    fn the_name_comes_from_code_or_its_variable_or_an_attribute() {
        let name = |variables: Variables, service: Option<&str>| {
            let resource = resource(&variables, service.map(str::to_owned), Vec::new()).unwrap();
            assert!(resource.tags().all(|(key, _)| key.as_str() != SERVICE_NAME));
            resource.service_name().to_owned()
        };
        assert_eq!(name([SERVICE, ATTRIBUTES].into(), Some("from code")), "from code");
        assert_eq!(name([SERVICE, ATTRIBUTES].into(), None), "from the variable");
        assert_eq!(name([ATTRIBUTES].into(), None), "an attribute");
        for variables in [[("OTEL_RESOURCE_ATTRIBUTES", "service.name=")].into(), [].into()] {
            let name = name(variables, None);
            assert!(name.starts_with("unknown_service:anytrace-"), "{name}");
        }
    }

    #[test]
    fn tags_set_in_code_override_attributes() {
        let version = vec![("service.version".to_owned(), "2".to_owned())];
        let resource = resource(&[ATTRIBUTES].into(), None, version).unwrap();
        let expected = Resource::new("an attribute").with("region", "eu").with("service.version", "2");
        assert_eq!(resource, expected);
    }

    #[test]
    fn an_invalid_attribute_is_an_error() {
        let variables = [("OTEL_RESOURCE_ATTRIBUTES", "region=eu,alone")].into();
        let error = resource(&variables, None, Vec::new()).unwrap_err().to_string();
        assert_eq!(
            error,
            "invalid value for OTEL_RESOURCE_ATTRIBUTES: \"alone\" is not key=value, percent-encoded"
        );
    }
}
