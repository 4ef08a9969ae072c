//! Hexadecimal, strictly: in lower case, unless a format allows both.

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Writes `value` as exactly `out.len()` digits, from the right; digits that do not fit are left out.
pub(crate) fn write(mut value: u64, out: &mut [u8]) {
    for digit in out.iter_mut().rev() {
        *digit = DIGITS[(value & 15) as usize];
        value >>= 4;
    }
}

/// The value of exactly 16 lower-case digits.
pub(crate) fn read(digits: &[u8]) -> Option<u64> {
    if digits.len() == 16 { read_all(digits) } else { None }
}

/// The value of exactly 2 lower-case digits.
pub(crate) fn read_byte(digits: &[u8]) -> Option<u8> {
    if digits.len() == 2 { read_all(digits).map(|value| value as u8) } else { None }
}

/// The value of 1 to 16 digits, in either case: for formats that allow both and do not pad.
pub(crate) fn read_either_case(digits: &[u8]) -> Option<u64> {
    if !matches!(digits.len(), 1..=16) {
        return None;
    }
    let nibble = |digit: &u8| char::from(*digit).to_digit(16);
    digits.iter().try_fold(0, |value, digit| Some(value << 4 | u64::from(nibble(digit)?)))
}

fn read_all(digits: &[u8]) -> Option<u64> {
    let mut value = 0;
    for &digit in digits {
        let nibble = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        value = value << 4 | u64::from(nibble);
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for value in [0, 1, 0xfedc_ba98_7654_3210, u64::MAX] {
            let mut digits = [0; 16];
            write(value, &mut digits);
            assert_eq!(read(&digits), Some(value));
        }
    }

    #[test]
    fn either_case_is_one_to_sixteen_digits() {
        assert_eq!(read_either_case(b"fF"), Some(255));
        assert_eq!(read_either_case(&[b'F'; 16]), Some(u64::MAX));
        for text in [&b""[..], b"+1", b"0x1", b" 1", b"g", &[b'0'; 17], "\u{665}".as_bytes()] {
            assert_eq!(read_either_case(text), None, "{text:?}");
        }
    }

    #[test]
    fn only_sixteen_lower_case_digits_are_read() {
        for text in ["", "1", "000000000000000A", "+00000000000001", "00000000000000001", "000000000000000g"]
        {
            assert_eq!(read(text.as_bytes()), None, "{text}");
        }
    }
}
