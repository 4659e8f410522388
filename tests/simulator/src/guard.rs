//! Catches the panics of code under test, so that a learner's `todo!` is a finding and not the end of a run.
//!
//! There is one panic hook for the simulator and the gates. A guard inside a guard catches first: a server that
//! panics inside a check is a finding about the server, and the check goes on.

use std::backtrace::Backtrace;
use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::path::Path;
use std::sync::Once;

use serde::{Deserialize, Serialize};

/// A panic that was caught.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaughtPanic {
    /// The exercise that the `todo!` of a stub names, if the panic was one.
    pub todo: Option<String>,
    /// The message of the panic.
    pub message: String,
    /// The source file, as the compiler named it.
    pub file: String,
    /// The line in that file.
    pub line: u32,
}

/// What the hook does with a panic on this thread.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Guard {
    /// Nobody catches it: it is printed as usual.
    Off,
    /// Its place is kept.
    Place,
    /// Its place is kept, and the calls that led to it if it began in a library.
    Calls,
}

/// A panic's place, and a backtrace if it was asked for and is needed.
struct PanicSite {
    file: String,
    line: u32,
    backtrace: Option<String>,
}

thread_local! {
    static GUARD: Cell<Guard> = const { Cell::new(Guard::Off) };
    static LAST: RefCell<Option<PanicSite>> = const { RefCell::new(None) };
}

/// Runs `work`, and returns its panic as a value. Nothing is printed.
///
/// # Errors
/// If `work` panicked.
#[inline]
pub fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, CaughtPanic> {
    run(Guard::Place, work).map_err(|(panicked, _)| panicked)
}

/// The same, with a backtrace if the panic began outside the workspace, in a library. Shrinking catches
/// thousands of panics and a backtrace takes a tenth of a second, so [`guarded`] does without.
///
/// # Errors
/// If `work` panicked.
pub fn guarded_with_calls<T>(work: impl FnOnce() -> T) -> Result<T, (CaughtPanic, Option<String>)> {
    run(Guard::Calls, work)
}

#[inline]
fn run<T>(guard: Guard, work: impl FnOnce() -> T) -> Result<T, (CaughtPanic, Option<String>)> {
    install_hook();
    let outer = GUARD.replace(guard);
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    GUARD.set(outer);
    result.map_err(|payload| {
        let message = payload
            .downcast_ref::<&str>()
            .map(ToString::to_string)
            .or_else(|| payload.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "a panic without a message".to_owned());
        let todo = exercise(&message);
        let (file, line, backtrace) = match LAST.take() {
            Some(PanicSite { file, line, backtrace }) => (file, line, backtrace),
            None => (String::new(), 0, None),
        };
        (CaughtPanic { todo, message, file, line }, backtrace)
    })
}

/// The exercise that the `todo!` of a stub names.
fn exercise(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("not yet implemented: exercise ")?;
    Some(rest.split_whitespace().next()?.to_owned())
}

fn install_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| match GUARD.get() {
            Guard::Off => previous(info),
            guard => LAST.set(caught(guard, info)),
        }));
    });
}

fn caught(guard: Guard, info: &PanicHookInfo<'_>) -> Option<PanicSite> {
    let at = info.location()?;
    // The compiler names files of the workspace by relative paths, and those of libraries by absolute ones.
    let file = Path::new(at.file());
    let is_in_workspace = file.is_relative() && !file.has_root();
    let backtrace =
        (guard == Guard::Calls && !is_in_workspace).then(|| Backtrace::force_capture().to_string());
    Some(PanicSite { file: at.file().to_owned(), line: at.line(), backtrace })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stub_is_told_apart_from_other_panics() {
        let stub = guarded(|| -> () { todo!("exercise 2.3") }).unwrap_err();
        assert_eq!(stub.todo.as_deref(), Some("2.3"));
        assert!(stub.file.ends_with("guard.rs"));

        let other = guarded(|| -> () { panic!("index out of range") }).unwrap_err();
        assert_eq!(other.todo, None);
        assert_eq!(other.message, "index out of range");

        assert_eq!(guarded(|| 7), Ok(7));
    }

    #[test]
    fn a_guard_inside_a_guard_catches_first() {
        let outer = guarded_with_calls(|| -> () {
            let inner = guarded(|| -> () { panic!("inner") }).unwrap_err();
            assert_eq!(inner.message, "inner");
            panic!("outer")
        });
        let (panicked, backtrace): (CaughtPanic, _) = outer.unwrap_err();
        assert_eq!(panicked.message, "outer");
        assert!(backtrace.is_none(), "it began in the workspace");
    }
}
