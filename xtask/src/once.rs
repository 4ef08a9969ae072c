//! Files that are created once and shared by all checkouts.

use std::fs;
use std::path::{Path, PathBuf};
use std::process;

/// Returns the folder `name`, and creates it if it is missing. It is created under another name and renamed, so that it
/// is always complete, even if several processes create it concurrently.
pub(crate) fn once(
    folder: &Path,
    name: &str,
    make: impl FnOnce(&Path) -> Result<(), String>,
) -> Result<PathBuf, String> {
    let whole = folder.join(name);
    if whole.is_dir() {
        return Ok(whole);
    }
    let part = folder.join(format!("{name}.part-{}", process::id()));
    let failed = |error: std::io::Error| format!("{}: {error}", part.display());
    fs::create_dir_all(&part).map_err(failed)?;
    let result = make(&part).and_then(|()| match fs::rename(&part, &whole) {
        Err(error) if !whole.is_dir() => Err(failed(error)),
        _ => Ok(()),
    });
    // Fails if the folder has been renamed.
    let _ = fs::remove_dir_all(&part);
    result.map(|()| whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_made_once_and_never_in_parts() {
        let folder = std::env::temp_dir().join(format!("anytrace-once-{}", process::id()));
        let write = |part: &Path| fs::write(part.join("file"), "whole").map_err(|error| error.to_string());
        let refused = once(&folder, "a-1.0", |part| write(part).and(Err("no".to_owned())));
        assert_eq!(refused, Err("no".to_owned()));
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0, "nothing is left of it");
        let made = once(&folder, "a-1.0", write).unwrap();
        assert_eq!(once(&folder, "a-1.0", |_| Err("created twice".to_owned())), Ok(made.clone()));
        assert_eq!(fs::read_to_string(made.join("file")).unwrap(), "whole");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        fs::remove_dir_all(folder).unwrap();
    }
}
