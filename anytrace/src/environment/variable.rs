//! Environment variables, and the types of values that the specification defines: text, number, duration and enum.

use std::{env, fmt, ops::RangeInclusive, time::Duration};

use crate::InitError;

/// The duration that stands for no limit: 49 days, the largest number of milliseconds in a `u32`.
const WITHOUT_LIMIT: Duration = Duration::from_millis(u32::MAX as u64);

/// A source of environment variables.
pub(crate) struct Variables(Box<Lookup>);

type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;

impl Variables {
    pub(crate) fn new(lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Variables(Box::new(lookup))
    }

    /// Creates a source that reads the process environment. Invalid Unicode becomes U+FFFD.
    pub(crate) fn from_process() -> Self {
        Variables::new(|name| env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
    }

    /// Returns the first variable of `names` that is set. The specification treats an empty variable as unset.
    pub(crate) fn find(&self, names: &[&'static str]) -> Option<Variable> {
        names.iter().find_map(|name| {
            let value = (self.0)(name)?.trim().to_owned();
            (!value.is_empty()).then_some(Variable { name, value })
        })
    }
}

/// A variable that is set.
pub(crate) struct Variable {
    pub(crate) name: &'static str,
    pub(crate) value: String,
}

impl Variable {
    pub(crate) fn invalid(&self, expected: impl fmt::Display) -> InitError {
        InitError::invalid(self.name, &self.value, expected)
    }

    /// Parses the value as one of the names of `choices`, ignoring case.
    pub(crate) fn choice<T: Clone>(&self, choices: &[(&str, T)]) -> Result<T, InitError> {
        choose(&self.value, choices).ok_or_else(|| self.invalid(one_of(choices)))
    }

    pub(crate) fn number(&self, range: RangeInclusive<u32>) -> Result<u32, InitError> {
        let number = self.value.parse().ok().filter(|number| range.contains(number));
        let expected = || format!("a number from {} to {}", range.start(), range.end());
        number.ok_or_else(|| self.invalid(expected()))
    }

    pub(crate) fn millis(&self) -> Result<Duration, InitError> {
        let millis = self.value.parse::<u32>();
        let millis = millis.map_err(|_| self.invalid("a time in milliseconds"))?;
        Ok(Duration::from_millis(millis.into()))
    }

    /// Parses the value as a timeout in milliseconds. 0 means no limit.
    pub(crate) fn timeout(&self) -> Result<Duration, InitError> {
        self.millis().map(|time| if time.is_zero() { WITHOUT_LIMIT } else { time })
    }
}

fn choose<T: Clone>(name: &str, choices: &[(&str, T)]) -> Option<T> {
    choices.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, choice)| choice.clone())
}

fn one_of<T>(choices: &[(&str, T)]) -> String {
    let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
    format!("one of {}", names.join(", "))
}

#[cfg(test)]
impl<const N: usize> From<[(&'static str, &'static str); N]> for Variables {
    fn from(pairs: [(&'static str, &'static str); N]) -> Self {
        Variables::new(move |name| {
            pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variable(value: &str) -> Variable {
        Variable { name: "X", value: value.to_owned() }
    }

    #[test]
    fn an_empty_variable_is_unset() {
        let variables = Variables::from([("A", ""), ("B", "  "), ("C", " c ")]);
        assert!(variables.find(&["A", "B", "missing"]).is_none());
        let found = variables.find(&["A", "B", "C"]).unwrap();
        assert_eq!((found.name, found.value.as_str()), ("C", "c"));
    }

    #[test]
    fn numbers_and_durations_have_a_range() {
        assert_eq!(variable("7").number(1..=7).unwrap(), 7);
        for wrong in ["0", "8", "-1", "1.5", "seven", "1e1", "99999999999999999999"] {
            let error = variable(wrong).number(1..=7).unwrap_err().to_string();
            assert_eq!(error, format!("invalid value for X: \"{wrong}\" is not a number from 1 to 7"));
        }
        assert_eq!(variable("250").timeout().unwrap(), Duration::from_millis(250));
        assert_eq!(variable("0").timeout().unwrap(), WITHOUT_LIMIT);
        assert_eq!(variable("0").millis().unwrap(), Duration::ZERO);
        let error = variable("10s").millis().unwrap_err().to_string();
        assert_eq!(error, "invalid value for X: \"10s\" is not a time in milliseconds");
    }

    #[test]
    fn choices_ignore_case() {
        let choices = [("one", 1), ("two", 2)];
        assert_eq!(variable("Two").choice(&choices).unwrap(), 2);
        let error = variable("three").choice(&choices).unwrap_err().to_string();
        assert_eq!(error, "invalid value for X: \"three\" is not one of one, two");
    }
}
