//! The Zipkin server, which keeps spans in its memory.

use std::{io, path::Path};

use crate::{Addresses, Product, Programs, Server, ZIPKIN, http, ports};

pub(crate) fn prepare(programs: &Programs, folder: &Path) -> io::Result<Server> {
    let port = ports::free()?;
    let mut args = ["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"].map(Into::into).to_vec();
    // It lives for a minute: to start fast is worth more than to run fast.
    args.extend(["-jar".into(), programs.zipkin().into()]);
    // A port alone would be opened on all interfaces.
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
    // The page itself says UP, as does the storage within it.
    if status != 200 || !body.contains("\"UP\"") || !body.contains("zipkin") {
        return Err(format!("{url} answers {status}: {body}"));
    }
    Ok(())
}
