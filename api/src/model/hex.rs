//! Hexadecimal formatting and strict parsing. Only lower-case digits are valid, unless a function says otherwise.

/// Formats `value` as 16 digits.
pub(crate) fn digits(value: u64) -> [u8; 16] {
    let mut digits = [0; 16];
    digits[..8].copy_from_slice(&eight_digits((value >> 32) as u32).to_be_bytes());
    digits[8..].copy_from_slice(&eight_digits(value as u32).to_be_bytes());
    digits
}

/// Formats `value` as two digits.
pub(crate) fn two_digits(value: u8) -> [u8; 2] {
    (eight_digits(value.into()) as u16).to_be_bytes()
}

/// Parses exactly 16 lower-case digits.
#[inline]
pub(crate) fn read(digits: &[u8]) -> Option<u64> {
    let (high, low) = digits.split_at_checked(8)?;
    let (high, invalid_high) = read_eight(high.try_into().ok()?);
    let (low, invalid_low) = read_eight(low.try_into().ok()?);
    if invalid_high | invalid_low == 0 { Some(u64::from(high) << 32 | u64::from(low)) } else { None }
}

/// Parses exactly 2 lower-case digits.
pub(crate) fn read_byte(digits: &[u8]) -> Option<u8> {
    let nibble = |digit| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let [high, low] = digits.try_into().ok()?;
    Some(nibble(high)? << 4 | nibble(low)?)
}

/// Parses 1 to 16 digits of either case, for wire formats that allow upper case or omit leading zeros.
pub(crate) fn read_either_case(digits: &[u8]) -> Option<u64> {
    if !matches!(digits.len(), 1..=16) {
        return None;
    }
    let nibble = |digit: &u8| char::from(*digit).to_digit(16);
    digits.iter().try_fold(0, |value, digit| Some(value << 4 | u64::from(nibble(digit)?)))
}

/// Converts eight nibbles, one in each byte, to ASCII digits, the most significant byte first.
///
/// All eight bytes are converted at once (SIMD within a register). For nibbles from 10, the distance between `9` and
/// `a` is added.
fn to_ascii(nibbles: u64) -> u64 {
    let letters = (nibbles + ONES * 6) >> 4 & ONES;
    nibbles + ONES * u64::from(b'0') + letters * u64::from(b'a' - b'9' - 1)
}

/// Formats `value` as eight ASCII digits, the first digit in the most significant byte.
fn eight_digits(value: u32) -> u64 {
    let mut nibbles = u64::from(value);
    nibbles = (nibbles | nibbles << 16) & 0x0000_ffff_0000_ffff;
    nibbles = (nibbles | nibbles << 8) & 0x00ff_00ff_00ff_00ff;
    nibbles = (nibbles | nibbles << 4) & 0x0f0f_0f0f_0f0f_0f0f;
    to_ascii(nibbles)
}

/// Parses eight digits at once, and returns the value and a number that is zero if all digits are valid.
///
/// Each byte is converted as if it were a digit. A byte was valid if the result is a nibble that formats as this byte.
fn read_eight(digits: [u8; 8]) -> (u32, u64) {
    let digits = u64::from_be_bytes(digits);
    let nibbles = (digits & (ONES * 15)) + ((digits >> 6) & ONES) * 9;
    let invalid_bits = (nibbles & (ONES * 0xf0)) | (to_ascii(nibbles) ^ digits);
    let mut value = (nibbles | nibbles >> 4) & 0x00ff_00ff_00ff_00ff;
    value = (value | value >> 8) & 0x0000_ffff_0000_ffff;
    ((value | value >> 16) as u32, invalid_bits)
}

/// The value 1 in each byte.
const ONES: u64 = 0x0101_0101_0101_0101;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formatted_values_parse_to_themselves() {
        for value in [0, 1, 0xfedc_ba98_7654_3210, u64::MAX] {
            assert_eq!(std::str::from_utf8(&digits(value)), Ok(format!("{value:016x}").as_str()));
            assert_eq!(read(&digits(value)), Some(value));
        }
    }

    #[test]
    fn one_to_sixteen_digits_of_either_case_are_parsed() {
        assert_eq!(read_either_case(b"fF"), Some(255));
        assert_eq!(read_either_case(&[b'F'; 16]), Some(u64::MAX));
        for text in [&b""[..], b"+1", b"0x1", b" 1", b"g", &[b'0'; 17], "\u{665}".as_bytes()] {
            assert_eq!(read_either_case(text), None, "{text:?}");
        }
    }

    #[test]
    fn only_lower_case_digits_are_valid_at_each_position() {
        for (position, byte) in (0..16).flat_map(|position| (0..=255u8).map(move |byte| (position, byte))) {
            let mut text = *b"0123456789abcdef";
            text[position] = byte;
            let is_digit = matches!(byte, b'0'..=b'9' | b'a'..=b'f');
            let value = if is_digit {
                u64::from_str_radix(std::str::from_utf8(&text).unwrap(), 16).ok()
            } else {
                None
            };
            assert_eq!(read(&text), value, "{byte} at {position}");
        }
        for (high, low) in (0..=255u8).flat_map(|high| (0..=255u8).map(move |low| (high, low))) {
            let value = read_byte(&[high, low]);
            assert_eq!(value.map(two_digits), value.map(|_| [high, low]));
        }
        assert_eq!((0..=255u8).filter(|byte| read_byte(&two_digits(*byte)) == Some(*byte)).count(), 256);
        assert_eq!((read_byte(b"0"), read_byte(b"000")), (None, None));
    }

    #[test]
    fn other_lengths_and_characters_are_refused() {
        for text in ["", "1", "000000000000000A", "+00000000000001", "00000000000000001", "000000000000000g"]
        {
            assert_eq!(read(text.as_bytes()), None, "{text}");
        }
    }
}
