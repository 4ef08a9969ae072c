//! Where the tags of a span are, by their keys.

use super::table::{Place, Table};

type Few = Table<128>;
type Many = Table<256>;

/// Where the tags of an open span are: in a small table, which is all that most spans need, or in a larger one.
///
/// It lies with the live span, which the next span has again at once, and not in the record, which comes back much later:
/// it is used while the span is open, and not any more.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    few: Few,
    /// In its place, where that is full. Once made it is kept.
    many: Option<Box<Many>>,
}

impl Places {
    pub(crate) const EMPTY: Self = Places { few: Few::EMPTY, many: None };

    /// So many are found by the small table.
    pub(super) const FEW: usize = Few::MOST;

    /// Where a key belongs in the small table.
    #[inline]
    pub(super) fn first(key: &str) -> Place {
        Few::place(key)
    }

    /// The tag that has this place of the small table; where that is not in use, one that no span has, or another.
    #[inline]
    pub(super) fn at(&self, place: Place) -> Option<usize> {
        self.few.at(place)
    }

    /// Gives a free place of the small table to a tag.
    #[inline]
    pub(super) fn put_first(&mut self, place: Place, number: usize) {
        self.few.put(place, number);
    }

    /// The tag of so many for which `is_it` holds, which has this key; or else where it belongs.
    pub(super) fn find(&self, key: &str, tags: usize, is_it: impl Fn(usize) -> bool) -> Result<usize, Place> {
        match &self.many {
            Some(many) if self.few.is_full() => many.find(key, &is_it).or_else(|place| {
                let beyond = (Many::MOST..tags).find(|number| is_it(*number));
                beyond.ok_or(place)
            }),
            _ => self.few.find(key, is_it),
        }
    }

    /// Gives it to a tag.
    pub(super) fn put(&mut self, place: Place, number: usize) {
        match &mut self.many {
            Some(many) if self.few.is_full() => {
                if number < Many::MOST {
                    many.put(place, number);
                }
            }
            _ => self.few.put(place, number),
        }
    }

    /// Is there a place for one more than so many?
    pub(super) fn are_too_few(&self, tags: usize) -> bool {
        tags >= Self::FEW && !self.few.is_full()
    }

    /// Goes over to the larger table, in which tags with these keys are.
    #[cold]
    pub(super) fn enlarge<'a>(&mut self, keys: impl Iterator<Item = &'a str>) {
        let many = self.many.get_or_insert_default();
        **many = Many::EMPTY;
        for (number, key) in keys.enumerate() {
            if let Err(place) = many.find(key, |_| false) {
                many.put(place, number);
            }
        }
        self.few = Few::FULL;
    }

    #[inline]
    pub(crate) fn reset(&mut self) {
        self.few = Few::EMPTY;
    }
}
