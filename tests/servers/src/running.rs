//! A server that ends with this process, even if this process is killed.

use std::process::{Child, Command, Stdio};

use crate::{Addresses, Server};

/// Starts the server, and kills it when the write end of the script's standard input is closed. The operating system
/// closes it when this process ends, so no signal handler is needed. The script ignores Ctrl-C, which the terminal
/// sends to it too, because it must outlive the server. Background jobs of a shell ignore Ctrl-C already.
const SUPERVISOR: &str = r#"
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

/// A running server, which is killed when this value is dropped.
#[derive(Debug)]
pub struct Running {
    server: Server,
    supervisor: Child,
}

impl Running {
    pub(crate) fn start(server: Server) -> Result<Self, String> {
        let mut command = Command::new("sh");
        command.args(["-c", SUPERVISOR, "supervisor"]).args(server.command_line()).stdin(Stdio::piped());
        let supervisor = server.spawn(&mut command)?;
        let mut running = Running { server, supervisor };
        running.server.wait(&mut running.supervisor)?;
        Ok(running)
    }

    /// Returns the addresses of the server.
    pub fn addresses(&self) -> &Addresses {
        self.server.addresses()
    }

    /// Returns one address of the server.
    pub fn address(&self, name: &str) -> &str {
        self.server.address(name)
    }

    /// Kills the server with SIGKILL, and returns a value that starts it again at the same addresses.
    pub fn kill(self) -> Server {
        self.server.clone()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.supervisor.stdin.take());
        // An error means that the process has already ended.
        let _ = self.supervisor.wait();
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};

    use super::*;
    use crate::Product;

    fn supervisor(script: &str) -> Child {
        let mut command = Command::new("sh");
        command.args(["-c", SUPERVISOR, "supervisor", "sh", "-c", script]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap()
    }

    #[test]
    fn the_server_is_killed_when_the_supervisors_input_closes() {
        // The server ignores all signals that can be ignored.
        let mut supervisor = supervisor("trap '' TERM INT HUP; echo $$; exec sleep 600");
        let mut server = String::new();
        BufReader::new(supervisor.stdout.take().unwrap()).read_line(&mut server).unwrap();
        let is_running =
            || Command::new("kill").args(["-0", server.trim()]).stderr(Stdio::null()).status().unwrap();
        assert!(is_running().success());
        drop(supervisor.stdin.take());
        assert_eq!(supervisor.wait().unwrap().code(), Some(128 + 9));
        assert!(!is_running().success());
    }

    #[test]
    fn the_supervisor_ends_with_the_status_of_the_server() {
        let mut supervisor = supervisor("exit 7");
        // `wait` would close the standard input.
        let _input = supervisor.stdin.take();
        assert_eq!(supervisor.wait().unwrap().code(), Some(7));
    }

    #[test]
    fn the_error_of_a_failed_start_contains_the_log() {
        let folder = std::env::temp_dir().join(format!("anytrace-failed-start-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let args = ["-c".into(), "echo no such option; exit 3".into()];
        let addresses = Addresses::from([(crate::ZIPKIN, "http://127.0.0.1:1".to_owned())]);
        let error = Server::new(Product::Zipkin, "sh".as_ref(), args, &folder, addresses).start();
        std::fs::remove_dir_all(&folder).unwrap();
        let error = error.unwrap_err();
        assert!(error.starts_with("zipkin does not start: the process ended with exit status: 3"), "{error}");
        assert!(error.ends_with("\nno such option"), "{error}");
    }
}
