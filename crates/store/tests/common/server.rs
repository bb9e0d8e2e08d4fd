//! A PostgreSQL from the system's packages, in a folder of its own, on a free port of this machine.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// The tests that run at one time share a server; the last of them stops it.
static SHARED: Mutex<Weak<Server>> = Mutex::new(Weak::new());

/// A running server.
pub struct Server {
    programs: PathBuf,
    folder: tempfile::TempDir,
    port: u16,
    databases: AtomicU32,
}

impl Server {
    /// None where there is none, unless `ANSWERABLE_REQUIRE_POSTGRES` asks for it.
    pub fn shared() -> Option<Arc<Server>> {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = shared.upgrade() {
            return Some(server);
        }
        let Some(programs) = programs() else {
            assert!(std::env::var_os("ANSWERABLE_REQUIRE_POSTGRES").is_none(), "there is no PostgreSQL");
            println!("skipped: there is no PostgreSQL below /usr/lib/postgresql");
            return None;
        };
        let server = Arc::new(Server::start(programs));
        *shared = Arc::downgrade(&server);
        Some(server)
    }

    fn start(programs: PathBuf) -> Server {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = Server { programs, folder, port, databases: AtomicU32::new(0) };
        if is_root() {
            ran(Command::new("chown").arg("postgres").arg(server.folder.path()));
        }
        ran(server.program("initdb").arg("--pgdata").arg(server.data()).args([
            "--username=ledger",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ]));
        server.control("start");
        server
    }

    /// Starts or stops it: `start`, `stop`.
    pub fn control(&self, what: &str) {
        let settings = format!(
            "-c listen_addresses=127.0.0.1 -c port={} -c unix_socket_directories='' -c max_connections=200",
            self.port
        );
        let log = self.folder.path().join("log");
        let mut command = self.program("pg_ctl");
        command.arg(what).arg("--pgdata").arg(self.data()).args(["--wait", "--silent"]);
        match what {
            "start" => command.arg("--log").arg(log).args(["--options", &settings]),
            _ => command.args(["--mode", "immediate"]),
        };
        ran(&mut command);
    }

    /// An empty database: its URL.
    pub fn new_database(&self) -> String {
        let name = format!("ledger_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let mut client = postgres::Client::connect(&self.url("postgres"), postgres::NoTls).unwrap();
        client.batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
        self.url(&name)
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://ledger@127.0.0.1:{}/{database}", self.port)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The server refuses to run as root.
    fn program(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir(self.folder.path()).env("LC_ALL", "C");
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.control("stop");
    }
}

/// The newest version's folder of programs.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut found: Vec<(u32, PathBuf)> = versions
        .filter_map(Result::ok)
        .filter_map(|version| Some((version.file_name().to_str()?.parse().ok()?, version.path().join("bin"))))
        .filter(|(_, bin)| bin.join("initdb").is_file())
        .collect();
    found.sort();
    found.pop().map(|(_, bin)| bin)
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|metadata| std::os::unix::fs::MetadataExt::uid(&metadata) == 0)
}

fn ran(command: &mut Command) {
    let output = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::inherit());
    let status = output.spawn().unwrap().wait().unwrap();
    assert!(status.success(), "{command:?}: {status}");
}
