//! A server that is ready to be started.

use std::{
    ffi::{OsStr, OsString},
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use crate::{Addresses, Product, Running, until};

/// The longest time until a server responds: a Java program on a busy machine.
const START: Duration = Duration::from_secs(90);

/// A server with its ports and its folder. [`Product::prepare`] creates it.
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

    /// Returns the addresses of the server.
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// Returns one address of the server.
    pub fn address(&self, name: &str) -> &str {
        self.addresses.get(name).map_or("", String::as_str)
    }

    /// Starts the server, and waits until it responds. It ends with this process at the latest.
    ///
    /// # Errors
    ///
    /// Fails if it does not respond in time.
    pub fn start(self) -> Result<Running, String> {
        Running::start(self)
    }

    /// Starts the server as a process that outlives this one and its terminal. Call [`wait`](Self::wait) before using
    /// it.
    ///
    /// # Errors
    ///
    /// Fails if the program cannot be started.
    pub fn detach(&self) -> Result<Child, String> {
        let mut command = Command::new(&self.program);
        command.args(&self.args).stdin(Stdio::null());
        // A process group of its own does not receive the terminal's Ctrl-C.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        self.spawn(&mut command)
    }

    /// Waits until the server responds. `child` is the process that ends when the server does.
    ///
    /// # Errors
    ///
    /// Fails if the server ends or does not respond in time. The error contains the end of the server's log.
    pub fn wait(&self, child: &mut Child) -> Result<(), String> {
        let mut last = String::new();
        let started = until("response to a health check", START, || match child.try_wait() {
            Ok(None) => self.product.check(&self.addresses).map_err(|error| last = error).ok().map(Ok),
            Ok(Some(status)) => Some(Err(format!("the process ended with {status}"))),
            Err(error) => Some(Err(error.to_string())),
        });
        started.unwrap_or_else(|timeout| Err(format!("{timeout}; {last}"))).map_err(|why| {
            format!("{} does not start: {why}; end of the log:\n{}", self.product.name(), self.log_tail())
        })
    }

    pub(crate) fn command_line(&self) -> impl Iterator<Item = &OsStr> {
        [self.program.as_os_str()].into_iter().chain(self.args.iter().map(OsString::as_os_str))
    }

    /// Starts a command whose output goes to the server's log.
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
