//! The servers, and the environment variables with their addresses.

use std::{collections::BTreeMap, fs, io, path::Path};

use crate::{Programs, Server, collector, zipkin};

/// The collector's URL for OTLP over gRPC.
pub const OTLP_GRPC: &str = "ANYTRACE_OTLP_GRPC";
/// The collector's URL for OTLP over HTTP, without a path.
pub const OTLP_HTTP: &str = "ANYTRACE_OTLP_HTTP";
/// The collector's output: a file of OTLP JSON with one request per line.
pub const OTLP_FILE: &str = "ANYTRACE_OTLP_FILE";
/// The Zipkin server's URL, without a path.
pub const ZIPKIN: &str = "ANYTRACE_ZIPKIN";

/// Addresses of a server by name. The names are also those of environment variables.
pub type Addresses = BTreeMap<&'static str, String>;

/// A server that receives spans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Product {
    /// The OpenTelemetry Collector with an OTLP receiver and a file exporter.
    Collector,
    /// The Zipkin server with in-memory storage.
    Zipkin,
}

impl Product {
    /// The servers.
    pub const ALL: [Product; 2] = [Product::Collector, Product::Zipkin];

    /// Returns the name of the server, which is also the name of its folder.
    pub fn name(self) -> &'static str {
        match self {
            Product::Collector => "collector",
            Product::Zipkin => "zipkin",
        }
    }

    /// Returns the names of the server's addresses.
    pub fn address_names(self) -> &'static [&'static str] {
        match self {
            Product::Collector => &[OTLP_GRPC, OTLP_HTTP, OTLP_FILE],
            Product::Zipkin => &[ZIPKIN],
        }
    }

    /// Returns the addresses of a server that is already running, or `None` if no address is set. An empty variable
    /// counts as not set.
    ///
    /// # Errors
    ///
    /// Fails if only some of the addresses are set.
    pub fn configured(self, variable: impl Fn(&str) -> Option<String>) -> Result<Option<Addresses>, String> {
        let value = |name: &&'static str| Some((*name, variable(name).filter(|value| !value.is_empty())?));
        let configured: Addresses = self.address_names().iter().filter_map(value).collect();
        let missing = self.address_names().iter().find(|name| !configured.contains_key(*name));
        match missing {
            None => Ok(Some(configured)),
            Some(_) if configured.is_empty() => Ok(None),
            Some(missing) => Err(format!("{} is set without {missing}", self.address_names()[0])),
        }
    }

    /// Returns the addresses from the environment.
    ///
    /// # Errors
    ///
    /// Fails if they are not set.
    pub fn from_environment(self) -> Result<Addresses, String> {
        let configured = self.configured(|name| std::env::var(name).ok())?;
        let missing = || {
            format!(
                "{} is not set: run this test with `cargo xtask test --only servers`",
                self.address_names()[0]
            )
        };
        configured.ok_or_else(missing)
    }

    /// Prepares a server with free ports, whose files are all in `folder`.
    ///
    /// # Errors
    ///
    /// Fails if the folder cannot be written or no port is free.
    pub fn prepare(self, programs: &Programs, folder: &Path) -> io::Result<Server> {
        fs::create_dir_all(folder)?;
        match self {
            Product::Collector => collector::prepare(programs, folder),
            Product::Zipkin => zipkin::prepare(programs, folder),
        }
    }

    /// Checks that the expected server responds at these addresses.
    ///
    /// # Errors
    ///
    /// Returns the reason if it does not.
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

    fn configured(set: &[(&str, &str)]) -> Result<Option<Addresses>, String> {
        let value =
            |name: &str| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        Product::Collector.configured(value)
    }

    #[test]
    fn addresses_are_set_together_or_not_at_all() {
        let all = [(OTLP_GRPC, "a"), (OTLP_HTTP, "b"), (OTLP_FILE, "c")];
        assert_eq!(
            configured(&all),
            Ok(Some(Addresses::from(all.map(|(name, value)| (name, value.to_owned())))))
        );
        assert_eq!(configured(&[(OTLP_FILE, ""), (ZIPKIN, "z")]), Ok(None));
        assert!(configured(&all[1..]).is_err_and(|error| error.ends_with("without ANYTRACE_OTLP_GRPC")));
    }
}
