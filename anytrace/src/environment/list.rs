//! Lists of `key=value`, percent-encoded: the form of W3C baggage, for resource attributes and headers.

use percent_encoding::percent_decode_str;

use super::Variable;
use crate::InitError;

/// What may be told of a member that is wrong.
#[derive(Clone, Copy)]
pub(crate) enum Members {
    Public,
    /// They may be credentials: nothing but the position.
    #[cfg_attr(not(any(feature = "otlp-http", feature = "otlp-grpc")), allow(dead_code))]
    Secret,
}

impl Variable {
    /// The pairs of a list. Members without anything in them are passed over.
    pub(crate) fn pairs(&self, members: Members) -> Result<Vec<(String, String)>, InitError> {
        let expected = "a list of key=value, percent-encoded";
        let refused = |position: usize, member: &str| match members {
            Members::Public => InitError::variable(self.name, member, expected),
            Members::Secret => {
                InitError::new(format!("{} is not {expected}, at member {position}", self.name))
            }
        };
        let list = (1..).zip(self.value.split(',')).filter(|(_, member)| !member.trim().is_empty());
        list.map(|(position, member)| pair(member).ok_or_else(|| refused(position, member))).collect()
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
    fn a_bad_member_is_shown_unless_it_may_be_secret() {
        for wrong in ["alone", "=alone", "alone=%f", "alone=%zz", "alone=%ff", "alone=%"] {
            let text = format!("a=1,,{wrong}");
            let expected = "X is not a list of key=value, percent-encoded";
            assert_eq!(pairs(&text, Members::Public), Err(format!("{expected}: {wrong}")));
            assert_eq!(pairs(&text, Members::Secret), Err(format!("{expected}, at member 3")));
        }
    }
}
