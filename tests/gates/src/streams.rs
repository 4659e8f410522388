//! The streams between the process of a check and its parent.
//!
//! On Unix they are sockets and not pipes. A process can open its own end of a pipe again and read what it has
//! written itself (`/proc/self/fd/1` on Linux), including the records of the harness with their nonce. A socket
//! cannot be opened like that, and what is read from it always comes from the other side.

use std::io::{self, Read, Write};
use std::process::{Child, Command};
use std::sync::{Mutex, PoisonError};

/// The parent's ends of the streams of a process.
pub(crate) struct Streams {
    pub(crate) stdin: Box<dyn Write>,
    pub(crate) stdout: Box<dyn Read + Send>,
    pub(crate) stderr: Box<dyn Read + Send>,
}

/// Starts a process whose streams belong to this one.
pub(crate) fn spawn(command: Command) -> io::Result<(Child, Streams)> {
    // Only one process is started at a time: on some systems, a process could otherwise inherit the streams of
    // another one, and keep them open.
    static STARTING: Mutex<()> = Mutex::new(());
    let _starting = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
    connected(command)
}

#[cfg(unix)]
fn connected(mut command: Command) -> io::Result<(Child, Streams)> {
    use std::os::fd::OwnedFd;
    use std::os::unix::net::UnixStream;
    let (stdin, input) = UnixStream::pair()?;
    let (stdout, output) = UnixStream::pair()?;
    let (stderr, errors) = UnixStream::pair()?;
    command.stdin(OwnedFd::from(input));
    command.stdout(OwnedFd::from(output)).stderr(OwnedFd::from(errors));
    let child = command.spawn()?;
    let streams =
        Streams { stdin: Box::new(stdin), stdout: Box::new(stdout), stderr: Box::new(stderr) };
    Ok((child, streams))
}

#[cfg(not(unix))]
fn connected(mut command: Command) -> io::Result<(Child, Streams)> {
    use std::process::Stdio;
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let streams = Streams {
        stdin: Box::new(child.stdin.take().expect("it was asked for")),
        stdout: Box::new(child.stdout.take().expect("it was asked for")),
        stderr: Box::new(child.stderr.take().expect("it was asked for")),
    };
    Ok((child, streams))
}
