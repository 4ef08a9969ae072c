//! Carriers behind references and boxes.

use super::{TextMapReader, TextMapWriter};

macro_rules! forward_writer {
    ($($pointer:ty)*) => { $(
        #[deny(clippy::missing_trait_methods)]
        impl<T: TextMapWriter + ?Sized> TextMapWriter for $pointer {
            fn set(&mut self, key: &str, value: &str) {
                (**self).set(key, value);
            }

            fn remove(&mut self, key: &str) {
                (**self).remove(key);
            }

            fn remove_with_prefix(&mut self, prefix: &str) {
                (**self).remove_with_prefix(prefix);
            }
        }
    )* };
}
forward_writer!(&mut T Box<T>);

macro_rules! forward_reader {
    ($($pointer:ty)*) => { $(
        #[deny(clippy::missing_trait_methods)]
        impl<T: TextMapReader + ?Sized> TextMapReader for $pointer {
            fn values<'a>(&'a self, key: &str, each: &mut dyn FnMut(&'a [u8])) {
                (**self).values(key, each);
            }

            fn fields_with_prefix<'a>(&'a self, prefix: &str, each: &mut dyn FnMut(&'a str, &'a [u8])) {
                (**self).fields_with_prefix(prefix, each);
            }
        }
    )* };
}
forward_reader!(&T &mut T Box<T>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traits_are_object_safe_and_pointers_implement_them() {
        let mut carrier: Vec<(String, String)> = Vec::new();
        let mut writer: Box<dyn TextMapWriter + '_> = Box::new(&mut carrier);
        writer.set("a", "1");
        drop(writer);
        let reader: Box<dyn TextMapReader> = Box::new(carrier);
        let reader: &dyn TextMapReader = &&reader;
        let (mut values, mut keys) = (Vec::new(), Vec::new());
        reader.values("A", &mut |value| values.push(value));
        reader.fields_with_prefix("", &mut |key, _| keys.push(key));
        assert_eq!((values, keys), (vec![&b"1"[..]], vec!["a"]));
    }
}
