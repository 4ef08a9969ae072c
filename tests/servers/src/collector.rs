//! The OpenTelemetry Collector. Spans are in its file before it responds to the OTLP request.

use std::{fs, io, net::TcpStream, path::Path};

use crate::{Addresses, OTLP_FILE, OTLP_GRPC, OTLP_HTTP, Product, Programs, Server, http, ports};

pub(crate) fn prepare(programs: &Programs, folder: &Path) -> io::Result<Server> {
    let (grpc, http) = (ports::free()?, ports::free()?);
    let file = folder.join("spans.jsonl");
    let config = folder.join("config.yaml");
    let quoted = serde_json::Value::from(file.display().to_string());
    // With rotation, which never happens at this size, the exporter writes without a buffer: acknowledged spans are in
    // the file even if the collector is killed. A restarted collector appends to the file.
    let text = format!(
        "\
receivers:
  otlp:
    protocols:
      grpc: {{endpoint: \"127.0.0.1:{grpc}\"}}
      http: {{endpoint: \"127.0.0.1:{http}\"}}
exporters:
  file: {{path: {quoted}, rotation: {{max_megabytes: 100000}}}}
service:
  telemetry: {{metrics: {{level: none}}}}
  pipelines:
    traces: {{receivers: [otlp], exporters: [file]}}
"
    );
    fs::write(&config, text)?;
    let addresses = Addresses::from([
        (OTLP_GRPC, format!("http://127.0.0.1:{grpc}")),
        (OTLP_HTTP, format!("http://127.0.0.1:{http}")),
        (OTLP_FILE, file.display().to_string()),
    ]);
    let args = ["--config".into(), config.into_os_string()];
    Ok(Server::new(Product::Collector, programs.collector(), args, folder, addresses))
}

/// Sends an empty request, which adds nothing to the collector's file.
pub(crate) fn check(addresses: &Addresses) -> Result<(), String> {
    let url = format!("{}/v1/traces", addresses[OTLP_HTTP]);
    let (status, body) = http::post(&url, "{}")?;
    if status != 200 {
        return Err(format!("{url} responded with status {status}: {body}"));
    }
    let grpc = addresses[OTLP_GRPC].trim_start_matches("http://").trim_end_matches('/');
    TcpStream::connect(grpc).map_err(|error| format!("{grpc}: {error}"))?;
    let file = &addresses[OTLP_FILE];
    fs::File::open(file).map(drop).or_else(|error| match error.kind() {
        // The collector creates the file with the first span.
        io::ErrorKind::NotFound => Ok(()),
        _ => Err(format!("{file}: {error}")),
    })
}
