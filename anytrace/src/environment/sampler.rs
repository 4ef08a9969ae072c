//! The sampler.

use anytrace_recorder::Sampler;

use super::Variables;
use crate::InitError;

#[derive(Clone, Copy)]
enum Root {
    Always,
    Never,
    Ratio,
}

/// The sampler for root spans, and whether a parent's decision overrides it.
const SAMPLERS: [(&str, (Root, bool)); 6] = [
    ("always_on", (Root::Always, false)),
    ("always_off", (Root::Never, false)),
    ("traceidratio", (Root::Ratio, false)),
    ("parentbased_always_on", (Root::Always, true)),
    ("parentbased_always_off", (Root::Never, true)),
    ("parentbased_traceidratio", (Root::Ratio, true)),
];

/// Reads `OTEL_TRACES_SAMPLER`, and `OTEL_TRACES_SAMPLER_ARG` if the sampler has an argument.
pub(crate) fn sampler(variables: &Variables) -> Result<Sampler, InitError> {
    let Some(variable) = variables.find(&["OTEL_TRACES_SAMPLER"]) else { return Ok(Sampler::default()) };
    let (root, is_parent_based) = variable.choice(&SAMPLERS)?;
    let root = match root {
        Root::Always => Sampler::always(),
        Root::Never => Sampler::never(),
        Root::Ratio => Sampler::ratio(ratio(variables)?),
    };
    Ok(if is_parent_based { Sampler::parent_based(root) } else { root })
}

fn ratio(variables: &Variables) -> Result<f64, InitError> {
    let Some(variable) = variables.find(&["OTEL_TRACES_SAMPLER_ARG"]) else { return Ok(1.0) };
    let ratio = variable.value.parse().ok().filter(|ratio| (0.0..=1.0).contains(ratio));
    ratio.ok_or_else(|| variable.invalid("a number from 0 to 1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &'static str, argument: &'static str) -> Result<String, String> {
        let variables = [("OTEL_TRACES_SAMPLER", name), ("OTEL_TRACES_SAMPLER_ARG", argument)];
        let sampler = sampler(&variables.into());
        sampler.map(|sampler| format!("{sampler:?}")).map_err(|error| error.to_string())
    }

    #[test]
    fn every_name_selects_its_sampler() {
        for (name, argument, expected) in [
            ("", "", "parent_based(always)"),
            ("", "many", "parent_based(always)"),
            ("always_on", "many", "always"),
            ("always_off", "", "never"),
            ("traceidratio", "0.25", "ratio(0.25)"),
            ("traceidratio", "", "ratio(1)"),
            ("parentbased_always_on", "", "parent_based(always)"),
            ("parentbased_always_off", "", "parent_based(never)"),
            ("parentbased_traceidratio", "1e-3", "parent_based(ratio(0.001))"),
        ] {
            assert_eq!(named(name, argument).as_deref(), Ok(expected), "{name} {argument}");
        }
    }

    #[test]
    fn an_unknown_sampler_or_invalid_ratio_is_an_error() {
        let error = named("jaeger_remote", "").unwrap_err();
        assert!(error.contains(" is not one of always_on, "), "{error}");
        assert!(error.starts_with("invalid value for OTEL_TRACES_SAMPLER: \"jaeger_remote\""), "{error}");
        for wrong in ["-0.1", "1.1", "NaN", "inf", "half"] {
            let error = named("traceidratio", wrong).unwrap_err();
            assert_eq!(
                error,
                format!("invalid value for OTEL_TRACES_SAMPLER_ARG: \"{wrong}\" is not a number from 0 to 1")
            );
        }
    }
}
