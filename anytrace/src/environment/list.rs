//! Lists of `key=value`, percent-encoded: the form of W3C baggage, for resource attributes and headers.

use percent_encoding::percent_decode_str;

use super::Variable;
use crate::InitError;

impl Variable {
    /// The pairs of a list. Members without anything in them are passed over.
    ///
    /// What it holds may be secret: of a member that is wrong nothing but its position is told.
    pub(crate) fn pairs(&self) -> Result<Vec<(String, String)>, InitError> {
        let members = (1..).zip(self.value.split(',')).filter(|(_, member)| !member.trim().is_empty());
        members
            .map(|(position, member)| {
                pair(member).ok_or_else(|| {
                    let name = self.name;
                    InitError::new(format!(
                        "{name}: member {position} of the list is not key=value, percent-encoded"
                    ))
                })
            })
            .collect()
    }
}

fn pair(member: &str) -> Option<(String, String)> {
    let (key, value) = member.split_once('=')?;
    let key = decoded(key)?;
    (!key.is_empty()).then_some((key, decoded(value)?))
}

/// None if it is not UTF-8, or has a `%` without two digits behind it.
fn decoded(text: &str) -> Option<String> {
    let text = text.trim();
    let whole = |rest: &str| rest.as_bytes().first_chunk().is_some_and(|digits: &[u8; 2]| is_hex(digits));
    if !text.split('%').skip(1).all(whole) {
        return None;
    }
    Some(percent_decode_str(text).decode_utf8().ok()?.into_owned())
}

fn is_hex(digits: &[u8]) -> bool {
    digits.iter().all(u8::is_ascii_hexdigit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(value: &str) -> Result<Vec<(String, String)>, String> {
        let variable = Variable { name: "X", value: value.to_owned() };
        variable.pairs().map_err(|error| error.to_string())
    }

    #[test]
    fn pairs_are_decoded() {
        let cases: [(&str, &[(&str, &str)]); 6] = [
            ("a=1", &[("a", "1")]),
            ("a=1, b = 2 ,", &[("a", "1"), ("b", "2")]),
            ("a=x%3Dy%2Cz,b=%C3%BC", &[("a", "x=y,z"), ("b", "ü")]),
            ("a=b=c", &[("a", "b=c")]),
            ("a%20b=", &[("a b", "")]),
            (",,", &[]),
        ];
        for (text, expected) in cases {
            let expected: Vec<_> =
                expected.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
            assert_eq!(pairs(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn a_bad_member_is_named_by_its_position_and_not_shown() {
        for wrong in ["secret", "=secret", "secret=%f", "secret=%zz", "secret=%ff", "secret=%"] {
            let error = pairs(&format!("a=1,,{wrong}")).unwrap_err();
            assert_eq!(error, "X: member 3 of the list is not key=value, percent-encoded");
        }
    }
}
