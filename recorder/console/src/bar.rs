//! The bar of a span on the time line of its trace.

use std::ops::Range;

/// The time line of a trace, divided into cells.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scale {
    start: u64,
    length: u64,
    cells: usize,
}

impl Scale {
    /// Creates a time line from the first start to the last end of `times`, in nanoseconds, with at least one cell.
    /// Clock skew between services makes the line longer.
    pub(crate) fn new(times: impl Iterator<Item = (u64, u64)>, cells: usize) -> Self {
        let range =
            times.fold((u64::MAX, 0), |(first, last), (start, end)| (first.min(start), last.max(end)));
        Scale { start: range.0, length: range.1.saturating_sub(range.0), cells: cells.max(1) }
    }

    /// Returns the cells that overlap the time from `start` to `end`: at least one, and none beyond the line.
    pub(crate) fn bar(&self, start: u64, end: u64) -> Range<usize> {
        let cells = self.cells as u128;
        let length = u128::from(self.length).max(1);
        let since = |time: u64| u128::from(time.saturating_sub(self.start)) * cells;
        let first = ((since(start) / length) as usize).min(self.cells - 1);
        let after = since(end).div_ceil(length) as usize;
        first..after.clamp(first + 1, self.cells)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_covers_the_cells_that_overlap_the_span() {
        let scale = Scale::new([(1000, 1100), (1020, 1030)].into_iter(), 10);
        assert_eq!(scale.bar(1000, 1100), 0..10);
        assert_eq!(scale.bar(1020, 1030), 2..3);
        assert_eq!(scale.bar(1025, 1031), 2..4);
        assert_eq!(scale.bar(1099, 1100), 9..10);
    }

    #[test]
    fn a_bar_has_at_least_one_cell_and_stays_within_the_line() {
        let instant = Scale::new([(7, 7)].into_iter(), 10);
        assert_eq!(instant.bar(7, 7), 0..1);
        for (start, end) in [(0, 0), (0, u64::MAX), (u64::MAX, u64::MAX), (u64::MAX, 0), (100, 100), (50, 20)]
        {
            for scale in [instant, Scale::new([(10, 100)].into_iter(), 7), Scale::new([].into_iter(), 0)] {
                let bar = scale.bar(start, end);
                assert!(bar.start < bar.end && bar.end <= scale.cells, "{start}..{end}: {bar:?}");
            }
        }
        let all = Scale::new([(0, u64::MAX)].into_iter(), 1000);
        assert_eq!(all.bar(0, u64::MAX), 0..1000);
    }
}
