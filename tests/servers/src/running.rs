//! A server that does not outlive this process, however that ends.

use std::process::{Child, Command, Stdio};

use crate::{Addresses, Server};

/// Starts the server and ends it when nobody holds the other end of its input any more: no signal has to be caught,
/// and no code has to run. Ctrl-C in a terminal comes to it too, and must not end it before the server; a shell has its
/// background jobs ignore it already.
const KEEPER: &str = r#"
trap '' INT TERM HUP
exec 3<&0
"$@" 3<&- </dev/null & server=$!
{ while read -r _; do :; done <&3; kill -KILL "$server"; } & watch=$!
exec 3<&-
wait "$server"
status=$?
kill -KILL "$watch"
exit "$status"
"#;

/// A server that runs, and is killed when this is dropped.
#[derive(Debug)]
pub struct Running {
    server: Server,
    keeper: Child,
}

impl Running {
    pub(crate) fn start(server: Server) -> Result<Self, String> {
        let mut command = Command::new("sh");
        command.args(["-c", KEEPER, "keeper"]).args(server.words()).stdin(Stdio::piped());
        let keeper = server.spawn(&mut command)?;
        let mut running = Running { server, keeper };
        running.server.wait(&mut running.keeper)?;
        Ok(running)
    }

    /// Where it is found.
    pub fn addresses(&self) -> &Addresses {
        self.server.addresses()
    }

    /// One of the addresses.
    pub fn address(&self, name: &str) -> &str {
        self.server.address(name)
    }

    /// Kills it where it stands, and gives what it takes to start it again in the same place.
    pub fn kill(self) -> Server {
        self.server.clone()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        // What cannot be waited for is gone.
        let _ = self.keeper.wait();
    }
}
