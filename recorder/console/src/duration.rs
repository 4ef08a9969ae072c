//! Durations in a readable format.

use std::time::Duration;

/// The maximum width of a duration in columns.
pub(crate) const COLUMNS: usize = 9;

/// Formats a duration as `12.34 ms`, rounded down so that a child is never shown as longer than its parent.
pub(crate) fn human(duration: Duration) -> String {
    let nanos = duration.as_nanos();
    let seconds = duration.as_secs();
    match seconds {
        0 if nanos < 1_000 => format!("{nanos} ns"),
        0 if nanos < 1_000_000 => hundredths(nanos, 1_000, "µs"),
        0 => hundredths(nanos, 1_000_000, "ms"),
        1..60 => hundredths(nanos, 1_000_000_000, "s"),
        60..3_600 => format!("{} m {} s", seconds / 60, seconds % 60),
        3_600..360_000 => format!("{} h {} m", seconds / 3_600, seconds / 60 % 60),
        360_000..8_640_000 => format!("{} d {} h", seconds / 86_400, seconds / 3_600 % 24),
        _ => format!("{} d", seconds / 86_400),
    }
}

fn hundredths(nanos: u128, unit: u128, name: &str) -> String {
    format!("{}.{:02} {name}", nanos / unit, nanos * 100 / unit % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_two_decimals_or_two_units() {
        let shown = |nanos: u64| human(Duration::from_nanos(nanos));
        assert_eq!((shown(0), shown(999)), ("0 ns".to_owned(), "999 ns".to_owned()));
        assert_eq!((shown(1_000), shown(999_999)), ("1.00 µs".to_owned(), "999.99 µs".to_owned()));
        assert_eq!((shown(1_234_567), shown(999_999_999)), ("1.23 ms".to_owned(), "999.99 ms".to_owned()));
        assert_eq!(shown(59_999_000_000), "59.99 s");
        assert_eq!(human(Duration::from_secs(754)), "12 m 34 s");
        assert_eq!(human(Duration::from_secs(7_320)), "2 h 2 m");
        assert_eq!(human(Duration::from_secs(400_000)), "4 d 15 h");
    }

    #[test]
    fn no_duration_exceeds_its_column() {
        // The whole range of differences between timestamps in nanoseconds.
        let powers =
            (0..64).flat_map(|bit| [1 << bit, (1_u64 << bit) - 1]).chain([u64::MAX, 86_399_999 << 30]);
        for nanos in powers {
            let shown = human(Duration::from_nanos(nanos));
            assert!(shown.chars().count() <= COLUMNS, "{shown}");
        }
    }
}
