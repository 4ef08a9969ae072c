//! The OpenTelemetry Collector.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::go;
use crate::job::Job;
use crate::once::once;
use crate::session::Session;

/// The version of the builder and of most modules, and that of the modules past 1.0.
const VERSION: &str = "0.159.0";
const STABLE: &str = "1.65.0";

/// Returns the path of the program.
pub(super) fn program(session: &mut Session<'_>, folder: &Path) -> Result<PathBuf, String> {
    // The name lists the contents, so that a change causes a new build.
    let built = once(folder, &format!("collector-{VERSION}-otlp-file-env"), |part| {
        let go = go::program(session, folder)?;
        let recipe = part.join("builder.yaml");
        fs::write(&recipe, self::recipe(&go, part))
            .map_err(|error| format!("the recipe of the collector: {error}"))?;
        let builder = format!("go.opentelemetry.io/collector/cmd/builder@v{VERSION}");
        let build =
            Job::new(&go, ["run".to_owned(), builder]).with([OsString::from("--config"), recipe.into()]);
        session.attempt(&with_caches(build, folder))?;
        // Go is only needed for building.
        go::remove(folder);
        let finished = fs::rename(part.join("build/otelcol"), part.join("otelcol"));
        finished.and_then(|()| fs::remove_dir_all(part.join("build"))).map_err(|error| error.to_string())
    });
    Ok(built.map_err(|why| format!("the OpenTelemetry Collector cannot be built: {why}"))?.join("otelcol"))
}

/// The recipe of a minimal collector: a receiver, an exporter and a configuration provider.
fn recipe(go: &Path, part: &Path) -> String {
    // YAML accepts JSON strings.
    let quoted = |path: &Path| serde_json::Value::from(path.display().to_string());
    let (go, output) = (quoted(go), quoted(&part.join("build")));
    format!(
        "\
dist: {{name: otelcol, output_path: {output}, go: {go}}}
receivers:
  - gomod: go.opentelemetry.io/collector/receiver/otlpreceiver v{VERSION}
exporters:
  - gomod: github.com/open-telemetry/opentelemetry-collector-contrib/exporter/fileexporter v{VERSION}
providers:
  - gomod: go.opentelemetry.io/collector/confmap/provider/envprovider v{STABLE}
  - gomod: go.opentelemetry.io/collector/confmap/provider/fileprovider v{STABLE}
"
    )
}

/// Go's caches are in the home folder. Without a home folder, they are placed beside the build.
fn with_caches(build: Job, folder: &Path) -> Job {
    if env::var_os("HOME").is_some_and(|home| !home.is_empty()) {
        return build;
    }
    build.set("GOPATH", folder.join("go")).set("GOCACHE", folder.join("go-build"))
}
