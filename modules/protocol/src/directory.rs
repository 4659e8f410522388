//! A folder on a real disk, for servers that run as processes.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::Disk;

/// The extension of a file's name while its new content is being written.
const DRAFT: &str = "new";

/// A folder as a [`Disk`]: each file of the disk is a file in the folder.
///
/// ```
/// # use protocol::{Directory, Disk};
/// # fn main() -> std::io::Result<()> {
/// # let folder = std::env::temp_dir().join(format!("directory-{}", std::process::id()));
/// let mut disk = Directory::open(&folder)?;
/// disk.append("log", b"a record")?;
/// disk.sync("log")?;
/// drop(disk);
/// assert_eq!(Directory::open(&folder)?.read("log")?, b"a record");
/// # std::fs::remove_dir_all(&folder)
/// # }
/// ```
#[derive(Debug)]
pub struct Directory {
    folder: PathBuf,
    /// The files that are appended to, by name.
    open: BTreeMap<String, Appended>,
}

/// A file that is appended to.
#[derive(Debug)]
struct Appended {
    file: File,
    /// Whether the folder must still be synced: a new file survives a crash only if its folder was synced too.
    is_new: bool,
}

impl Directory {
    /// Opens the folder at `path`, and creates it if it does not exist.
    ///
    /// # Errors
    /// If it cannot be created.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let folder = path.as_ref().to_owned();
        if !folder.is_dir() {
            fs::create_dir_all(&folder)?;
            if let Some(parent) = folder.parent().filter(|parent| !parent.as_os_str().is_empty()) {
                sync_folder(parent)?;
            }
        }
        Ok(Directory { folder, open: BTreeMap::new() })
    }

    fn appended(&mut self, name: &str) -> io::Result<&mut Appended> {
        if !self.open.contains_key(name) {
            let path = self.folder.join(name);
            // Even if the file exists, its folder may not be synced: the process that created it may have ended in
            // between.
            let file = OpenOptions::new().create(true).append(true).open(path)?;
            self.open.insert(name.to_owned(), Appended { file, is_new: true });
        }
        self.open.get_mut(name).ok_or_else(|| io::Error::other("the file was just opened"))
    }
}

impl Disk for Directory {
    fn read(&self, file: &str) -> io::Result<Vec<u8>> {
        match fs::read(self.folder.join(file)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            read => read,
        }
    }

    fn append(&mut self, file: &str, bytes: &[u8]) -> io::Result<()> {
        self.appended(file)?.file.write_all(bytes)
    }

    fn sync(&mut self, file: &str) -> io::Result<()> {
        let appended = self.appended(file)?;
        // This includes the file's length, but not the time of its last change.
        appended.file.sync_data()?;
        if appended.is_new {
            sync_folder(&self.folder)?;
            self.appended(file)?.is_new = false;
        }
        Ok(())
    }

    /// The new content is written beside the old one, synced, and given the name of the file. The folder is
    /// synced last: from then on a crash leaves the new content.
    fn replace(&mut self, file: &str, bytes: &[u8]) -> io::Result<()> {
        let draft = self.folder.join(format!("{file}.{DRAFT}"));
        let mut new = File::create(&draft)?;
        new.write_all(bytes)?;
        new.sync_all()?;
        drop(new);
        // A file that is still open under that name has the old content.
        self.open.remove(file);
        fs::rename(&draft, self.folder.join(file))?;
        sync_folder(&self.folder)
    }
}

/// Makes the names in a folder durable.
#[cfg(not(windows))]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Windows cannot sync a folder; its file systems keep a journal of the names in it.
#[cfg(windows)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder that is removed when the test ends.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("raft-{name}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&path);
            Folder(path)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn what_was_written_is_there_when_the_folder_is_opened_again() {
        let folder = Folder::new("again");
        let mut disk = Directory::open(&folder.0).unwrap();
        assert_eq!(disk.read("log").unwrap(), b"");
        disk.append("log", b"ab").unwrap();
        disk.append("log", b"c").unwrap();
        disk.sync("log").unwrap();
        let mut again = Directory::open(&folder.0).unwrap();
        again.append("log", b"d").unwrap();
        assert_eq!(again.read("log").unwrap(), b"abcd");
    }

    #[test]
    fn a_replace_takes_the_place_of_what_was_appended() {
        let folder = Folder::new("replace");
        let mut disk = Directory::open(&folder.0).unwrap();
        disk.append("log", b"old").unwrap();
        disk.replace("log", b"new").unwrap();
        disk.append("log", b"+").unwrap();
        disk.sync("log").unwrap();
        assert_eq!(disk.read("log").unwrap(), b"new+");
        assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1, "no draft is left");
    }

    #[test]
    fn a_file_that_was_never_written_can_be_synced() {
        let folder = Folder::new("never");
        let mut disk = Directory::open(folder.0.join("within").join("it")).unwrap();
        disk.sync("log").unwrap();
        assert_eq!(disk.read("log").unwrap(), b"");
    }

    #[test]
    fn what_cannot_be_written_is_an_error() {
        let folder = Folder::new("error");
        let mut disk = Directory::open(&folder.0).unwrap();
        fs::create_dir(folder.0.join("log")).unwrap();
        disk.append("log", b"x").unwrap_err();
        disk.replace("log", b"x").unwrap_err();
        disk.read("log").unwrap_err();
    }
}
