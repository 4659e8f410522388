//! Servers as processes, for a test.

use std::fs;
use std::io;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use cluster::tool::Info;

/// A server that is well answers sooner than this.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);

/// A test that waits longer than this for something waits without success.
const TOO_LONG: Duration = Duration::from_secs(30);

/// Some servers, in a folder that is gone when the test is over.
pub(crate) struct Servers {
    kind: &'static str,
    pub(crate) dir: PathBuf,
    /// The addresses of each server: for servers, and for clients.
    places: Vec<(String, String)>,
    children: Vec<Option<Child>>,
    /// The size of the first server's own disk, if it has one.
    small_disk: Option<&'static str>,
}

impl Servers {
    /// Starts this many servers of this kind, and waits for a leader.
    pub(crate) fn start(name: &str, kind: &'static str, count: usize) -> Self {
        Self::start_on(name, kind, count, None)
    }

    /// The same, but the first server has a disk of its own, of this size. The disk disappears with the server's process.
    #[cfg(target_os = "linux")]
    pub(crate) fn start_with_a_small_disk(
        name: &str,
        kind: &'static str,
        count: usize,
        size: &'static str,
    ) -> Self {
        Self::start_on(name, kind, count, Some(size))
    }

    fn start_on(
        name: &str,
        kind: &'static str,
        count: usize,
        small_disk: Option<&'static str>,
    ) -> Self {
        let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).unwrap();
        let places = (0..count).map(|_| (free(), free())).collect();
        let children = (0..count).map(|_| None).collect();
        let mut servers = Servers { kind, dir, places, children, small_disk };
        (0..count).for_each(|at| servers.restart(at));
        servers.leader();
        servers
    }

    /// The command that starts a server.
    pub(crate) fn command(&self, at: usize) -> Command {
        let mut command = self.program(at);
        let (peer, client) = &self.places[at];
        let members: Vec<String> = (1..=self.places.len()).map(|id| id.to_string()).collect();
        command
            .args([self.kind, "--cluster", "abc", "--id", &(at + 1).to_string(), "--dir"])
            .arg(self.folder(at))
            .args(["--peers", peer, "--clients", client, "--members", &members.join(",")]);
        for (at, (peer, client)) in self.places.iter().enumerate() {
            command.args(["--address", &format!("{}={peer}={client}", at + 1)]);
        }
        command.stdin(Stdio::null());
        command
    }

    /// The server's program. One with a disk of its own mounts it first, where nobody else sees it.
    fn program(&self, at: usize) -> Command {
        let program = env!("CARGO_BIN_EXE_reference-server");
        let Some(size) = self.small_disk.filter(|_| at == 0) else { return Command::new(program) };
        fs::create_dir_all(self.folder(at)).unwrap();
        let mount = format!("mount -t tmpfs -o size={size} none \"$0\" && exec \"$@\"");
        let mut command = Command::new("unshare");
        command
            .args(["--user", "--map-root-user", "--mount", "sh", "-c", &mount])
            .arg(self.folder(at))
            .arg(program);
        command
    }

    /// Starts a server that is down, and waits until it answers.
    pub(crate) fn restart(&mut self, at: usize) {
        let log = self.dir.join(format!("S{}.log", at + 1));
        let log = fs::File::options().create(true).append(true).open(log).unwrap();
        let mut command = self.command(at);
        command.stdout(log.try_clone().unwrap()).stderr(log);
        self.children[at] = Some(command.spawn().unwrap());
        wait_for("a server to start", || Info::of(self.client(at), PATIENCE).ok().map(|_| ()));
    }

    /// A server's folder.
    pub(crate) fn folder(&self, at: usize) -> PathBuf {
        self.dir.join(format!("S{}", at + 1))
    }

    /// What a server has written.
    pub(crate) fn log(&self, at: usize) -> String {
        fs::read_to_string(self.dir.join(format!("S{}.log", at + 1))).unwrap_or_default()
    }

    /// A server's address for servers.
    pub(crate) fn peer(&self, at: usize) -> &str {
        &self.places[at].0
    }

    /// A server's address for clients.
    pub(crate) fn client(&self, at: usize) -> &str {
        &self.places[at].1
    }

    /// All addresses for clients.
    pub(crate) fn clients(&self) -> Vec<String> {
        self.places.iter().map(|(_, client)| client.clone()).collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// Ends a server at once, as `kill -9` does.
    pub(crate) fn kill(&mut self, at: usize) {
        let mut child = self.children[at].take().expect("it is up");
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// The server's process.
    pub(crate) fn child(&mut self, at: usize) -> &mut Child {
        self.children[at].as_mut().expect("it is up")
    }

    /// The leader of the newest term that answers; waits for one.
    pub(crate) fn leader(&self) -> usize {
        wait_for("a leader", || {
            let infos = (0..self.len()).filter_map(|at| {
                let info = Info::of(self.client(at), PATIENCE).ok()?;
                info.leads().then(|| (info.number("term"), at))
            });
            infos.max().map(|(_, at)| at)
        })
    }

    /// Some server that does not lead.
    pub(crate) fn follower(&self) -> usize {
        let leader = self.leader();
        (0..self.len()).find(|&at| at != leader).expect("there are others")
    }

    /// What a server reports about itself.
    pub(crate) fn info(&self, at: usize) -> io::Result<Info> {
        Info::of(self.client(at), PATIENCE)
    }

    /// The memory that a server's process uses, in bytes; `None` where the system does not say.
    pub(crate) fn memory(&mut self, at: usize) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child(at).id())).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
        let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
        Some(kilobytes << 10)
    }

    /// No server's process uses more than 256 MB.
    pub(crate) fn assert_small(&mut self) {
        for at in 0..self.len() {
            if let Some(memory) = self.memory(at) {
                assert!(memory < 256 << 20, "S{} uses {} MB", at + 1, memory >> 20);
            }
        }
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        for child in self.children.iter_mut().flatten() {
            let _ = child.kill();
            let _ = child.wait();
        }
        if !thread::panicking() {
            let _ = fs::remove_dir_all(&self.dir);
        }
    }
}

/// An address that nobody uses now.
fn free() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// Waits until something is there. There is no event for what another process does.
pub(crate) fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begin.elapsed() < TOO_LONG, "waited {TOO_LONG:?} for {what}");
        thread::sleep(Duration::from_millis(10));
    }
}
