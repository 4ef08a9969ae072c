//! Percent-encoded lists of `key=value`, the format of W3C baggage, for resource attributes and headers.

use percent_encoding::percent_decode_str;

use super::Variable;
use crate::InitError;

/// Says if the error about an invalid member may show the member.
#[derive(Clone, Copy)]
pub(crate) enum Members {
    Public,
    /// The members can be credentials, so the error shows only the position.
    #[cfg_attr(not(any(feature = "otlp-http", feature = "otlp-grpc")), allow(dead_code))]
    Secret,
}

impl Variable {
    /// Parses a list of pairs. Empty members are ignored.
    pub(crate) fn pairs(&self, members: Members) -> Result<Vec<(String, String)>, InitError> {
        let expected = "key=value, percent-encoded";
        let error = |position: usize, member: &str| match members {
            Members::Public => InitError::invalid(self.name, member, expected),
            Members::Secret => {
                InitError::variable_error(self.name, format!("member {position} is not {expected}"))
            }
        };
        let list = (1..).zip(self.value.split(',')).filter(|(_, member)| !member.trim().is_empty());
        list.map(|(position, member)| pair(member).ok_or_else(|| error(position, member))).collect()
    }
}

fn pair(member: &str) -> Option<(String, String)> {
    let (key, value) = member.split_once('=')?;
    let key = decoded(key)?;
    (!key.is_empty()).then_some((key, decoded(value)?))
}

/// Returns `None` if the decoded text is not UTF-8, or if a `%` is not followed by two hexadecimal digits.
fn decoded(text: &str) -> Option<String> {
    let text = text.trim();
    let is_escape =
        |after: &str| after.as_bytes().first_chunk().is_some_and(|digits: &[u8; 2]| is_hex(digits));
    if !text.split('%').skip(1).all(is_escape) {
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

    fn pairs(value: &str, members: Members) -> Result<Vec<(String, String)>, String> {
        let variable = Variable { name: "X", value: value.to_owned() };
        variable.pairs(members).map_err(|error| error.to_string())
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
            assert_eq!(pairs(text, Members::Public), Ok(expected), "{text}");
        }
    }

    #[test]
    fn an_invalid_member_is_shown_unless_it_can_be_secret() {
        for wrong in ["alone", "=alone", "alone=%f", "alone=%zz", "alone=%ff", "alone=%"] {
            let text = format!("a=1,,{wrong}");
            let expected = "is not key=value, percent-encoded";
            let public = format!("invalid value for X: \"{wrong}\" {expected}");
            assert_eq!(pairs(&text, Members::Public), Err(public));
            assert_eq!(
                pairs(&text, Members::Secret),
                Err(format!("invalid value for X: member 3 {expected}"))
            );
        }
    }
}
