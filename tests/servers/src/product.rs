//! The servers there are, and the names of their addresses.

use std::{collections::BTreeMap, fs, io, path::Path};

use crate::{Programs, Server, collector, zipkin};

/// The collector's OTLP over gRPC: a URL.
pub const OTLP_GRPC: &str = "ANYTRACE_OTLP_GRPC";
/// The collector's OTLP over HTTP: a URL without a path.
pub const OTLP_HTTP: &str = "ANYTRACE_OTLP_HTTP";
/// What the collector took: a file of OTLP JSON, a request on each line.
pub const OTLP_FILE: &str = "ANYTRACE_OTLP_FILE";
/// The Zipkin server: a URL without a path.
pub const ZIPKIN: &str = "ANYTRACE_ZIPKIN";

/// Where a server is found, by the names above, which are also those of environment variables.
pub type Addresses = BTreeMap<&'static str, String>;

/// A server that spans can be sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Product {
    /// The OpenTelemetry Collector with an OTLP receiver and a file exporter.
    Collector,
    /// The Zipkin server, with its memory as storage.
    Zipkin,
}

impl Product {
    /// Every one.
    pub const ALL: [Product; 2] = [Product::Collector, Product::Zipkin];

    /// What it is called, also as a folder.
    pub fn name(self) -> &'static str {
        match self {
            Product::Collector => "collector",
            Product::Zipkin => "zipkin",
        }
    }

    /// The names of its addresses.
    pub fn names(self) -> &'static [&'static str] {
        match self {
            Product::Collector => &[OTLP_GRPC, OTLP_HTTP, OTLP_FILE],
            Product::Zipkin => &[ZIPKIN],
        }
    }

    /// The addresses of one that somebody else started, where they are given; an empty variable counts as not set.
    ///
    /// # Errors
    ///
    /// When only some of them are given.
    pub fn given(self, variable: impl Fn(&str) -> Option<String>) -> Result<Option<Addresses>, String> {
        let value = |name: &&'static str| Some((*name, variable(name).filter(|value| !value.is_empty())?));
        let given: Addresses = self.names().iter().filter_map(value).collect();
        let missing = self.names().iter().find(|name| !given.contains_key(*name));
        match missing {
            None => Ok(Some(given)),
            Some(_) if given.is_empty() => Ok(None),
            Some(missing) => Err(format!("{} is set without {missing}", self.names()[0])),
        }
    }

    /// The addresses of the one that the tests were given, in the environment.
    ///
    /// # Errors
    ///
    /// When they were given none.
    pub fn lent(self) -> Result<Addresses, String> {
        let given = self.given(|name| std::env::var(name).ok())?;
        let missing =
            || format!("{} is not set: run this by `cargo xtask test --only servers`", self.names()[0]);
        given.ok_or_else(missing)
    }

    /// One that is about to be started on free ports, with all that it writes in a folder of its own.
    ///
    /// # Errors
    ///
    /// When the folder cannot be written, or no port is free.
    pub fn prepare(self, programs: &Programs, folder: &Path) -> io::Result<Server> {
        fs::create_dir_all(folder)?;
        match self {
            Product::Collector => collector::prepare(programs, folder),
            Product::Zipkin => zipkin::prepare(programs, folder),
        }
    }

    /// Does it answer there, and is it what it should be?
    ///
    /// # Errors
    ///
    /// What was wrong.
    pub fn check(self, addresses: &Addresses) -> Result<(), String> {
        match self {
            Product::Collector => collector::check(addresses),
            Product::Zipkin => zipkin::check(addresses),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(set: &[(&str, &str)]) -> Result<Option<Addresses>, String> {
        let value =
            |name: &str| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        Product::Collector.given(value)
    }

    #[test]
    fn addresses_are_given_together_or_not_at_all() {
        let all = [(OTLP_GRPC, "a"), (OTLP_HTTP, "b"), (OTLP_FILE, "c")];
        assert_eq!(given(&all), Ok(Some(Addresses::from(all.map(|(name, value)| (name, value.to_owned()))))));
        assert_eq!(given(&[(OTLP_FILE, ""), (ZIPKIN, "z")]), Ok(None));
        assert!(given(&all[1..]).is_err_and(|error| error.ends_with("without ANYTRACE_OTLP_GRPC")));
    }
}
