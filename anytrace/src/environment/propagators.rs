//! Which headers are written and read.

use anytrace_api::{B3, Composite, Propagator, W3cBaggage, W3cTraceContext};

use super::{
    Variables,
    variable::{choose, one_of},
};
use crate::InitError;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    TraceContext,
    Baggage,
    B3,
    B3Multi,
    None,
}

const FORMATS: [(&str, Format); 5] = [
    ("tracecontext", Format::TraceContext),
    ("baggage", Format::Baggage),
    ("b3", Format::B3),
    ("b3multi", Format::B3Multi),
    ("none", Format::None),
];

/// `OTEL_PROPAGATORS`; `None` where it says what is so anyway.
pub(crate) fn propagators(variables: &Variables) -> Result<Option<Composite>, InitError> {
    let Some(variable) = variables.find(&["OTEL_PROPAGATORS"]) else { return Ok(None) };
    let mut formats = Vec::new();
    for name in variable.value.split(',') {
        let format = choose(name.trim(), &FORMATS);
        let format = format.ok_or_else(|| variable.refused(format!("a list, each {}", one_of(&FORMATS))))?;
        if !formats.contains(&format) {
            formats.push(format);
        }
    }
    if formats.contains(&Format::None) && formats.len() > 1 {
        return Err(variable.refused("`none` alone"));
    }
    Ok(match formats[..] {
        [Format::TraceContext, Format::Baggage] => None,
        _ => Some(Composite::new(formats.iter().filter_map(|format| propagator(*format, &formats)))),
    })
}

/// One propagator writes both forms of B3: two would each remove what the other wrote.
fn propagator(format: Format, all: &[Format]) -> Option<Box<dyn Propagator>> {
    let both = all.contains(&Format::B3) && all.contains(&Format::B3Multi);
    match format {
        Format::TraceContext => Some(Box::new(W3cTraceContext)),
        Format::Baggage => Some(Box::new(W3cBaggage)),
        Format::B3 if both => Some(Box::new(B3::both())),
        Format::B3 => Some(Box::new(B3::single())),
        Format::B3Multi if both => None,
        Format::B3Multi => Some(Box::new(B3::multi())),
        Format::None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anytrace_api::{Context, Sampling, SpanId, TraceId};

    fn read(value: &'static str) -> Result<Option<Composite>, InitError> {
        propagators(&[("OTEL_PROPAGATORS", value)].into())
    }

    /// The headers that are written.
    fn written(value: &'static str) -> String {
        let format = read(value).unwrap().unwrap_or_default();
        let mut headers = Vec::<(String, String)>::new();
        let ids = (TraceId::from_u128(1).unwrap(), SpanId::from_u64(2).unwrap());
        let context = Context::remote(ids.0, ids.1, Sampling::Record).with_baggage("k", "v").unwrap();
        format.inject(&context, &mut headers);
        headers.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn each_name_is_its_format() {
        const MULTI: &str = "x-b3-traceid x-b3-spanid x-b3-sampled";
        for (value, expected) in [
            ("", "traceparent baggage"),
            ("tracecontext,baggage", "traceparent baggage"),
            ("baggage, TraceContext,baggage", "baggage traceparent"),
            ("b3", "b3"),
            ("b3multi", MULTI),
            ("b3multi,b3", &format!("b3 {MULTI}")),
            ("none", ""),
        ] {
            assert_eq!(written(value), expected, "{value}");
        }
    }

    #[test]
    fn the_default_costs_nothing() {
        assert!(read("tracecontext,baggage").unwrap().is_none());
    }

    #[test]
    fn an_unknown_name_is_reported() {
        let error = read("tracecontext,jaeger").unwrap_err().to_string();
        let expected = "a list, each one of tracecontext, baggage, b3, b3multi, none";
        assert_eq!(error, format!("OTEL_PROPAGATORS is not {expected}: tracecontext,jaeger"));
        let error = read("none,b3").unwrap_err().to_string();
        assert_eq!(error, "OTEL_PROPAGATORS is not `none` alone: none,b3");
    }
}
