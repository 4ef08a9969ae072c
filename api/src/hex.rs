//! Lower-case hexadecimal, strictly.

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
    fn only_sixteen_lower_case_digits_are_read() {
        for text in ["", "1", "000000000000000A", "+00000000000001", "00000000000000001", "000000000000000g"]
        {
            assert_eq!(read(text.as_bytes()), None, "{text}");
        }
    }
}
