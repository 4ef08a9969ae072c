//! The index of a span's tags by their keys.

use super::hash_table::{Bucket, HashTable};

type SmallTable = HashTable<128>;
type LargeTable = HashTable<256>;

/// The index of a span's tags by their keys: a small hash table that suffices for most spans, or a larger one. Tags
/// beyond the larger table are found by a linear search.
///
/// It is part of the live span and not of the record, because it is used only while the span is open: the next span on
/// the thread reuses it while it is still in the processor's cache, and the record comes back much later.
#[derive(Clone, Debug)]
pub(crate) struct TagIndex {
    small: SmallTable,
    /// Used instead of the small table while that is disabled. The allocation is kept for the next span.
    large: Option<Box<LargeTable>>,
}

impl TagIndex {
    pub(crate) const EMPTY: Self = TagIndex { small: SmallTable::EMPTY, large: None };

    /// The number of tags that the small table can index.
    pub(super) const SMALL: usize = SmallTable::MAX_TAGS;

    /// Returns the bucket of the small table at which the search for a key begins.
    #[inline]
    pub(super) fn home(key: &str) -> Bucket {
        SmallTable::home(key)
    }

    /// Returns the position of the tag in a bucket of the small table, or `None` if the bucket is empty. While the
    /// small table is disabled, the returned position has no tag or a tag with another key.
    #[inline]
    pub(super) fn get(&self, bucket: Bucket) -> Option<usize> {
        self.small.get(bucket)
    }

    /// Puts a tag into an empty bucket of the small table.
    #[inline]
    pub(super) fn insert_small(&mut self, bucket: Bucket, position: usize) {
        self.small.insert(bucket, position);
    }

    /// Finds a key in the small table. Returns the position of the tag, for which `has_key` is true, or else the empty
    /// bucket for it.
    #[inline]
    pub(super) fn find_small(&self, key: &str, has_key: impl Fn(usize) -> bool) -> Result<usize, Bucket> {
        self.small.find(key, has_key)
    }

    /// Finds a key in the larger table and, by a linear search, among the tags beyond it. `tags` is the number of tags.
    pub(super) fn find_large(
        &self,
        key: &str,
        tags: usize,
        has_key: impl Fn(usize) -> bool,
    ) -> Result<usize, Bucket> {
        let Some(large) = &self.large else { return Err(LargeTable::home(key)) };
        large.find(key, &has_key).or_else(|bucket| {
            let not_indexed = (LargeTable::MAX_TAGS..tags).find(|position| has_key(*position));
            not_indexed.ok_or(bucket)
        })
    }

    /// Puts a tag into the bucket that the search returned.
    #[inline]
    pub(super) fn insert(&mut self, bucket: Bucket, position: usize) {
        if position < Self::SMALL {
            self.small.insert(bucket, position);
        } else if let Some(large) = &mut self.large {
            if position < LargeTable::MAX_TAGS {
                large.insert(bucket, position);
            }
        }
    }

    /// Returns true if the larger table is in use.
    pub(super) fn is_large(&self) -> bool {
        self.small.is_disabled()
    }

    /// Changes to the larger table, filled with the tags that have these keys.
    #[cold]
    pub(super) fn enlarge<'a>(&mut self, keys: impl Iterator<Item = &'a str>) {
        let large = self.large.get_or_insert_default();
        **large = LargeTable::EMPTY;
        for (position, key) in keys.enumerate() {
            if let Err(bucket) = large.find(key, |_| false) {
                large.insert(bucket, position);
            }
        }
        self.small = SmallTable::DISABLED;
    }

    #[inline]
    pub(crate) fn reset(&mut self) {
        self.small = SmallTable::EMPTY;
    }
}
