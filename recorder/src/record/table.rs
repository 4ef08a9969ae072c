//! Where tags are, by their keys.

/// Open addressing: at each place the number of a tag and one, or 0. Not more than half of the places are taken.
#[derive(Clone, Debug)]
pub(super) struct Table<const PLACES: usize>([u8; PLACES]);

impl<const PLACES: usize> Table<PLACES> {
    pub(super) const EMPTY: Self = Table([0; PLACES]);

    /// For a table that is not in use: nothing belongs anywhere.
    pub(super) const FULL: Self = Table([u8::MAX; PLACES]);

    /// How many tags are found by it: those with lower numbers.
    pub(super) const MOST: usize = PLACES / 2;

    pub(super) fn is_full(&self) -> bool {
        self.0[0] == u8::MAX
    }

    /// Where this key belongs, if nothing else does.
    #[inline]
    pub(super) fn place(key: &str) -> Place {
        Place(start(key, PLACES) % PLACES)
    }

    /// The tag that belongs there.
    #[inline]
    pub(super) fn at(&self, Place(place): Place) -> Option<usize> {
        match self.0[place % PLACES] {
            0 => None,
            number => Some(usize::from(number) - 1),
        }
    }

    /// The tag with this key, which is the first for which `is_it` holds; or else the place where it belongs.
    #[inline]
    pub(super) fn find(&self, key: &str, is_it: impl Fn(usize) -> bool) -> Result<usize, Place> {
        let mut place = Self::place(key);
        loop {
            match self.at(place) {
                None => return Err(place),
                Some(index) if is_it(index) => return Ok(index),
                Some(_) => place = place.next(),
            }
        }
    }

    #[inline]
    pub(super) fn put(&mut self, Place(place): Place, number: usize) {
        self.0[place % PLACES] = number as u8 + 1;
    }
}

impl<const PLACES: usize> Default for Table<PLACES> {
    fn default() -> Self {
        Self::EMPTY
    }
}

/// Where a tag belongs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place(usize);

impl Place {
    /// Where it belongs when another one has this place.
    #[inline]
    pub(super) fn next(self) -> Self {
        Place(self.0 + 1)
    }
}

/// By the length and the end, where keys differ.
#[inline]
fn start(key: &str, places: usize) -> usize {
    // The upper bits of a product depend on all bits of its factors. The factor is the one of `rustc-hash`: under it, few
    // keys that occur together meet.
    let mixed = (end(key.as_bytes()) ^ key.len() as u64).wrapping_mul(0xf135_7aea_2e62_a9c5);
    (mixed >> (u64::BITS - places.ilog2())) as usize
}

/// The last eight bytes, or as many as there are, some of them perhaps twice.
#[inline]
fn end(bytes: &[u8]) -> u64 {
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
