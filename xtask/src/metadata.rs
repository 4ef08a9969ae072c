//! The workspace's packages, from `cargo metadata`.

use serde_json::Value;

/// A package of the workspace: its manifest, including inherited values.
#[derive(Debug)]
pub(crate) struct Package {
    manifest: Value,
}

impl Package {
    /// Parses the output of `cargo metadata --no-deps`.
    pub(crate) fn all(json: &[u8]) -> Result<Vec<Self>, String> {
        let metadata: Value = serde_json::from_slice(json)
            .map_err(|error| format!("invalid output of `cargo metadata`: {error}"))?;
        let packages =
            metadata["packages"].as_array().ok_or("the output of `cargo metadata` has no packages")?;
        Ok(packages.iter().map(|manifest| Self { manifest: manifest.clone() }).collect())
    }

    /// Returns the name of the package.
    pub(crate) fn name(&self) -> &str {
        self.text("name").unwrap_or_default()
    }

    /// True if the package is published: its manifest has no `publish = false`.
    pub(crate) fn is_published(&self) -> bool {
        self.manifest["publish"].as_array().is_none_or(|registries| !registries.is_empty())
    }

    /// Returns a text value of the manifest, by its name in the JSON (`rust_version`).
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.manifest[key].as_str().filter(|text| !text.is_empty())
    }

    /// Returns the toolchain for `rust-version`: `1.85` means `1.85.0`.
    pub(crate) fn oldest_toolchain(&self) -> Option<String> {
        let version = self.text("rust_version")?;
        Some(if version.matches('.').count() == 1 { format!("{version}.0") } else { version.to_owned() })
    }

    /// Returns the features without `default`.
    pub(crate) fn features(&self) -> impl Iterator<Item = &str> {
        let features = self.manifest["features"].as_object().into_iter();
        features.flat_map(|all| all.keys()).map(String::as_str).filter(|name| *name != "default")
    }

    /// Returns the names and version requirements of the normal dependencies from registries, including optional ones.
    pub(crate) fn registry_dependencies(&self) -> impl Iterator<Item = (&str, &str)> {
        let dependencies = self.manifest["dependencies"].as_array().into_iter().flatten();
        dependencies
            .filter(|dependency| dependency["kind"].is_null() && dependency["source"].is_string())
            .filter_map(|dependency| Some((dependency["name"].as_str()?, dependency["req"].as_str()?)))
    }

    /// Returns the names of the targets of a kind, such as `bin` or `example`.
    pub(crate) fn targets(&self, kind: &str) -> impl Iterator<Item = &str> {
        let targets = self.manifest["targets"].as_array().into_iter().flatten();
        targets
            .filter(move |target| {
                target["kind"].as_array().is_some_and(|kinds| kinds.iter().any(|k| k == kind))
            })
            .filter_map(|target| target["name"].as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const METADATA: &str = r#"{"packages": [
        {"name": "open", "publish": null, "rust_version": "1.85", "features": {"default": [], "http": []},
         "targets": [{"kind": ["lib"], "name": "open"}, {"kind": ["bin"], "name": "demo"}]},
        {"name": "closed", "publish": [], "rust_version": "1.85.1", "features": {}, "targets": []}
    ]}"#;

    #[test]
    fn packages_are_parsed_from_json() {
        let packages = Package::all(METADATA.as_bytes()).expect("the metadata is valid");
        let [open, closed] = packages.as_slice() else { panic!("there are two packages") };
        assert_eq!((open.name(), open.is_published()), ("open", true));
        assert_eq!((closed.name(), closed.is_published()), ("closed", false));
        assert_eq!(open.oldest_toolchain().as_deref(), Some("1.85.0"));
        assert_eq!(closed.oldest_toolchain().as_deref(), Some("1.85.1"));
        assert_eq!(open.features().collect::<Vec<_>>(), ["http"]);
        assert_eq!(open.targets("bin").collect::<Vec<_>>(), ["demo"]);
        assert_eq!(open.text("description"), None);
    }

    #[test]
    fn other_output_is_rejected() {
        assert!(Package::all(b"error: no manifest").is_err());
        assert!(Package::all(b"{}").is_err());
    }
}
