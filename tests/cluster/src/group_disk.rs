//! Group commit: the writes of several events, one fsync.
//!
//! A server writes before it lets an effect out. Its driver holds the effects of several events, so the disk
//! need not keep each write at once: it is enough that all of them are durable before the first effect leaves.
//! So what the server appends waits in memory until [`GroupDisk::flush`].
//!
//! The disk below always holds a prefix of what the server has done, in the server's order: whatever a crash
//! leaves, the server could have come to be in that state by itself. That is also why everything that waits for
//! one file goes out in one append. If there were several, a crash could leave a hole with a whole record after
//! it, and nothing would tell that from damage.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;

use protocol::Disk;

/// A disk whose writes wait until it is flushed. Clones are the same disk: the server writes to one, and its
/// driver flushes the other.
#[derive(Clone, Debug)]
pub struct GroupDisk(Rc<RefCell<Group>>);

#[derive(Debug)]
struct Group {
    disk: Box<dyn Disk>,
    /// What waits, in the order in which the server wrote it. Neighbours are of different files.
    waiting: Vec<Waiting>,
}

/// What waits for one file.
#[derive(Debug)]
struct Waiting {
    file: String,
    bytes: Vec<u8>,
    /// Whether the server has asked for it to be durable.
    sync: bool,
}

impl GroupDisk {
    /// A disk whose writes go to `disk` when it is flushed.
    pub fn new(disk: Box<dyn Disk>) -> Self {
        GroupDisk(Rc::new(RefCell::new(Group { disk, waiting: Vec::new() })))
    }

    /// Makes durable whatever the server has asked to be.
    ///
    /// # Errors
    /// If the disk fails. What has become of the writes is unknown then, and a later flush does not help: the
    /// server must stop.
    pub fn flush(&self) -> io::Result<()> {
        self.0.borrow_mut().flush()
    }

    /// Whether a flush has anything to do.
    pub fn is_flushed(&self) -> bool {
        self.0.borrow().waiting.is_empty()
    }
}

impl Group {
    fn flush(&mut self) -> io::Result<()> {
        for Waiting { file, bytes, sync } in self.waiting.drain(..) {
            if !bytes.is_empty() {
                self.disk.append(&file, &bytes)?;
            }
            if sync {
                self.disk.sync(&file)?;
            }
        }
        Ok(())
    }

    /// What waits for `file`, if nothing for another file came after it.
    fn last(&mut self, file: &str) -> &mut Waiting {
        if self.waiting.last().is_none_or(|last| last.file != file) {
            self.waiting.push(Waiting { file: file.to_owned(), bytes: Vec::new(), sync: false });
        }
        self.waiting.last_mut().expect("one was just pushed, if there was none")
    }
}

impl Disk for GroupDisk {
    fn read(&self, file: &str) -> io::Result<Vec<u8>> {
        let group = self.0.borrow();
        let mut content = group.disk.read(file)?;
        for waiting in group.waiting.iter().filter(|waiting| waiting.file == file) {
            content.extend_from_slice(&waiting.bytes);
        }
        Ok(content)
    }

    fn append(&mut self, file: &str, bytes: &[u8]) -> io::Result<()> {
        self.0.borrow_mut().last(file).bytes.extend_from_slice(bytes);
        Ok(())
    }

    fn sync(&mut self, file: &str) -> io::Result<()> {
        self.0.borrow_mut().last(file).sync = true;
        Ok(())
    }

    /// At once, since the server may rely on its order with other writes: what waits goes out before it. If that
    /// is for this file alone, it can as well be left out.
    fn replace(&mut self, file: &str, bytes: &[u8]) -> io::Result<()> {
        let mut group = self.0.borrow_mut();
        if group.waiting.iter().all(|waiting| waiting.file == file) {
            group.waiting.clear();
        }
        group.flush()?;
        group.disk.replace(file, bytes)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Notes what is done to it.
    #[derive(Clone, Debug, Default)]
    struct Noting(Rc<RefCell<Noted>>);

    /// What was done, and what the files hold.
    type Noted = (Vec<String>, BTreeMap<String, Vec<u8>>);

    impl Disk for Noting {
        fn read(&self, file: &str) -> io::Result<Vec<u8>> {
            Ok(self.0.borrow().1.get(file).cloned().unwrap_or_default())
        }
        fn append(&mut self, file: &str, bytes: &[u8]) -> io::Result<()> {
            let (notes, files) = &mut *self.0.borrow_mut();
            notes.push(format!("append {file} {}", String::from_utf8_lossy(bytes)));
            files.entry(file.to_owned()).or_default().extend_from_slice(bytes);
            Ok(())
        }
        fn sync(&mut self, file: &str) -> io::Result<()> {
            self.0.borrow_mut().0.push(format!("sync {file}"));
            Ok(())
        }
        fn replace(&mut self, file: &str, bytes: &[u8]) -> io::Result<()> {
            let (notes, files) = &mut *self.0.borrow_mut();
            notes.push(format!("replace {file} {}", String::from_utf8_lossy(bytes)));
            files.insert(file.to_owned(), bytes.to_vec());
            Ok(())
        }
    }

    fn disks() -> (Noting, GroupDisk) {
        let below = Noting::default();
        (below.clone(), GroupDisk::new(Box::new(below)))
    }

    fn notes(below: &Noting) -> Vec<String> {
        std::mem::take(&mut below.0.borrow_mut().0)
    }

    #[test]
    fn several_writes_take_one_append_and_one_sync() {
        let (below, mut disk) = disks();
        for bytes in [b"a", b"b", b"c"] {
            disk.append("log", bytes).unwrap();
            disk.sync("log").unwrap();
        }
        assert!(notes(&below).is_empty() && !disk.is_flushed());
        assert_eq!(disk.read("log").unwrap(), b"abc");
        disk.flush().unwrap();
        assert_eq!(notes(&below), ["append log abc", "sync log"]);
        assert!(disk.is_flushed());
        disk.flush().unwrap();
        assert!(notes(&below).is_empty());
    }

    #[test]
    fn a_replace_comes_after_what_was_written_before_it() {
        let (below, mut disk) = disks();
        disk.append("log", b"a").unwrap();
        disk.sync("log").unwrap();
        disk.replace("snapshot", b"s").unwrap();
        disk.append("log", b"b").unwrap();
        disk.sync("log").unwrap();
        disk.replace("log", b"l").unwrap();
        disk.flush().unwrap();
        assert_eq!(
            notes(&below),
            ["append log a", "sync log", "replace snapshot s", "replace log l"]
        );
    }

    #[test]
    fn writes_to_several_files_keep_their_order() {
        let (below, mut disk) = disks();
        for (file, bytes) in [("b", b"1"), ("a", b"2"), ("b", b"3")] {
            disk.append(file, bytes).unwrap();
            disk.sync(file).unwrap();
        }
        disk.flush().unwrap();
        let order = ["append b 1", "sync b", "append a 2", "sync a", "append b 3", "sync b"];
        assert_eq!(notes(&below), order);
    }

    #[test]
    fn what_nobody_asked_to_be_durable_is_not_synced() {
        let (below, mut disk) = disks();
        disk.append("log", b"a").unwrap();
        disk.flush().unwrap();
        assert_eq!(notes(&below), ["append log a"]);
    }
}
