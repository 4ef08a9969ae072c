//! Servers that `up` has started and that outlive xtask.

use std::fs;
use std::path::PathBuf;

use anytrace_servers::{Addresses, Product, Programs};
use serde_json::{Value, json};

use crate::processes;
use crate::project::Project;

/// A server that is described by the state file in its folder.
#[derive(Debug)]
pub(super) struct DetachedServer {
    product: Product,
    id: u32,
    start_time: String,
    addresses: Addresses,
}

impl DetachedServer {
    /// Returns the running server, if there is one. The start time must match, since the process id may have been
    /// reused.
    pub(super) fn find(project: &Project, product: Product) -> Result<Option<Self>, String> {
        let path = folder(project, product).join(STATE);
        let Ok(text) = fs::read_to_string(&path) else { return Ok(None) };
        let read = Self::read(product, &text)
            .ok_or_else(|| format!("{} is not a valid state file", path.display()))?;
        let runs = processes::start_time(read.id).is_some_and(|start_time| start_time == read.start_time);
        Ok(runs.then_some(read))
    }

    /// Starts a server in its own folder, and waits until it responds.
    pub(super) fn start(
        project: &Project,
        product: Product,
        programs: &Programs,
    ) -> Result<Addresses, String> {
        let folder = folder(project, product);
        // Removes the files of a server that has ended by itself.
        let _ = fs::remove_dir_all(&folder);
        let server = product.prepare(programs, &folder).map_err(|error| error.to_string())?;
        let mut child = server.detach()?;
        let start_time = processes::start_time(child.id()).unwrap_or_default();
        let detached =
            DetachedServer { product, id: child.id(), start_time, addresses: server.addresses().clone() };
        // Written before the server responds, so that `down` finds the server even if xtask is killed meanwhile.
        let written = fs::write(folder.join(STATE), detached.text()).map_err(|error| error.to_string());
        if let Err(why) = written.and_then(|()| server.wait(&mut child)) {
            let _ = child.kill();
            let _ = child.wait();
            return Err(why);
        }
        Ok(detached.addresses)
    }

    /// Returns the process id.
    pub(super) fn id(&self) -> u32 {
        self.id
    }

    /// Checks that the server responds, and returns its addresses.
    pub(super) fn checked(self) -> Result<Addresses, String> {
        let unusable =
            |why| format!("{} runs as process {} and does not respond: {why}", self.product.name(), self.id);
        self.product.check(&self.addresses).map_err(unusable)?;
        Ok(self.addresses)
    }

    /// Ends the server, waits until it has ended, and returns a message.
    pub(super) fn end(self) -> Result<String, String> {
        processes::end(self.id, &self.start_time)
            .map(|()| format!("stopped process {}", self.id))
            .map_err(|why| format!("{}: {why}", self.product.name()))
    }

    /// Removes the folders of the servers, which must have ended.
    pub(super) fn remove(project: &Project) -> Result<(), String> {
        let folder = project.cache().join(RUNNING);
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        }
        Ok(())
    }

    fn read(product: Product, text: &str) -> Option<Self> {
        let json: Value = serde_json::from_str(text).ok()?;
        let address = |name: &&'static str| Some((*name, json[*name].as_str()?.to_owned()));
        Some(DetachedServer {
            product,
            id: json["process"].as_u64()?.try_into().ok()?,
            start_time: json["start_time"].as_str()?.to_owned(),
            addresses: product.address_names().iter().map(address).collect::<Option<_>>()?,
        })
    }

    fn text(&self) -> String {
        let mut json = json!({ "process": self.id, "start_time": self.start_time });
        for (name, value) in &self.addresses {
            json[*name] = Value::from(value.as_str());
        }
        json.to_string()
    }
}

const STATE: &str = "state.json";

/// Within the cache folder instead of the target folder, so that `cargo clean` does not remove the state of running
/// servers.
const RUNNING: &str = "servers/running";

fn folder(project: &Project, product: Product) -> PathBuf {
    project.cache().join(RUNNING).join(product.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_file_is_read_back() {
        let addresses = Addresses::from([(anytrace_servers::ZIPKIN, "http://127.0.0.1:1".to_owned())]);
        let detached =
            DetachedServer { product: Product::Zipkin, id: 7, start_time: "99".to_owned(), addresses };
        let read = DetachedServer::read(Product::Zipkin, &detached.text()).unwrap();
        assert_eq!(
            (read.id, &read.start_time, &read.addresses),
            (7, &detached.start_time, &detached.addresses)
        );
        assert!(
            DetachedServer::read(Product::Collector, &detached.text()).is_none(),
            "the collector has other addresses"
        );
        assert!(DetachedServer::read(Product::Zipkin, "{}").is_none());
    }
}
