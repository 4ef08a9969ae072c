//! `cargo xtask servers`: the real servers of the end-to-end tests.

mod detached;
mod fetch;

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::process::ExitCode;

use anytrace_servers::{Addresses, Product, Programs, Running};

use crate::project::Project;
use crate::session::Session;
use detached::DetachedServer;

/// The subcommand of `cargo xtask servers`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Starts the servers that are not running, and prints the addresses of all.
    Up,
    /// Stops the servers that `up` has started.
    Down,
    /// Shows the running servers.
    Status,
}

/// Runs the subcommand. Standard output contains only `NAME=VALUE` lines with addresses and paths, for use by other
/// programs.
pub(crate) fn run(project: &Project, action: Action) -> ExitCode {
    let result = match action {
        Action::Up => up(project),
        Action::Down => down(project),
        Action::Status => status(project),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("xtask: {reason}");
            ExitCode::FAILURE
        }
    }
}

/// The environment of the tests, and their servers, which are killed when this value is dropped.
#[derive(Debug)]
pub(crate) struct TestServers {
    /// The environment variables.
    pub(crate) variables: BTreeMap<&'static str, OsString>,
    /// The servers that were started for the tests.
    _running: Vec<Running>,
}

/// Starts servers for the tests of one step, except those whose addresses are in the environment.
pub(crate) fn start_for_tests(session: &mut Session<'_>) -> Result<TestServers, String> {
    let programs = fetch::programs(session)?;
    let mut variables = BTreeMap::from(programs.variables());
    let mut running = Vec::new();
    let folder = session.project.target().join("xtask/servers");
    for product in Product::ALL {
        let addresses = if let Some(configured_addresses) = configured_addresses(product)? {
            configured_addresses
        } else {
            let folder = folder.join(product.name());
            // Removes the files of the previous run. They remain until here for inspection.
            let _ = fs::remove_dir_all(&folder);
            let server = product.prepare(&programs, &folder).map_err(|error| error.to_string())?.start()?;
            let addresses = server.addresses().clone();
            running.push(server);
            addresses
        };
        variables.extend(addresses.into_iter().map(|(name, value)| (name, value.into())));
    }
    Ok(TestServers { variables, _running: running })
}

fn up(project: &Project) -> Result<(), String> {
    let mut session = Session::begin(project, "servers-up")
        .map_err(|error| format!("the log cannot be written: {error}"))?;
    let configured_addresses =
        Product::ALL.into_iter().map(configured_addresses).collect::<Result<Vec<_>, _>>()?;
    let needs_programs = configured_addresses.iter().any(Option::is_none);
    let programs = needs_programs.then(|| fetch::programs(&mut session)).transpose();
    // Shows the output of the failed commands.
    let programs = programs.inspect_err(|_| eprint!("{}", session.log()))?;
    for (product, configured_addresses) in Product::ALL.into_iter().zip(configured_addresses) {
        let addresses = match (configured_addresses, DetachedServer::find(project, product)?, &programs) {
            (Some(configured_addresses), ..) => configured_addresses,
            (None, Some(detached), _) => detached.checked()?,
            (None, None, Some(programs)) => DetachedServer::start(project, product, programs)?,
            (None, None, None) => return Err(format!("the program of {} is missing", product.name())),
        };
        print(&addresses);
    }
    // The paths of the programs, for the tests that start servers of their own.
    for (name, value) in programs.iter().flat_map(Programs::variables) {
        println!("{name}={}", value.to_string_lossy());
    }
    Ok(())
}

fn down(project: &Project) -> Result<(), String> {
    for product in Product::ALL {
        let message = match DetachedServer::find(project, product)? {
            Some(detached) => detached.end()?,
            None => "not running".to_owned(),
        };
        eprintln!("{:10} {message}", product.name());
    }
    DetachedServer::remove(project)
}

fn status(project: &Project) -> Result<(), String> {
    let mut missing = Vec::new();
    for product in Product::ALL {
        let found = match (configured_addresses(product)?, DetachedServer::find(project, product)?) {
            (Some(configured_addresses), _) => {
                Some(("configured in the environment".to_owned(), configured_addresses))
            }
            (None, Some(detached)) => Some((format!("process {}", detached.id()), detached.checked()?)),
            (None, None) => None,
        };
        if let Some((label, addresses)) = found {
            eprintln!("{:10} running: {label}", product.name());
            print(&addresses);
        } else {
            eprintln!("{:10} not running", product.name());
            missing.push(product.name());
        }
    }
    if missing.is_empty() { Ok(()) } else { Err(format!("not running: {}", missing.join(", "))) }
}

fn configured_addresses(product: Product) -> Result<Option<Addresses>, String> {
    let variable = |name: &str| env::var_os(name).map(|value| value.to_string_lossy().into_owned());
    let configured_addresses = product.configured(variable)?;
    if let Some(addresses) = &configured_addresses {
        let unusable =
            |why| format!("the {} configured in the environment does not respond: {why}", product.name());
        product.check(addresses).map_err(unusable)?;
    }
    Ok(configured_addresses)
}

fn print(addresses: &Addresses) {
    for (name, value) in addresses {
        println!("{name}={value}");
    }
}
