//! Lists of name/value pairs as carriers. Names can repeat, and order is preserved.

use super::{TextMapReader, TextMapWriter, field};

/// [`set`](TextMapWriter::set) replaces the first pair with the name in place and removes all further ones.
impl TextMapWriter for Vec<(String, String)> {
    fn set(&mut self, key: &str, value: &str) {
        let mut replaced = false;
        self.retain_mut(|(name, old)| {
            if !name.eq_ignore_ascii_case(key) {
                return true;
            }
            if !replaced {
                key.clone_into(name);
                value.clone_into(old);
            }
            !std::mem::replace(&mut replaced, true)
        });
        if !replaced {
            self.push((key.to_owned(), value.to_owned()));
        }
    }

    fn remove(&mut self, key: &str) {
        self.retain(|(name, _)| !name.eq_ignore_ascii_case(key));
    }

    fn remove_with_prefix(&mut self, prefix: &str) {
        self.retain(|(name, _)| !field::has_prefix(name, prefix));
    }
}

impl<K: AsRef<str>, V: AsRef<[u8]>> TextMapReader for [(K, V)] {
    fn values<'a>(&'a self, key: &str, each: &mut dyn FnMut(&'a [u8])) {
        for (name, value) in self {
            if name.as_ref().eq_ignore_ascii_case(key) {
                each(value.as_ref());
            }
        }
    }

    fn fields_with_prefix<'a>(&'a self, prefix: &str, each: &mut dyn FnMut(&'a str, &'a [u8])) {
        for (name, value) in self {
            if field::has_prefix(name.as_ref(), prefix) {
                each(name.as_ref(), value.as_ref());
            }
        }
    }
}

macro_rules! read_as_slice {
    ($([$($parameter:tt)*] $list:ty),*) => { $(
        impl<K: AsRef<str>, V: AsRef<[u8]> $($parameter)*> TextMapReader for $list {
            fn values<'a>(&'a self, key: &str, each: &mut dyn FnMut(&'a [u8])) {
                self.as_slice().values(key, each);
            }

            fn fields_with_prefix<'a>(&'a self, prefix: &str, each: &mut dyn FnMut(&'a str, &'a [u8])) {
                self.as_slice().fields_with_prefix(prefix, each);
            }
        }
    )* };
}
read_as_slice!([] Vec<(K, V)>, [, const N: usize] [(K, V); N]);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_replaces_the_first_match_and_removes_all_others() {
        let owned = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
        };
        let mut carrier = owned(&[("A", "1"), ("b", "2"), ("a", "3")]);
        carrier.set("a", "4");
        assert_eq!(carrier, owned(&[("a", "4"), ("b", "2")]));
        carrier.set("c", "5");
        TextMapWriter::remove(&mut carrier, "B");
        assert_eq!(carrier, owned(&[("a", "4"), ("c", "5")]));
        carrier.set("prefix-x", "6");
        carrier.remove_with_prefix("Prefix-");
        assert_eq!(carrier, owned(&[("a", "4"), ("c", "5")]));
    }

    #[test]
    fn values_can_be_text_or_bytes() {
        fn first(carrier: &dyn TextMapReader) -> &[u8] {
            let mut first = &b""[..];
            carrier.values("k", &mut |value| first = value);
            first
        }
        assert_eq!(first(&[("k", "v")]), b"v");
        assert_eq!(first(&&[("K", b"\xff")][..]), b"\xff");
        assert_eq!(first(&vec![("k".to_owned(), vec![1u8])]), [1]);
    }
}
