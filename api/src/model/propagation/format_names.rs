//! Propagators by name, as in the environment variable `OTEL_PROPAGATORS`.

use std::{error::Error, fmt};

use super::{B3, Composite, Jaeger, Propagator, W3cBaggage, W3cTraceContext, XRay};
use crate::model::rejected::Rejected;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    TraceContext,
    Baggage,
    B3,
    B3Multi,
    Jaeger,
    XRay,
    None,
}

const FORMATS: [Format; 7] = [
    Format::TraceContext,
    Format::Baggage,
    Format::B3,
    Format::B3Multi,
    Format::Jaeger,
    Format::XRay,
    Format::None,
];

impl Format {
    const fn name(self) -> &'static str {
        match self {
            Format::TraceContext => "tracecontext",
            Format::Baggage => "baggage",
            Format::B3 => "b3",
            Format::B3Multi => "b3multi",
            Format::Jaeger => "jaeger",
            Format::XRay => "xray",
            Format::None => "none",
        }
    }

    /// Creates the propagator for this name in the list `all`, or `None` if another name of the list covers it.
    ///
    /// `b3` and `b3multi` together become one propagator, because each of two would remove the fields of the other.
    fn propagator(self, all: &[Self]) -> Option<Box<dyn Propagator>> {
        let both = all.contains(&Format::B3) && all.contains(&Format::B3Multi);
        let first = all.iter().find(|format| matches!(format, Format::B3 | Format::B3Multi));
        Some(match self {
            Format::TraceContext => Box::new(W3cTraceContext),
            Format::Baggage => Box::new(W3cBaggage),
            Format::B3 | Format::B3Multi if both && first != Some(&self) => return None,
            Format::B3 | Format::B3Multi if both => Box::new(B3::both()),
            Format::B3 => Box::new(B3::single()),
            Format::B3Multi => Box::new(B3::multi()),
            Format::Jaeger => Box::new(Jaeger),
            Format::XRay => Box::new(XRay),
            Format::None => return None,
        })
    }
}

impl Composite {
    /// Creates the propagators of a comma-separated list such as `tracecontext,baggage,b3`, in this order.
    ///
    /// The names are those of [OpenTelemetry's environment variable `OTEL_PROPAGATORS`][names]. `b3` and `b3multi`
    /// together are [`B3::both`], and `none` alone is a propagator that reads and writes nothing. Case, white space
    /// around names and repeated names are ignored.
    ///
    /// # Errors
    ///
    /// If a name is not one of [`NAMES`](Self::NAMES), including an empty name, or if `none` is combined with other
    /// names.
    ///
    /// ```
    /// use anytrace_api::propagation::{Composite, Propagator};
    ///
    /// let propagator = Composite::named("jaeger, tracecontext")?;
    /// assert_eq!(propagator.fields().first(), Some(&"uber-trace-id"));
    ///
    /// let error = Composite::named("jaeger,ottrace").unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     r#"unknown propagator "ottrace": expected one of tracecontext, baggage, b3, b3multi, jaeger, xray, none"#
    /// );
    /// # Ok::<(), anytrace_api::propagation::FormatNameError>(())
    /// ```
    ///
    /// [names]: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#general-sdk-configuration
    pub fn named(names: &str) -> Result<Self, FormatNameError> {
        let mut formats = Vec::new();
        for name in names.split(',').map(str::trim) {
            let format = FORMATS
                .into_iter()
                .find(|format| format.name().eq_ignore_ascii_case(name))
                .ok_or_else(|| FormatNameError::new(Problem::UnknownName, name))?;
            if !formats.contains(&format) {
                formats.push(format);
            }
        }
        if formats.contains(&Format::None) && formats.len() > 1 {
            return Err(FormatNameError::new(Problem::NoneNotAlone, names));
        }
        Ok(match formats[..] {
            [Format::TraceContext, Format::Baggage] => Composite::w3c(),
            _ => Composite::new(formats.iter().filter_map(|format| format.propagator(&formats))),
        })
    }

    /// The names that [`named`](Self::named) accepts.
    ///
    /// ```
    /// # use anytrace_api::propagation::Composite;
    /// assert!(Composite::NAMES.into_iter().all(|name| Composite::named(name).is_ok()));
    /// ```
    pub const NAMES: [&str; FORMATS.len()] = {
        let mut names = [""; FORMATS.len()];
        let mut index = 0;
        while index < names.len() {
            names[index] = FORMATS[index].name();
            index += 1;
        }
        names
    };
}

/// The error of [`Composite::named`]: an unknown propagator name, or `none` combined with other names.
///
/// The error message contains the rejected text, escaped and truncated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormatNameError {
    problem: Problem,
    rejected: Rejected,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Problem {
    UnknownName,
    NoneNotAlone,
}

impl FormatNameError {
    fn new(problem: Problem, rejected: &str) -> Self {
        FormatNameError { problem, rejected: Rejected::new(rejected.as_bytes()) }
    }
}

impl fmt::Display for FormatNameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rejected = &self.rejected;
        match self.problem {
            Problem::UnknownName => {
                write!(f, "unknown propagator {rejected}: expected one of {}", Composite::NAMES.join(", "))
            }
            Problem::NoneNotAlone => {
                write!(f, "`none` cannot be combined with other propagators: {rejected}")
            }
        }
    }
}

impl Error for FormatNameError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Context, Sampling, SpanId, TraceId};

    /// Returns the names of the fields that the propagators inject.
    fn injected_fields(names: &str) -> String {
        let mut fields = Vec::<(String, String)>::new();
        let ids = (TraceId::from_u128(1).unwrap(), SpanId::from_u64(2).unwrap());
        let context = Context::remote(ids.0, ids.1, Sampling::Record).with_baggage("k", "v").unwrap();
        Composite::named(names).unwrap().inject(&context, &mut fields);
        fields.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn names_select_propagators_in_list_order() {
        const MULTI: &str = "x-b3-traceid x-b3-spanid x-b3-sampled";
        for (names, expected) in [
            ("tracecontext,baggage", "traceparent baggage"),
            ("baggage, TraceContext,baggage", "baggage traceparent"),
            ("b3", "b3"),
            ("b3multi", MULTI),
            ("b3multi,b3,b3multi", &format!("b3 {MULTI}")),
            ("b3multi,xray,b3", &format!("b3 {MULTI} x-amzn-trace-id")),
            ("xray,jaeger", "x-amzn-trace-id uber-trace-id uberctx-k"),
            ("none", ""),
        ] {
            assert_eq!(injected_fields(names), expected, "{names}");
        }
    }

    #[test]
    fn unknown_empty_or_contradicting_names_are_rejected() {
        for names in ["", "b3,", "b3 multi", "none,b3", "tracecontext,ottrace\n"] {
            assert!(Composite::named(names).is_err(), "{names}");
        }
        assert_eq!(
            Composite::named("none,b3").unwrap_err().to_string(),
            "`none` cannot be combined with other propagators: \"none,b3\""
        );
    }
}
