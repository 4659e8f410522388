//! One runner at a time: several may work in the same tree, one in each terminal.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// The file that is locked. It stays empty.
pub(crate) const NAME: &str = ".progress.lock";

/// A runner holds the lock while it reads and writes a few small files.
const PATIENCE: Duration = Duration::from_secs(30);

const PAUSE: Duration = Duration::from_millis(5);

/// While this exists, no other runner changes the files of this tree. The system ends the lock with its
/// process, however that ends.
#[derive(Debug)]
pub(crate) struct TreeLock {
    /// `None` if the tree cannot be written or its file system has no locks: then the runner goes on without one.
    file: Option<File>,
}

impl TreeLock {
    /// Waits until no other runner holds the lock.
    pub(crate) fn take(root: &Path) -> Result<Self> {
        Self::take_within(root, PATIENCE)
    }

    fn take_within(root: &Path, patience: Duration) -> Result<Self> {
        let opened = File::options().create(true).truncate(false).write(true).open(root.join(NAME));
        let Ok(file) = opened else { return Ok(TreeLock { file: None }) };
        let end = Instant::now() + patience;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(TreeLock { file: Some(file) }),
                Err(TryLockError::Error(_)) => return Ok(TreeLock { file: None }),
                Err(TryLockError::WouldBlock) if Instant::now() < end => thread::sleep(PAUSE),
                Err(TryLockError::WouldBlock) => bail!(
                    "another `cargo xtask` has been writing in this tree for {} seconds; end it and try again \
                     (it holds the lock on {NAME})",
                    patience.as_secs()
                ),
            }
        }
    }
}

impl Drop for TreeLock {
    fn drop(&mut self) {
        if let Some(file) = &self.file {
            // If it fails, closing the file ends the lock.
            let _ = file.unlock();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_and_not_forever() {
        let folder = tempfile::tempdir().unwrap();
        let first = TreeLock::take(folder.path()).unwrap();
        let error = TreeLock::take_within(folder.path(), PAUSE).unwrap_err().to_string();
        assert!(error.contains("another `cargo xtask`"), "{error}");
        drop(first);
        TreeLock::take_within(folder.path(), PAUSE).unwrap();
    }

    #[test]
    fn where_there_are_no_locks_work_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(NAME)).unwrap();
        let lock = TreeLock::take(folder.path()).unwrap();
        assert!(lock.file.is_none());
    }
}
