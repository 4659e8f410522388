//! etcd's servers: three, on this machine and the same disk.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::super::machines::{clear, places};
use super::super::refusal::{Context as _, Outcome, refuse};
use super::grpc::Connection;
use super::load::Put;

/// How long etcd may take to elect a leader.
const ELECTION: Duration = Duration::from_secs(30);

/// Servers of etcd. They end with this value.
pub(super) struct Etcd {
    children: Vec<Child>,
    leader: String,
}

impl Etcd {
    /// Starts three servers, and waits for a leader.
    pub(super) fn start(dir: &Path) -> Outcome<Self> {
        clear(dir)?;
        fs::create_dir_all(dir).context(|| format!("cannot create {}", dir.display()))?;
        let places = places(3)?;
        let names: Vec<String> =
            places.iter().map(|(id, place)| format!("s{id}=http://{}", place.peer)).collect();
        let mut etcd = Etcd { children: Vec::new(), leader: String::new() };
        for (id, place) in &places {
            let said = File::create(dir.join(format!("s{id}.log")));
            let said = said.context(|| "cannot write etcd's log".to_owned())?;
            let (peer, client) =
                (format!("http://{}", place.peer), format!("http://{}", place.client));
            let started = Command::new("etcd")
                .args(["--name", &format!("s{id}"), "--log-level", "error", "--data-dir"])
                .arg(dir.join(format!("s{id}")))
                .args(["--listen-peer-urls", &peer, "--initial-advertise-peer-urls", &peer])
                .args(["--listen-client-urls", &client, "--advertise-client-urls", &client])
                .args(["--initial-cluster", &names.join(","), "--initial-cluster-state", "new"])
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(said)
                .spawn();
            let missing = "cannot start `etcd` (on Debian: `apt-get install etcd-server`)";
            etcd.children.push(started.context(|| missing.to_owned())?);
        }
        let begin = Instant::now();
        while begin.elapsed() < ELECTION {
            let leads = |address: &&String| leads(address).unwrap_or(false);
            if let Some(leader) = places.values().map(|place| &place.client).find(leads) {
                etcd.leader.clone_from(leader);
                return Ok(etcd);
            }
            thread::sleep(Duration::from_millis(100));
        }
        refuse(format!("etcd elects no leader; its servers say why in {}", dir.display()))
    }

    /// A client of the leader.
    pub(super) fn client(&self) -> Outcome<Box<dyn Put>> {
        let opened = Connection::open(&self.leader);
        Ok(Box::new(opened.context(|| "cannot connect to etcd".to_owned())?))
    }
}

impl Drop for Etcd {
    fn drop(&mut self) {
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Whether a server leads, by its gateway for JSON.
fn leads(address: &str) -> io::Result<bool> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    write!(
        stream,
        "POST /v3/maintenance/status HTTP/1.0\r\nHost: {address}\r\nContent-Length: 2\r\n\r\n{{}}"
    )?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    let body = text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    let status: serde_json::Value = serde_json::from_str(body).map_err(io::Error::other)?;
    let (member, leader) = (&status["header"]["member_id"], &status["leader"]);
    Ok(leader.is_string() && member == leader && leader != "0")
}
