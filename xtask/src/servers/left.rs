//! A server that `up` left running.

use std::fs;
use std::path::PathBuf;

use anytrace_servers::{Addresses, Product, Programs};
use serde_json::{Value, json};

use crate::processes;
use crate::project::Project;

/// A server that runs by itself, known by what is written in its folder.
#[derive(Debug)]
pub(super) struct Left {
    product: Product,
    id: u32,
    birth: String,
    addresses: Addresses,
}

impl Left {
    /// The one that runs, if it does: the same process as then, and not one that has got its id since.
    pub(super) fn find(project: &Project, product: Product) -> Result<Option<Self>, String> {
        let path = folder(project, product).join(STATE);
        let Ok(text) = fs::read_to_string(&path) else { return Ok(None) };
        let read = Self::read(product, &text).ok_or_else(|| format!("{} is broken", path.display()))?;
        let runs = processes::birth(read.id).is_some_and(|birth| birth == read.birth);
        Ok(runs.then_some(read))
    }

    /// Starts one in a folder of its own and waits until it answers.
    pub(super) fn start(
        project: &Project,
        product: Product,
        programs: &Programs,
    ) -> Result<Addresses, String> {
        let folder = folder(project, product);
        // What a server left that has ended by itself.
        let _ = fs::remove_dir_all(&folder);
        let server = product.prepare(programs, &folder).map_err(|error| error.to_string())?;
        let mut child = server.detach()?;
        let birth = processes::birth(child.id()).unwrap_or_default();
        let left = Left { product, id: child.id(), birth, addresses: server.addresses().clone() };
        // Before it answers, so that `down` knows of it whatever happens meanwhile.
        let written = fs::write(folder.join(STATE), left.text()).map_err(|error| error.to_string());
        if let Err(why) = written.and_then(|()| server.wait(&mut child)) {
            let _ = child.kill();
            let _ = child.wait();
            return Err(why);
        }
        Ok(left.addresses)
    }

    /// Its process.
    pub(super) fn id(&self) -> u32 {
        self.id
    }

    /// Where it is found, once it has answered.
    pub(super) fn checked(self) -> Result<Addresses, String> {
        let wrong =
            |why| format!("{} runs as process {} and is of no use: {why}", self.product.name(), self.id);
        self.product.check(&self.addresses).map_err(wrong)?;
        Ok(self.addresses)
    }

    /// Ends it, and waits until it has gone. Says so.
    pub(super) fn end(self) -> Result<String, String> {
        processes::end(self.id, &self.birth)
            .map(|()| format!("has ended, process {}", self.id))
            .map_err(|why| format!("{}: {why}", self.product.name()))
    }

    /// Removes the folders of those that have ended.
    pub(super) fn forget(project: &Project) -> Result<(), String> {
        let folder = project.cache().join(RUNNING);
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        }
        Ok(())
    }

    fn read(product: Product, text: &str) -> Option<Self> {
        let json: Value = serde_json::from_str(text).ok()?;
        let address = |name: &&'static str| Some((*name, json[*name].as_str()?.to_owned()));
        Some(Left {
            product,
            id: json["process"].as_u64()?.try_into().ok()?,
            birth: json["birth"].as_str()?.to_owned(),
            addresses: product.address_names().iter().map(address).collect::<Option<_>>()?,
        })
    }

    fn text(&self) -> String {
        let mut json = json!({ "process": self.id, "birth": self.birth });
        for (name, value) in &self.addresses {
            json[*name] = Value::from(value.as_str());
        }
        json.to_string()
    }
}

const STATE: &str = "state.json";

/// In the cache and not where cargo builds, so that `cargo clean` does not make anybody forget what runs.
const RUNNING: &str = "servers/running";

fn folder(project: &Project, product: Product) -> PathBuf {
    project.cache().join(RUNNING).join(product.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let addresses = Addresses::from([(anytrace_servers::ZIPKIN, "http://127.0.0.1:1".to_owned())]);
        let left = Left { product: Product::Zipkin, id: 7, birth: "99".to_owned(), addresses };
        let read = Left::read(Product::Zipkin, &left.text()).unwrap();
        assert_eq!((read.id, &read.birth, &read.addresses), (7, &left.birth, &left.addresses));
        assert!(Left::read(Product::Collector, &left.text()).is_none(), "it has other addresses");
        assert!(Left::read(Product::Zipkin, "{}").is_none());
    }
}
