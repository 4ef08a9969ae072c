//! Formats by the names of `OTEL_PROPAGATORS`.

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

    /// One propagator writes both forms of B3: two would each remove what the other wrote.
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
    /// The formats of a list such as `tracecontext,baggage,b3`, in its order: the names that [OpenTelemetry's
    /// `OTEL_PROPAGATORS`][names] has. `b3` and `b3multi` together are [`B3::both`], and `none` is for no format at
    /// all. Case and white space do not count, and a name that is there twice counts once.
    ///
    /// # Errors
    ///
    /// When a name is empty or none of [`NAMES`](Self::NAMES), or `none` is not alone.
    ///
    /// ```
    /// use anytrace_api::{Composite, Propagator};
    ///
    /// let formats = Composite::named("jaeger, tracecontext")?;
    /// assert_eq!(formats.fields().first(), Some(&"uber-trace-id"));
    ///
    /// let error = Composite::named("jaeger,ottrace").unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     r#"not one of tracecontext, baggage, b3, b3multi, jaeger, xray, none: "ottrace""#
    /// );
    /// # Ok::<(), anytrace_api::FormatNameError>(())
    /// ```
    ///
    /// [names]: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#general-sdk-configuration
    pub fn named(names: &str) -> Result<Self, FormatNameError> {
        let mut formats = Vec::new();
        for name in names.split(',').map(str::trim) {
            let known = FORMATS.into_iter().find(|format| format.name().eq_ignore_ascii_case(name));
            let format = known
                .ok_or_else(|| FormatNameError { alone: false, rejected: Rejected::new(name.as_bytes()) })?;
            if !formats.contains(&format) {
                formats.push(format);
            }
        }
        if formats.contains(&Format::None) && formats.len() > 1 {
            return Err(FormatNameError { alone: true, rejected: Rejected::new(names.as_bytes()) });
        }
        Ok(match formats[..] {
            [Format::TraceContext, Format::Baggage] => Composite::w3c(),
            _ => Composite::new(formats.iter().filter_map(|format| format.propagator(&formats))),
        })
    }

    /// The names that [`named`](Self::named) knows.
    ///
    /// ```
    /// # use anytrace_api::Composite;
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

/// A list of formats has a name that no format has, or `none` beside others. See [`Composite::named`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormatNameError {
    alone: bool,
    rejected: Rejected,
}

impl fmt::Display for FormatNameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.alone {
            write!(f, "`none` is not alone: {}", self.rejected)
        } else {
            write!(f, "not one of {}: {}", Composite::NAMES.join(", "), self.rejected)
        }
    }
}

impl Error for FormatNameError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Context, Sampling, SpanId, TraceId};

    /// The headers that are written.
    fn written(names: &str) -> String {
        let mut headers = Vec::<(String, String)>::new();
        let ids = (TraceId::from_u128(1).unwrap(), SpanId::from_u64(2).unwrap());
        let context = Context::remote(ids.0, ids.1, Sampling::Record).with_baggage("k", "v").unwrap();
        Composite::named(names).unwrap().inject(&context, &mut headers);
        headers.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn each_name_is_its_format_and_the_order_is_kept() {
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
            assert_eq!(written(names), expected, "{names}");
        }
    }

    #[test]
    fn what_cannot_be_chosen_is_named() {
        for names in ["", "b3,", "b3 multi", "none,b3", "tracecontext,ottrace\n"] {
            assert!(Composite::named(names).is_err(), "{names}");
        }
        assert_eq!(Composite::named("none,b3").unwrap_err().to_string(), "`none` is not alone: \"none,b3\"");
    }
}
