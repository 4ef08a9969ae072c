//! Maps of strings as carriers.

use std::{
    collections::{BTreeMap, HashMap},
    hash::BuildHasher,
};

use super::{TextMapReader, TextMapWriter, field};

macro_rules! map_carrier {
    ($map:ty $(, $hasher:ident)?) => {
        impl $(<$hasher: BuildHasher>)? TextMapWriter for $map {
            fn set(&mut self, key: &str, value: &str) {
                self.retain(|name, _| name == key || !name.eq_ignore_ascii_case(key));
                if let Some(old) = self.get_mut(key) {
                    value.clone_into(old);
                } else {
                    self.insert(key.to_owned(), value.to_owned());
                }
            }

            fn remove(&mut self, key: &str) {
                self.retain(|name, _| !name.eq_ignore_ascii_case(key));
            }

            fn remove_with_prefix(&mut self, prefix: &str) {
                self.retain(|name, _| !field::has_prefix(name, prefix));
            }
        }

        impl $(<$hasher>)? TextMapReader for $map {
            /// Visits names that differ only in case in alphabetical order, because a hash map has no stable order.
            fn values<'a>(&'a self, key: &str, each: &mut dyn FnMut(&'a [u8])) {
                let mut matches = self.iter().filter(|(name, _)| name.eq_ignore_ascii_case(key));
                let Some(first) = matches.next() else { return };
                // One match is the normal case and needs no allocation.
                let Some(second) = matches.next() else { return each(first.1.as_bytes()) };
                let mut all: Vec<_> = [first, second].into_iter().chain(matches).collect();
                all.sort_unstable();
                for (_, value) in all {
                    each(value.as_bytes());
                }
            }

            fn fields_with_prefix<'a>(&'a self, prefix: &str, each: &mut dyn FnMut(&'a str, &'a [u8])) {
                for (name, value) in self.iter().filter(|(name, _)| field::has_prefix(name, prefix)) {
                    each(name, value.as_bytes());
                }
            }
        }
    };
}
map_carrier!(HashMap<String, String, S>, S);
map_carrier!(BTreeMap<String, String>);

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs_with_two_spellings<M: FromIterator<(String, String)>>() -> M {
        [("b", "2"), ("B", "1"), ("c", "3")].map(|(k, v)| (k.to_owned(), v.to_owned())).into_iter().collect()
    }

    #[test]
    fn names_that_differ_in_case_are_one_field() {
        fn check<M: FromIterator<(String, String)> + TextMapReader + TextMapWriter>() {
            let mut map = pairs_with_two_spellings::<M>();
            let mut values = Vec::new();
            map.values("b", &mut |value| values.push(value));
            assert_eq!(values, [b"1", b"2"]);
            map.set("b", "4");
            let (mut values, mut keys) = (Vec::new(), Vec::new());
            map.values("B", &mut |value| values.push(value));
            map.fields_with_prefix("", &mut |key, _| keys.push(key));
            keys.sort_unstable();
            assert_eq!((values, keys), (vec![&b"4"[..]], vec!["b", "c"]));
            map.remove("C");
            map.values("c", &mut |_| panic!("removed"));
            map.set("prefix-é", "1");
            map.remove_with_prefix("PREFIX-");
            map.fields_with_prefix("prefix-", &mut |_, _| panic!("removed"));
            map.fields_with_prefix("b", &mut |_, value| assert_eq!(value, b"4"));
        }
        check::<HashMap<String, String>>();
        check::<BTreeMap<String, String>>();
    }
}
