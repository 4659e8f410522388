//! Catches the panics of servers, so that a learner's `todo!` is a finding and not the end of a run.

use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use serde::{Deserialize, Serialize};

/// A panic, as far as it can be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Panicked {
    /// The exercise, if it was the `todo!` of a stub.
    pub todo: Option<String>,
    /// What the panic said.
    pub message: String,
    /// Source file, as the compiler named it.
    pub file: String,
    /// Line in that file.
    pub line: u32,
}

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
    static LAST: RefCell<Option<(String, u32)>> = const { RefCell::new(None) };
}

/// Runs `work`, and gives its panic as a value. Nothing is printed.
///
/// # Errors
/// If `work` panicked.
pub fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, Panicked> {
    install_hook();
    let before = GUARDED.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    GUARDED.set(before);
    result.map_err(|payload| {
        let message = payload
            .downcast_ref::<&str>()
            .map(ToString::to_string)
            .or_else(|| payload.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "a panic without a message".to_owned());
        let (file, line) = LAST.take().unwrap_or_default();
        Panicked { todo: exercise(&message), message, file, line }
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
        let former = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if GUARDED.get() {
                let place = info.location().map(|at| (at.file().to_owned(), at.line()));
                LAST.set(place);
            } else {
                former(info);
            }
        }));
    });
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
}
