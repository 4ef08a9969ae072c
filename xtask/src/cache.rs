//! The folder for files that are shared by all checkouts.

use std::ffi::OsString;
use std::path::PathBuf;

/// Returns the cache folder: `ANYTRACE_CACHE`, or `$XDG_CACHE_HOME/anytrace`, or `~/.cache/anytrace`.
///
/// `variable` returns the value of an environment variable. An empty value counts as not set.
pub(crate) fn folder(variable: impl Fn(&str) -> Option<OsString>) -> Result<PathBuf, String> {
    let path = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    path("ANYTRACE_CACHE")
        .or_else(|| Some(path("XDG_CACHE_HOME")?.join("anytrace")))
        .or_else(|| Some(path("HOME")?.join(".cache/anytrace")))
        .ok_or_else(|| "no cache folder: set ANYTRACE_CACHE, XDG_CACHE_HOME or HOME".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder_with(set: &[(&str, &str)]) -> Result<PathBuf, String> {
        folder(|name| set.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value)))
    }

    #[test]
    fn the_most_explicit_variable_wins() {
        let mut set = vec![("ANYTRACE_CACHE", "a"), ("XDG_CACHE_HOME", "x"), ("HOME", "h")];
        assert_eq!(folder_with(&set), Ok(PathBuf::from("a")));
        set[0].1 = "";
        assert_eq!(folder_with(&set), Ok(PathBuf::from("x/anytrace")));
        set.remove(1);
        assert_eq!(folder_with(&set), Ok(PathBuf::from("h/.cache/anytrace")));
        assert!(folder_with(&[]).is_err());
    }
}
