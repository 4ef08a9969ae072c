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

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};

    use super::*;
    use crate::Product;

    fn keeper(script: &str) -> Child {
        let mut command = Command::new("sh");
        command.args(["-c", KEEPER, "keeper", "sh", "-c", script]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap()
    }

    #[test]
    fn the_server_is_killed_when_nobody_holds_on_to_its_keeper() {
        // It ignores whatever can be ignored.
        let mut keeper = keeper("trap '' TERM INT HUP; echo $$; exec sleep 600");
        let mut server = String::new();
        BufReader::new(keeper.stdout.take().unwrap()).read_line(&mut server).unwrap();
        let lives =
            || Command::new("kill").args(["-0", server.trim()]).stderr(Stdio::null()).status().unwrap();
        assert!(lives().success());
        drop(keeper.stdin.take());
        assert_eq!(keeper.wait().unwrap().code(), Some(128 + 9));
        assert!(!lives().success());
    }

    #[test]
    fn a_server_that_ends_takes_its_keeper_along() {
        let mut keeper = keeper("exit 7");
        // Waiting would let go of it.
        let _held = keeper.stdin.take();
        assert_eq!(keeper.wait().unwrap().code(), Some(7));
    }

    #[test]
    fn a_server_that_does_not_start_is_told_with_its_last_words() {
        let folder = std::env::temp_dir().join(format!("anytrace-words-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let args = ["-c".into(), "echo no such option; exit 3".into()];
        let addresses = Addresses::from([(crate::ZIPKIN, "http://127.0.0.1:1".to_owned())]);
        let error = Server::new(Product::Zipkin, "sh".as_ref(), args, &folder, addresses).start();
        std::fs::remove_dir_all(&folder).unwrap();
        let error = error.unwrap_err();
        assert!(error.starts_with("zipkin does not start: it ended with exit status: 3"), "{error}");
        assert!(error.ends_with("\nno such option"), "{error}");
    }
}
