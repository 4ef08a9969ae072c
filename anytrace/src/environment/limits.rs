//! The limits for the data of one span.

use anytrace_recorder::Limits;

use super::Variables;
use crate::InitError;

const TAGS: &str = "OTEL_ATTRIBUTE_COUNT_LIMIT";
const TEXT: &str = "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT";

/// Reads the limits of the specification for attributes and spans. Variables for spans, events and links override the
/// general ones.
pub(crate) fn limits(variables: &Variables) -> Result<Limits, InitError> {
    let mut limits = Limits::default();
    let fields: [(&mut u32, &[&'static str]); 6] = [
        (&mut limits.tags, &["OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", TAGS]),
        (&mut limits.event_tags, &["OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", TAGS]),
        (&mut limits.link_tags, &["OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", TAGS]),
        (&mut limits.events, &["OTEL_SPAN_EVENT_COUNT_LIMIT"]),
        (&mut limits.links, &["OTEL_SPAN_LINK_COUNT_LIMIT"]),
        (&mut limits.text_bytes, &["OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", TEXT]),
    ];
    for (field, names) in fields {
        if let Some(variable) = variables.find(names) {
            *field = variable.number(0..=u32::MAX)?;
        }
    }
    Ok(limits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(variables: impl Into<Variables>) -> [u32; 6] {
        let limits = limits(&variables.into()).unwrap();
        [limits.tags, limits.event_tags, limits.link_tags, limits.events, limits.links, limits.text_bytes]
    }

    #[test]
    fn a_specific_limit_overrides_the_general_one() {
        let text = Limits::default().text_bytes;
        assert_eq!(numbers([]), [128, 128, 128, 128, 128, text]);
        assert_eq!(numbers([(TAGS, "5")]), [5, 5, 5, 128, 128, text]);
        assert_eq!(
            numbers([
                (TAGS, "5"),
                ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "1"),
                ("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "2"),
                ("OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", "3"),
                ("OTEL_SPAN_EVENT_COUNT_LIMIT", "6"),
                ("OTEL_SPAN_LINK_COUNT_LIMIT", "0"),
            ]),
            [1, 2, 3, 6, 0, text]
        );
        assert_eq!(numbers([(TEXT, "64")])[5], 64);
        assert_eq!(numbers([(TEXT, "64"), ("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "32")])[5], 32);
    }

    #[test]
    fn an_invalid_number_is_an_error() {
        let error = limits(&[(TAGS, "-1")].into()).unwrap_err().to_string();
        assert_eq!(
            error,
            "invalid value for OTEL_ATTRIBUTE_COUNT_LIMIT: \"-1\" is not a number from 0 to 4294967295"
        );
    }
}
