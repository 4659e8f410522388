//! Running a program that ends when this one ends, however this one ends.
//!
//! A program that is killed cannot clean up after itself, and cargo and the compilers that it has started would
//! go on for as long as the code keeps them busy. So a supervisor starts cargo. It is this program again, with a
//! hidden first argument, at the head of a process group of its own. Its standard input is a pipe whose other end
//! only this program holds: the lifeline. When the lifeline closes, because this program lets go of it or is gone,
//! the supervisor kills the whole group, itself included.
//!
//! On Windows, where there are no process groups, `taskkill` ends cargo with all processes that descend from it.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io::{self, BufRead as _, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, ExitCode, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

/// The hidden first argument. What follows is the program to supervise and its arguments.
const SUPERVISE: &str = "__supervise";

/// How long output is read after a program has ended. A process that it has started, such as a compile server,
/// may keep the pipes open for hours.
const GRACE: Duration = Duration::from_secs(1);

/// How long a killed program may take to disappear. A process in the middle of a slow disk access dies late.
const KILLED_BY: Duration = Duration::from_secs(10);

/// Whether this program answers to the hidden argument.
static IS_READY: AtomicBool = AtomicBool::new(false);

/// The `main` of a program that supervises others: carries out `main`, or supervises if the command line says so.
pub fn or_supervise(main: impl FnOnce() -> ExitCode) -> ExitCode {
    let mut words = env::args_os().skip(1);
    if words.next().is_some_and(|first| first == SUPERVISE) {
        let program = words.next().unwrap_or_default();
        return supervise(&program, words);
    }
    IS_READY.store(true, Ordering::Relaxed);
    main()
}

/// One of the two streams that a program prints to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    Output,
    Error,
}

/// What a supervised program has done.
#[derive(Debug)]
pub(crate) enum Next {
    /// It has printed a line.
    Line(Stream, String),
    /// It has printed nothing for as long as the caller wanted to wait.
    Silence,
    /// It has ended; `true` means successfully.
    End(bool),
}

/// A program under a supervisor. It is killed if this is dropped before the program has ended.
pub(crate) struct Supervised {
    lifeline: Option<ChildStdin>,
    events: Receiver<Event>,
    /// How many of its streams are not at their end.
    open: usize,
    /// Whether it was successful, and until when its output is still read.
    ended: Option<(bool, Instant)>,
}

enum Event {
    Line(Stream, String),
    Closed,
    Ended(bool),
}

impl Supervised {
    /// Starts a program. It cannot read anything, and what it prints is read line by line.
    pub(crate) fn start(program: &Command) -> io::Result<Self> {
        assert!(IS_READY.load(Ordering::Relaxed), "`main` must go through `or_supervise`");
        let mut child = supervisor_of(program)?.spawn()?;
        let (sender, events) = mpsc::channel();
        let mut open = 0;
        if let Some(output) = child.stdout.take() {
            follow(output, Stream::Output, sender.clone());
            open += 1;
        }
        if let Some(error) = child.stderr.take() {
            follow(error, Stream::Error, sender.clone());
            open += 1;
        }
        let lifeline = child.stdin.take();
        thread::spawn(move || {
            let success = child.wait().is_ok_and(|status| status.success());
            let _ = sender.send(Event::Ended(success));
        });
        Ok(Supervised { lifeline, events, open, ended: None })
    }

    /// Waits for the next line or for the end. At the end, all lines have been returned, except those of
    /// processes that outlive the program.
    pub(crate) fn next(&mut self, patience: Duration) -> Next {
        let silence = Instant::now() + patience;
        loop {
            let now = Instant::now();
            let until = match self.ended {
                Some((success, grace)) if self.open == 0 || now >= grace => {
                    return Next::End(success);
                }
                Some((_, grace)) => grace,
                None => silence,
            };
            match self.events.recv_timeout(until.saturating_duration_since(now)) {
                Ok(Event::Line(stream, line)) => return Next::Line(stream, line),
                Ok(Event::Closed) => self.open -= 1,
                Ok(Event::Ended(success)) => self.ended = Some((success, Instant::now() + GRACE)),
                Err(RecvTimeoutError::Timeout) if self.ended.is_none() => return Next::Silence,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Next::End(false),
            }
        }
    }

    /// Kills it and everything that it has started, and waits until it is gone.
    pub(crate) fn kill(mut self) {
        drop(self.lifeline.take());
        let limit = Instant::now() + KILLED_BY;
        while self.ended.is_none() {
            match self.next(limit.saturating_duration_since(Instant::now())) {
                Next::Line(..) => {}
                Next::Silence | Next::End(_) => return,
            }
        }
    }
}

/// A command that runs `program` under a supervisor, with the same folder and environment.
fn supervisor_of(program: &Command) -> io::Result<Command> {
    let mut command = Command::new(this_program()?);
    command.arg(SUPERVISE).arg(program.get_program()).args(program.get_args());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    if let Some(folder) = program.get_current_dir() {
        command.current_dir(folder);
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    Ok(command)
}

/// The file of this program.
fn this_program() -> io::Result<PathBuf> {
    // It also leads to a file that a build has replaced meanwhile.
    if cfg!(target_os = "linux") { Ok("/proc/self/exe".into()) } else { env::current_exe() }
}

/// Passes on what a program prints, in a thread of its own. It may read for longer than this program needs it.
fn follow(stream: impl Read + Send + 'static, which: Stream, sender: Sender<Event>) {
    thread::spawn(move || {
        let mut reader = BufReader::new(stream);
        let mut bytes = Vec::new();
        while reader.read_until(b'\n', &mut bytes).is_ok_and(|count| count > 0) {
            let line = String::from_utf8_lossy(&bytes);
            let line = line.trim_end_matches(['\n', '\r']).to_owned();
            if sender.send(Event::Line(which, line)).is_err() {
                return;
            }
            bytes.clear();
        }
        let _ = sender.send(Event::Closed);
    });
}

/// What the supervisor does.
fn supervise(program: &OsStr, arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let child = Command::new(program).args(arguments).stdin(Stdio::null()).spawn();
    let child = match child {
        Ok(child) => child,
        Err(error) => {
            say_aside!("cannot run `{}`: {error}", program.display());
            return ExitCode::from(127);
        }
    };
    match wait(child) {
        // An exit code of Windows has more than eight bits.
        Ok(status) => std::process::exit(status.code().unwrap_or(1)),
        Err(error) => {
            say_aside!("cannot wait for `{}`: {error}", program.display());
            ExitCode::from(2)
        }
    }
}

/// Returns when the lifeline is closed.
fn lifeline_closes() {
    // An error means the same: nobody holds the other end.
    let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
}

/// Waits for the program. When the lifeline closes, kills its whole group.
#[cfg(unix)]
fn wait(mut child: Child) -> io::Result<ExitStatus> {
    thread::spawn(|| {
        lifeline_closes();
        kill_group();
    });
    let status = child.wait()?;
    if status.code().is_none() {
        // A signal has ended cargo, but not the compilers that it has started.
        kill_group();
    }
    Ok(status)
}

#[cfg(unix)]
fn kill_group() {
    use rustix::process::{Signal, getpgrp, getpid, kill_current_process_group};
    // A supervisor that somebody starts by hand may be in the group of a shell's other programs.
    if getpgrp() == getpid() {
        let _ = kill_current_process_group(Signal::KILL);
    }
    std::process::exit(1);
}

/// Waits for the program. When the lifeline closes, kills it and all processes that descend from it.
#[cfg(not(unix))]
fn wait(mut child: Child) -> io::Result<ExitStatus> {
    let (holder, lifeline) = mpsc::channel::<()>();
    thread::spawn(move || {
        lifeline_closes();
        drop(holder);
    });
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if let Err(RecvTimeoutError::Disconnected) =
            lifeline.recv_timeout(Duration::from_millis(20))
        {
            let mut taskkill = Command::new("taskkill");
            taskkill.args(["/F", "/T", "/PID", &child.id().to_string()]);
            let _ =
                taskkill.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
            // Without `taskkill`, the compilers finish what they are compiling.
            let _ = child.kill();
            return child.wait();
        }
    }
}
