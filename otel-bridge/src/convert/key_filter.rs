//! A filter for the keys of a list, which avoids most comparisons of keys.

/// A Bloom filter with 64 bits and one hash function.
#[derive(Clone, Copy, Default)]
pub(crate) struct KeyFilter(u64);

impl KeyFilter {
    /// Returns false if `key` was certainly not inserted.
    #[inline]
    pub(crate) fn may_contain(self, key: &str) -> bool {
        self.0 & Self::bit(key) != 0
    }

    #[inline]
    pub(crate) fn insert(&mut self, key: &str) {
        self.0 |= Self::bit(key);
    }

    /// Hashes the length and the last byte: keys share prefixes more often than endings.
    #[inline]
    fn bit(key: &str) -> u64 {
        let last = key.bytes().last().map_or(0, u64::from);
        1 << ((key.len() as u64).wrapping_mul(7).wrapping_add(last) % 64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inserted_keys_are_always_found() {
        let mut filter = KeyFilter::default();
        for key in ["", "a", "http.method", "http.route", "ä"] {
            filter.insert(key);
            assert!(filter.may_contain(key));
        }
    }

    #[test]
    fn keys_with_a_common_prefix_have_different_bits() {
        let mut filter = KeyFilter::default();
        for key in ["http.method", "http.route", "http.status_code", "cache.hit"] {
            assert!(!filter.may_contain(key), "{key}");
            filter.insert(key);
        }
    }
}
