//! Signals, or what a system has instead.

use std::io;

/// What can be done to a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    /// It is gone at once.
    Kill,
    /// It ends in order.
    #[cfg(unix)]
    End,
    /// It is suspended.
    Pause,
    /// It goes on.
    Resume,
}

/// Sends a signal to a process.
#[cfg(unix)]
pub(super) fn signal(pid: u32, signal: Signal) -> io::Result<()> {
    use rustix::process::{Pid, Signal as Unix, kill_process};
    let unix = match signal {
        Signal::Kill => Unix::KILL,
        Signal::End => Unix::TERM,
        Signal::Pause => Unix::STOP,
        Signal::Resume => Unix::CONT,
    };
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    let pid = pid.ok_or_else(|| io::Error::other("that is no number of a process"))?;
    Ok(kill_process(pid, unix)?)
}

/// Windows ends processes. It has no signal that asks one to end, and none that pauses it.
#[cfg(not(unix))]
pub(super) fn signal(pid: u32, signal: Signal) -> io::Result<()> {
    match signal {
        Signal::Kill => {
            let pid = pid.to_string();
            let ended =
                std::process::Command::new("taskkill").args(["/F", "/PID", &pid]).output()?;
            if ended.status.success() {
                Ok(())
            } else {
                Err(io::Error::other("taskkill has failed"))
            }
        }
        Signal::Pause | Signal::Resume => Err(io::Error::other(
            "this system has no signal that pauses a process; `cut` separates a server from the others instead",
        )),
    }
}
