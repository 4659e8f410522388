//! A server's folder: its disk, its lock and its identity.
//!
//! | file | content |
//! |---|---|
//! | `lock` | nothing; locked as long as the server runs |
//! | `pid` | the number of the server's process |
//! | `identity` | the cluster, the server, and what it is made of |
//! | `log`, … | the files of the server's disk, each a sequence of chunks |
//! | `clean` | nothing; there if the server has ended in order |
//!
//! ```text
//!   4 bytes          4 bytes                  4 bytes                  as many as the length says
//! ┌────────┬──────────────────────┬─────────────────────────────┬───────────── ─ ─ ─ ─────────────┐
//! │ length │ checksum of content  │ checksum of those 8 bytes   │             content             │
//! └────────┴──────────────────────┴─────────────────────────────┴───────────── ─ ─ ─ ─────────────┘
//! ```
//!
//! A chunk is what was appended at once: all writes of a batch ([`GroupDisk`](crate::group_disk::GroupDisk)), so a
//! crash tears at most the last one. File systems may leave zeros there, or bytes of which only some were written.
//! Whatever cannot be read at the end of a file is torn, then, and is cut off. Where a whole chunk follows, it is
//! damage: something else has changed what was durable.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use protocol::{Directory, Disk, ServerId};
use serde::{Deserialize, Serialize};

/// Whose folder it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// The cluster.
    pub cluster: u64,
    /// The server.
    pub server: ServerId,
    /// What the server is made of: `5`, `open`. A server of a later module reads what one of an earlier module has
    /// written.
    pub made_of: String,
}

/// A server's folder, locked. See the [module's page](self).
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    directory: Directory,
    /// Held until the process ends.
    _lock: File,
}

/// Whether a server runs on this folder: whether its lock is held.
///
/// # Errors
/// If the lock cannot be opened.
pub fn is_locked(path: &Path) -> io::Result<bool> {
    let lock = path.join("lock");
    if !lock.exists() {
        return Ok(false);
    }
    match File::options().append(true).open(lock)?.try_lock() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

impl Folder {
    /// The folder at `path`, for this owner. It is made if it is not there.
    ///
    /// # Errors
    /// If another process has it, it belongs to another server, one of its files is damaged, or the disk fails. The
    /// error says what to do.
    pub fn open(path: &Path, owner: &Owner) -> io::Result<Self> {
        // Syncs the folder's own name, too.
        let directory = Directory::open(path)?;
        let lock = File::options().create(true).append(true).open(path.join("lock"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let pid = fs::read_to_string(path.join("pid")).unwrap_or_default();
                return Err(io::Error::other(format!(
                    "another server (process {}) runs on {}; end that one first",
                    pid.trim(),
                    path.display()
                )));
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
        fs::write(path.join("pid"), std::process::id().to_string())?;
        let mut folder = Folder { path: path.to_owned(), directory, _lock: lock };
        folder.check_owner(owner)?;
        folder.repair()?;
        Ok(folder)
    }

    /// The server has ended in order, and everything is durable.
    ///
    /// # Errors
    /// If the disk fails.
    pub fn ended_in_order(path: &Path) -> io::Result<()> {
        File::create(path.join("clean"))?.sync_all()
    }

    fn check_owner(&mut self, owner: &Owner) -> io::Result<()> {
        let text = self.directory.read("identity")?;
        if !text.is_empty() {
            let found: Owner = serde_json::from_slice(&text).map_err(|error| {
                io::Error::other(format!(
                    "{} cannot be read ({error}): this is no folder of a server",
                    self.path.join("identity").display()
                ))
            })?;
            if (found.cluster, found.server) != (owner.cluster, owner.server) {
                return Err(io::Error::other(format!(
                    "{} belongs to {} of cluster {:x}, and this is {} of cluster {:x}; name another folder",
                    self.path.display(),
                    found.server,
                    found.cluster,
                    owner.server,
                    owner.cluster
                )));
            }
            may_follow(&found.made_of, &owner.made_of)?;
            if found == *owner {
                return Ok(());
            }
        }
        let text = serde_json::to_vec(owner).map_err(io::Error::other)?;
        self.directory.replace("identity", &text)
    }

    /// Cuts off what a crash has torn. Unless the last server ended in order, every file is written again: after an
    /// fsync that failed, a system may show what it has never written.
    fn repair(&mut self) -> io::Result<()> {
        let clean = self.path.join("clean");
        let ended_in_order = clean.exists();
        for file in self.files()? {
            let raw = self.directory.read(&file)?;
            let whole = self.chunks(&file, &raw)?.1;
            if !ended_in_order || whole < raw.len() {
                self.directory.replace(&file, &raw[..whole])?;
            }
        }
        if ended_in_order {
            fs::remove_file(clean)?;
        }
        Ok(())
    }

    /// The names of the server's own files.
    fn files(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            let is_other = ["lock", "pid", "identity", "clean"].contains(&name.as_str());
            // Beside a file that is being replaced, a crash leaves its draft.
            if !is_other && name.rsplit('.').next() != Some("new") {
                names.push(name);
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    /// The content of a file, and how many bytes of it are whole chunks.
    fn chunks(&self, file: &str, raw: &[u8]) -> io::Result<(Vec<u8>, usize)> {
        let mut content = Vec::new();
        let mut at = 0;
        while let Some(chunk) = chunk_at(&raw[at..]) {
            content.extend_from_slice(chunk);
            at += HEADER + chunk.len();
        }
        match (at + 1..raw.len()).find(|&next| chunk_at(&raw[next..]).is_some()) {
            None => Ok((content, at)),
            Some(next) => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!(
                    "{} is damaged at byte {at}, before what was written whole at byte {next}. No crash does \
                     that: the disk or another program has changed it. Do not repair it by hand, and do not \
                     start this server with an empty folder: it would have forgotten its votes. If the other \
                     servers are a majority, remove this server from the cluster and add a new one",
                    self.path.join(file).display()
                ),
            )),
        }
    }
}

/// Whether a server made of `new` reads what one made of `old` has written.
fn may_follow(old: &str, new: &str) -> io::Result<()> {
    let module = |name: &str| name.parse::<u32>().ok();
    match (module(old), module(new)) {
        (Some(old), Some(new)) if new >= old => Ok(()),
        _ if old == new => Ok(()),
        _ => Err(io::Error::other(format!(
            "the folder was written by a server made of `{old}`, and one made of `{new}` may not read it; start it \
             with `{old}`, or name another folder"
        ))),
    }
}

/// The bytes before the content of a chunk.
const HEADER: usize = 12;

fn chunk(content: &[u8]) -> io::Result<Vec<u8>> {
    let length = u32::try_from(content.len()).map_err(io::Error::other)?;
    let mut bytes = Vec::with_capacity(HEADER + content.len());
    bytes.write_all(&length.to_le_bytes())?;
    bytes.write_all(&crc32fast::hash(content).to_le_bytes())?;
    let checksum = crc32fast::hash(&bytes);
    bytes.write_all(&checksum.to_le_bytes())?;
    bytes.write_all(content)?;
    Ok(bytes)
}

/// The content of the whole chunk that `bytes` begin with. An empty one is none: nothing is ever appended empty, and
/// a search for whole chunks must not take any twelve bytes for one.
fn chunk_at(bytes: &[u8]) -> Option<&[u8]> {
    let (header, rest) = bytes.split_at_checked(HEADER)?;
    let number = |at: usize| {
        header[at..at + 4].try_into().map(u32::from_le_bytes).expect("a number has four bytes")
    };
    let length = usize::try_from(number(0)).ok().filter(|&length| length > 0)?;
    if crc32fast::hash(&header[..8]) != number(8) {
        return None;
    }
    let content = rest.get(..length)?;
    (crc32fast::hash(content) == number(4)).then_some(content)
}

impl Disk for Folder {
    fn read(&self, file: &str) -> io::Result<Vec<u8>> {
        let raw = self.directory.read(file)?;
        Ok(self.chunks(file, &raw)?.0)
    }
    fn append(&mut self, file: &str, bytes: &[u8]) -> io::Result<()> {
        self.directory.append(file, &chunk(bytes)?)
    }
    fn sync(&mut self, file: &str) -> io::Result<()> {
        self.directory.sync(file)
    }
    fn replace(&mut self, file: &str, bytes: &[u8]) -> io::Result<()> {
        let content = if bytes.is_empty() { Vec::new() } else { chunk(bytes)? };
        self.directory.replace(file, &content)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A path whose folder is gone when the test is over.
    struct Temporary(PathBuf);

    impl Temporary {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("raft-{name}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&path);
            Temporary(path)
        }

        fn open(&self) -> io::Result<Folder> {
            Folder::open(&self.0, &owner("6"))
        }
    }

    impl Drop for Temporary {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn owner(made_of: &str) -> Owner {
        Owner { cluster: 0xabc, server: ServerId(1), made_of: made_of.to_owned() }
    }

    fn written(name: &str) -> Temporary {
        let folder = Temporary::new(name);
        let mut disk = folder.open().unwrap();
        for bytes in [&b"first,"[..], b"second,", b"third,"] {
            disk.append("log", bytes).unwrap();
            disk.sync("log").unwrap();
        }
        folder
    }

    #[test]
    fn what_was_written_is_there_again() {
        let folder = written("written");
        let mut disk = folder.open().unwrap();
        assert_eq!(disk.read("log").unwrap(), b"first,second,third,");
        assert_eq!(disk.read("other").unwrap(), b"");
        disk.replace("log", b"new,").unwrap();
        disk.append("log", b"more").unwrap();
        disk.replace("empty", b"").unwrap();
        drop(disk);
        Folder::ended_in_order(&folder.0).unwrap();
        let disk = folder.open().unwrap();
        assert_eq!(disk.read("log").unwrap(), b"new,more");
        assert_eq!(disk.read("empty").unwrap(), b"");
        assert!(!folder.0.join("clean").exists(), "the next end may be another one");
    }

    #[test]
    fn a_second_process_is_rejected() {
        let folder = written("second");
        let first = folder.open().unwrap();
        assert!(is_locked(&folder.0).unwrap());
        let error = folder.open().unwrap_err().to_string();
        assert!(
            error.contains("another server") && error.contains(&std::process::id().to_string())
        );
        drop(first);
        assert!(!is_locked(&folder.0).unwrap());
        folder.open().unwrap();
    }

    #[test]
    fn a_foreign_folder_is_rejected() {
        let folder = written("foreign");
        let with = |owner: &Owner| Folder::open(&folder.0, owner).map(|_| ());
        let error = with(&Owner { cluster: 1, ..owner("6") }).unwrap_err().to_string();
        assert!(
            error.contains("belongs to S1 of cluster abc") && error.contains("cluster 1"),
            "{error}"
        );
        assert!(with(&Owner { server: ServerId(2), ..owner("6") }).is_err());
        assert!(with(&owner("5")).unwrap_err().to_string().contains("made of `6`"));
        assert!(with(&owner("open")).is_err());
        with(&owner("7")).unwrap();
        assert!(with(&owner("6")).is_err(), "module 7 has written to it since");
    }

    #[test]
    fn zeros_at_the_end_are_torn() {
        for zeros in [1, 11, 12, 64, 5_000] {
            let folder = written("zeros");
            let path = folder.0.join("log");
            let whole = fs::read(&path).unwrap();
            fs::write(&path, [&whole[..], &vec![0; zeros]].concat()).unwrap();
            let mut disk = folder.open().unwrap();
            assert_eq!(disk.read("log").unwrap(), b"first,second,third,", "{zeros} zeros");
            disk.append("log", b"fourth").unwrap();
            assert_eq!(disk.read("log").unwrap(), b"first,second,third,fourth");
        }
    }

    #[test]
    fn a_chunk_that_is_not_all_there_is_torn() {
        let folder = written("torn");
        let path = folder.0.join("log");
        let whole = fs::read(&path).unwrap();
        let last = whole.len() - HEADER - 6;
        for end in last..whole.len() {
            fs::write(&path, &whole[..end]).unwrap();
            assert_eq!(
                folder.open().unwrap().read("log").unwrap(),
                b"first,second,",
                "{end} bytes"
            );
            // A page of it was never written.
            let mut hole = whole.clone();
            hole[end..].fill(0);
            fs::write(&path, hole).unwrap();
            assert_eq!(folder.open().unwrap().read("log").unwrap(), b"first,second,", "from {end}");
        }
    }

    #[test]
    fn damage_before_a_whole_chunk_is_an_error() {
        let folder = written("damage");
        let path = folder.0.join("log");
        let whole = fs::read(&path).unwrap();
        let last = whole.len() - HEADER - 6;
        for at in 0..last {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            fs::write(&path, &damaged).unwrap();
            let error = folder.open().unwrap_err().to_string();
            assert!(
                error.contains("is damaged at byte") && error.contains("add a new one"),
                "{error}"
            );
            assert_eq!(
                fs::read(&path).unwrap(),
                damaged,
                "it stays as it is, so that somebody can examine it"
            );
        }
    }

    #[test]
    fn the_draft_of_a_replace_is_no_file() {
        let folder = written("draft");
        fs::write(folder.0.join("log.new"), b"half of it").unwrap();
        assert_eq!(folder.open().unwrap().files().unwrap(), ["log"]);
    }
}
