//! Output that is the same on every machine.

use std::path::Path;

/// Replaces folders of this machine by placeholders.
#[derive(Debug, Clone)]
pub(crate) struct Scrub {
    words: Vec<(String, &'static str)>,
}

impl Scrub {
    /// Takes folders and their placeholders. A folder inside another one is replaced first.
    pub(crate) fn new<P: AsRef<Path>>(folders: impl IntoIterator<Item = (P, &'static str)>) -> Self {
        let mut words: Vec<_> = folders
            .into_iter()
            .map(|(folder, word)| (folder.as_ref().to_string_lossy().into_owned(), word))
            .filter(|(folder, _)| folder.len() > 1)
            .collect();
        words.sort_by_key(|(folder, _)| std::cmp::Reverse(folder.len()));
        Self { words }
    }

    /// Replaces each folder in the text.
    pub(crate) fn text(&self, text: &str) -> String {
        self.words.iter().fold(text.to_owned(), |text, (folder, word)| text.replace(folder, word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_folder_names_the_path() {
        let scrub = Scrub::new([("/src", "."), ("/src/target", "<target>"), ("/", "never")]);
        assert_eq!(scrub.text("(/src/api) /src/target/debug /x"), "(./api) <target>/debug /x");
    }
}
