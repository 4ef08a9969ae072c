//! `cargo xtask servers`: the real servers that finished spans are sent to.

mod fetch;
mod left;

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::process::ExitCode;

use anytrace_servers::{Addresses, Product, Programs, Running};

use crate::project::Project;
use crate::session::Session;
use left::Left;

/// What is asked of `cargo xtask servers`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Start what does not run yet, and say where all is found.
    Up,
    /// End what `up` started.
    Down,
    /// Say what runs.
    Status,
}

/// Does it. What a caller may want to read is on standard output, and nothing else.
pub(crate) fn run(project: &Project, order: Order) -> ExitCode {
    let done = match order {
        Order::Up => up(project),
        Order::Down => down(project),
        Order::Status => status(project),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("xtask: {reason}");
            ExitCode::FAILURE
        }
    }
}

/// What a test needs in its environment, and the servers that it is about, which are killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Lent {
    /// The environment.
    pub(crate) variables: BTreeMap<&'static str, OsString>,
    /// Those that were not there already.
    _running: Vec<Running>,
}

/// Servers for the tests of one step: new ones, except those whose addresses are given in the environment.
pub(crate) fn lend(session: &mut Session<'_>) -> Result<Lent, String> {
    let programs = fetch::programs(session)?;
    let mut variables = BTreeMap::from(programs.variables());
    let mut running = Vec::new();
    let folder = session.project.target().join("xtask/servers");
    for product in Product::ALL {
        let addresses = if let Some(given) = given(product)? {
            given
        } else {
            let folder = folder.join(product.name());
            // Of the last run, for whoever wanted to look at it.
            let _ = fs::remove_dir_all(&folder);
            let server = product.prepare(&programs, &folder).map_err(|error| error.to_string())?.start()?;
            let addresses = server.addresses().clone();
            running.push(server);
            addresses
        };
        variables.extend(addresses.into_iter().map(|(name, value)| (name, value.into())));
    }
    Ok(Lent { variables, _running: running })
}

fn up(project: &Project) -> Result<(), String> {
    let mut session = Session::begin(project, "servers-up").map_err(|error| format!("its log: {error}"))?;
    let given = Product::ALL.into_iter().map(given).collect::<Result<Vec<_>, _>>()?;
    let ours = given.iter().any(Option::is_none);
    let programs = ours.then(|| fetch::programs(&mut session)).transpose();
    // What was tried, and what it said.
    let programs = programs.inspect_err(|_| eprint!("{}", session.log()))?;
    for (product, given) in Product::ALL.into_iter().zip(given) {
        let addresses = match (given, Left::find(project, product)?, &programs) {
            (Some(given), ..) => given,
            (None, Some(left), _) => left.checked()?,
            (None, None, Some(programs)) => Left::start(project, product, programs)?,
            (None, None, None) => return Err(format!("there is no program for {}", product.name())),
        };
        print(&addresses);
    }
    // For servers of one's own: those of the tests that kill them.
    for (name, value) in programs.iter().flat_map(Programs::variables) {
        println!("{name}={}", value.to_string_lossy());
    }
    Ok(())
}

fn down(project: &Project) -> Result<(), String> {
    for product in Product::ALL {
        let said = match Left::find(project, product)? {
            Some(left) => left.end()?,
            None => "was not running".to_owned(),
        };
        eprintln!("{:10} {said}", product.name());
    }
    Left::forget(project)
}

fn status(project: &Project) -> Result<(), String> {
    let mut missing = Vec::new();
    for product in Product::ALL {
        let found = match (given(product)?, Left::find(project, product)?) {
            (Some(given), _) => Some(("somebody else's".to_owned(), given)),
            (None, Some(left)) => Some((format!("process {}", left.id()), left.checked()?)),
            (None, None) => None,
        };
        if let Some((whose, addresses)) = found {
            eprintln!("{:10} runs: {whose}", product.name());
            print(&addresses);
        } else {
            eprintln!("{:10} does not run", product.name());
            missing.push(product.name());
        }
    }
    if missing.is_empty() { Ok(()) } else { Err(format!("not running: {}", missing.join(", "))) }
}

fn given(product: Product) -> Result<Option<Addresses>, String> {
    let variable = |name: &str| env::var_os(name).map(|value| value.to_string_lossy().into_owned());
    let given = product.configured(variable)?;
    if let Some(addresses) = &given {
        let wrong = |why| format!("{}, as the environment gives it, is of no use: {why}", product.name());
        product.check(addresses).map_err(wrong)?;
    }
    Ok(given)
}

fn print(addresses: &Addresses) {
    for (name, value) in addresses {
        println!("{name}={value}");
    }
}
