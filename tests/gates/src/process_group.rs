//! The process group of a check: the process of the check, and those that the subject's code starts.
//!
//! On Unix each check has a group of its own, which is killed as a whole. On other systems only the process of the
//! check is killed; a process that it has started keeps running.

use std::io;
use std::process::{Child, Command};

/// Makes the process that `command` starts the leader of a group of its own.
pub(crate) fn lead(command: &mut Command) {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    #[cfg(not(unix))]
    let _ = command;
}

/// Whether the leader of a group has ended.
#[cfg(unix)]
pub(crate) fn has_ended(leader: &mut Child) -> io::Result<bool> {
    use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
    // It is not reaped yet, so that its id remains the id of its group.
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    Ok(waitid(WaitId::Pid(Pid::from_child(leader)), options)?.is_some())
}

/// Whether the leader of a group has ended.
#[cfg(not(unix))]
pub(crate) fn has_ended(leader: &mut Child) -> io::Result<bool> {
    Ok(leader.try_wait()?.is_some())
}

/// Kills a group, whose leader may have ended, and must not have been waited for.
#[cfg(unix)]
pub(crate) fn kill(leader: &mut Child) {
    use rustix::process::{Pid, Signal, kill_process_group};
    // It fails only if no process of the group is left.
    let _ = kill_process_group(Pid::from_child(leader), Signal::KILL);
}

/// Kills a group, whose leader may have ended.
#[cfg(not(unix))]
pub(crate) fn kill(leader: &mut Child) {
    // It fails only if the process has ended.
    let _ = leader.kill();
}

/// Kills the group of this process, and ends it.
pub(crate) fn end_own() {
    #[cfg(unix)]
    let _ = rustix::process::kill_current_process_group(rustix::process::Signal::KILL);
    std::process::exit(1);
}
