//! The Zipkin server with in-memory storage.

use std::{io, path::Path};

use crate::{Addresses, Product, Programs, Server, ZIPKIN, http, ports};

pub(crate) fn prepare(programs: &Programs, folder: &Path) -> io::Result<Server> {
    let port = ports::free()?;
    let mut args = ["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"].map(Into::into).to_vec();
    // The server runs for about a minute, so a fast start matters more than fast code.
    args.extend(["-jar".into(), programs.zipkin().into()]);
    // A port without an address would be opened on all interfaces.
    args.extend([
        "--armeria.ports[0].ip=127.0.0.1".into(),
        format!("--armeria.ports[0].port={port}").into(),
        "--armeria.ports[0].protocols[0]=http".into(),
        "--zipkin.storage.type=mem".into(),
        "--zipkin.storage.mem.max-spans=1000000".into(),
    ]);
    let addresses = Addresses::from([(ZIPKIN, format!("http://127.0.0.1:{port}"))]);
    Ok(Server::new(Product::Zipkin, programs.java(), args, folder, addresses))
}

pub(crate) fn check(addresses: &Addresses) -> Result<(), String> {
    let url = format!("{}/health", addresses[ZIPKIN]);
    let (status, body) = http::get(&url)?;
    // The page and its storage component both report `UP`.
    if status != 200 || !body.contains("\"UP\"") || !body.contains("zipkin") {
        return Err(format!("{url} responded with status {status}: {body}"));
    }
    Ok(())
}
