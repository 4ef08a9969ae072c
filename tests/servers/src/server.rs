//! One server, ready to be started.

use std::{
    ffi::{OsStr, OsString},
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use crate::{Addresses, Product, Running, until};

/// How long a server may take to answer: a Java program on a busy machine.
const START: Duration = Duration::from_secs(90);

/// A server with its ports and its folder. Made by [`Product::prepare`].
#[derive(Clone, Debug)]
pub struct Server {
    product: Product,
    program: PathBuf,
    args: Vec<OsString>,
    folder: PathBuf,
    addresses: Addresses,
}

impl Server {
    pub(crate) fn new(
        product: Product,
        program: &Path,
        args: impl Into<Vec<OsString>>,
        folder: &Path,
        addresses: Addresses,
    ) -> Self {
        let (program, args, folder) = (program.to_owned(), args.into(), folder.to_owned());
        Server { product, program, args, folder, addresses }
    }

    /// Where it will be found.
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// One of the addresses.
    pub fn address(&self, name: &str) -> &str {
        self.addresses.get(name).map_or("", String::as_str)
    }

    /// Starts it, to be ended with this process at the latest.
    ///
    /// # Errors
    ///
    /// When it does not come up.
    pub fn start(self) -> Result<Running, String> {
        Running::start(self)
    }

    /// Starts it by itself: it outlives this process and its terminal. It has to be waited for.
    ///
    /// # Errors
    ///
    /// When the program cannot be started.
    pub fn detach(&self) -> Result<Child, String> {
        let mut command = Command::new(&self.program);
        command.args(&self.args).stdin(Stdio::null());
        // Ctrl-C is for the processes of the terminal's own group.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        self.spawn(&mut command)
    }

    /// Waits until it answers. `child` is what would end if the server did.
    ///
    /// # Errors
    ///
    /// When it ends instead, or takes too long: with the end of its log.
    pub fn wait(&self, child: &mut Child) -> Result<(), String> {
        let mut last = String::new();
        let started = until("an answer", START, || match child.try_wait() {
            Ok(None) => self.product.check(&self.addresses).map_err(|error| last = error).ok().map(Ok),
            Ok(Some(status)) => Some(Err(format!("it ended with {status}"))),
            Err(error) => Some(Err(error.to_string())),
        });
        started.unwrap_or_else(|late| Err(format!("{late}; {last}"))).map_err(|why| {
            format!("{} does not start: {why}; the end of its log:\n{}", self.product.name(), self.log_tail())
        })
    }

    pub(crate) fn words(&self) -> impl Iterator<Item = &OsStr> {
        [self.program.as_os_str()].into_iter().chain(self.args.iter().map(OsString::as_os_str))
    }

    /// With its output in its log and the environment it needs.
    pub(crate) fn spawn(&self, command: &mut Command) -> Result<Child, String> {
        let log = File::options().create(true).append(true).open(self.log());
        let log = log.and_then(|log| Ok((log.try_clone()?, log)));
        let (out, err) = log.map_err(|error| format!("{}: {error}", self.log().display()))?;
        command.current_dir(&self.folder).stdout(out).stderr(err);
        command.spawn().map_err(|error| format!("cannot start {}: {error}", self.program.display()))
    }

    fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    fn log_tail(&self) -> String {
        let text = fs::read(self.log()).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let text = text.unwrap_or_else(|error| error.to_string());
        let lines: Vec<&str> = text.lines().rev().take(20).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}
