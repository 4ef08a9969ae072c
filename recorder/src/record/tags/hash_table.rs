//! A hash table from keys to the positions of their tags.

/// A hash table with open addressing and linear probing. A bucket holds the position of a tag plus 1, or 0 if it is
/// empty. At most half of the buckets are occupied.
#[derive(Clone, Debug)]
pub(super) struct HashTable<const BUCKETS: usize>([u8; BUCKETS]);

impl<const BUCKETS: usize> HashTable<BUCKETS> {
    pub(super) const EMPTY: Self = HashTable([0; BUCKETS]);

    /// Marks a table that is not in use: every bucket is occupied.
    pub(super) const DISABLED: Self = HashTable([u8::MAX; BUCKETS]);

    /// The number of tags that the table can index: those at lower positions.
    pub(super) const MAX_TAGS: usize = BUCKETS / 2;

    pub(super) fn is_disabled(&self) -> bool {
        self.0[0] == u8::MAX
    }

    /// Returns the bucket at which the search for a key begins.
    #[inline]
    pub(super) fn home(key: &str) -> Bucket {
        Bucket(hash(key, BUCKETS) % BUCKETS)
    }

    /// Returns the position of the tag in a bucket, or `None` if the bucket is empty.
    #[inline]
    pub(super) fn get(&self, Bucket(bucket): Bucket) -> Option<usize> {
        match self.0[bucket % BUCKETS] {
            0 => None,
            stored => Some(usize::from(stored) - 1),
        }
    }

    /// Returns the position of the tag with this key, for which `has_key` is true, or else the empty bucket for it.
    #[inline]
    pub(super) fn find(&self, key: &str, has_key: impl Fn(usize) -> bool) -> Result<usize, Bucket> {
        let mut bucket = Self::home(key);
        loop {
            match self.get(bucket) {
                None => return Err(bucket),
                Some(position) if has_key(position) => return Ok(position),
                Some(_) => bucket = bucket.next(),
            }
        }
    }

    #[inline]
    pub(super) fn insert(&mut self, Bucket(bucket): Bucket, position: usize) {
        self.0[bucket % BUCKETS] = position as u8 + 1;
    }
}

impl<const BUCKETS: usize> Default for HashTable<BUCKETS> {
    fn default() -> Self {
        Self::EMPTY
    }
}

/// A bucket of a hash table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bucket(usize);

impl Bucket {
    /// Returns the bucket to try after a collision.
    #[inline]
    pub(super) fn next(self) -> Self {
        Bucket(self.0 + 1)
    }
}

/// Hashes the length and the last bytes of a key, since keys often have a common prefix. Returns as many bits as it
/// takes to number the buckets.
#[inline]
fn hash(key: &str, buckets: usize) -> usize {
    // The upper bits of a product depend on all bits of its factors. The factor is that of `rustc-hash`: with it, keys
    // that are used together seldom collide.
    let mixed = (last_bytes(key.as_bytes()) ^ key.len() as u64).wrapping_mul(0xf135_7aea_2e62_a9c5);
    (mixed >> (u64::BITS - buckets.ilog2())) as usize
}

/// Returns the last eight bytes. Of four to seven bytes, some are read twice.
#[inline]
fn last_bytes(bytes: &[u8]) -> u64 {
    if let Some(end) = bytes.last_chunk() {
        return u64::from_le_bytes(*end);
    }
    if let (Some(start), Some(end)) = (bytes.first_chunk(), bytes.last_chunk()) {
        return u64::from(u32::from_le_bytes(*start)) << 32 | u64::from(u32::from_le_bytes(*end));
    }
    match *bytes {
        [first] => first.into(),
        [first, second] => u16::from_le_bytes([first, second]).into(),
        [first, second, third] => u32::from_le_bytes([first, second, third, 0]).into(),
        _ => 0,
    }
}
