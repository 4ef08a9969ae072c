//! Which keys are there, without comparing each with each.

/// A bit for each look of a key that is there: a key of another look is a new one.
#[derive(Clone, Copy, Default)]
pub(crate) struct Looks(u64);

impl Looks {
    /// Whether no key was there that looks like `key`.
    #[inline]
    pub(crate) fn is_new(self, key: &str) -> bool {
        self.0 & Self::of(key) == 0
    }

    #[inline]
    pub(crate) fn add(&mut self, key: &str) {
        self.0 |= Self::of(key);
    }

    /// Keys begin alike more often than they end alike.
    #[inline]
    fn of(key: &str) -> u64 {
        let last = key.bytes().last().map_or(0, u64::from);
        1 << ((key.len() as u64).wrapping_mul(7).wrapping_add(last) % 64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_there_is_never_new() {
        let mut looks = Looks::default();
        for key in ["", "a", "http.method", "http.route", "ä"] {
            looks.add(key);
            assert!(!looks.is_new(key));
        }
    }

    #[test]
    fn keys_of_one_family_look_different() {
        let mut looks = Looks::default();
        for key in ["http.method", "http.route", "http.status_code", "cache.hit"] {
            assert!(looks.is_new(key), "{key}");
            looks.add(key);
        }
    }
}
