//! The sandbox of the subject's code. No exercise needs a file, a socket or another program, so the code can use
//! none: it cannot read a solution, change a check, or search the memory of the process for the nonce that marks a
//! record as genuine.
//!
//! On Linux, [Landlock](https://landlock.io) closes it, as far as the kernel knows it. On other systems there is
//! no sandbox that a process can close around itself without privileges and without `unsafe`.

use std::path::{Path, PathBuf};

use crate::Suite;
use crate::exercises::root_of;
use crate::settings::variable;

/// What stays open.
#[derive(Debug, Default)]
pub(crate) struct Sandbox {
    /// Files and folders that can be read.
    reads: Vec<PathBuf>,
    /// A folder in which files can be written.
    writes: Option<PathBuf>,
}

impl Sandbox {
    /// For the checks of a suite.
    pub(crate) fn of(suite: &Suite) -> Self {
        Self::of_all(std::slice::from_ref(suite))
    }

    /// For the checks of several suites: they read the suites' folders and the subjects' own packages.
    pub(crate) fn of_all(suites: &[Suite]) -> Self {
        let mut reads = Vec::new();
        for suite in suites {
            reads.push(suite.manifest_dir.clone());
            reads.extend(suite.reads.iter().cloned());
            reads.extend(root_of(suite).map(|root| root.join("tests").join(&suite.module)));
        }
        // Scenarios of the course may have snapshots; the executions to judge are read while they are judged.
        let given = ["RAFT_LAB_SCENARIOS", "RAFT_LAB_WATCH"];
        reads.extend(given.into_iter().filter_map(variable).map(PathBuf::from));
        Sandbox { reads, writes: None }
    }

    /// Also allows files to be written in a folder.
    pub(crate) fn writing(mut self, folder: &Path) -> Self {
        self.writes = Some(folder.to_owned());
        self
    }

    /// Closes the sandbox around this thread and all threads that it will start. Returns whether it is closed.
    #[cfg(target_os = "linux")]
    pub(crate) fn close(self) -> bool {
        linux::close(self.reads, self.writes).unwrap_or(false)
    }

    /// Does nothing on this system. Returns whether the sandbox is closed.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn close(self) -> bool {
        drop((self.reads, self.writes));
        false
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::env;
    use std::path::PathBuf;

    use landlock::{
        ABI, Access as _, AccessFs, AccessNet, BitFlags, Ruleset, RulesetAttr as _,
        RulesetCreatedAttr as _, RulesetError, RulesetStatus, Scope, path_beneath_rules,
    };

    /// The version that the lab was tested with. An older kernel restricts less, and one before 5.13 restricts
    /// nothing.
    const TESTED: ABI = ABI::V6;

    /// Backtraces read the debug information of the executable and of the libraries that it has loaded.
    const LIBRARIES: [&str; 4] = ["/lib", "/lib64", "/usr/lib", "/usr/lib64"];

    pub(super) fn close(
        mut reads: Vec<PathBuf>,
        writes: Option<PathBuf>,
    ) -> Result<bool, RulesetError> {
        reads.extend(env::current_exe());
        reads.extend(LIBRARIES.map(PathBuf::from));
        let read: BitFlags<AccessFs> = AccessFs::ReadFile | AccessFs::ReadDir;
        let write = read | AccessFs::WriteFile | AccessFs::MakeReg | AccessFs::Truncate;
        let restricted = Ruleset::default()
            .handle_access(AccessFs::from_all(TESTED))?
            .handle_access(AccessNet::from_all(TESTED))?
            .scope(Scope::from_all(TESTED))?
            .create()?
            .add_rules(path_beneath_rules(reads, read))?
            .add_rules(path_beneath_rules(writes, write))?
            .restrict_self()?;
        Ok(restricted.ruleset != RulesetStatus::NotEnforced)
    }
}
