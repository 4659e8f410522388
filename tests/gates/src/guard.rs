//! Catches the panics of a check, and finds the line of the subject where they began.

use std::backtrace::Backtrace;
use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::Once;

use crate::{Failure, Kind, Place};

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
    static LAST: RefCell<Option<Caught>> = const { RefCell::new(None) };
}

struct Caught {
    place: Place,
    /// Only if the panic did not begin in a source file of the workspace.
    backtrace: Option<String>,
}

/// Runs `work` and gives its panic as a failure. Nothing is printed. `subject` is the folder of the
/// code that is judged.
pub(crate) fn guarded<T>(subject: &Path, work: impl FnOnce() -> T) -> Result<T, Box<Failure>> {
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
        let place = LAST.take().map(|caught| caught.place_in(subject));
        failure(&message, place)
    })
}

fn failure(message: &str, place: Option<Place>) -> Box<Failure> {
    if let Some(exercise) = exercise(message) {
        return Box::new(Failure { place, ..*Failure::todo(exercise) });
    }
    let kind = Kind::Panicked;
    let failure = Failure::new("no panic", format!("panic: {message}"));
    Box::new(Failure { kind, place, ..*failure })
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
            if !GUARDED.get() {
                return former(info);
            }
            let Some(at) = info.location() else { return };
            let place = Place { file: at.file().to_owned(), line: at.line() };
            // Reading the stack costs a tenth of a second: only where it is needed.
            let file = Path::new(&place.file);
            let known = file.is_relative() && !file.has_root();
            let backtrace = (!known).then(|| Backtrace::force_capture().to_string());
            LAST.set(Some(Caught { place, backtrace }));
        }));
    });
}

impl Caught {
    /// The line of the subject that the panic came from: where it began, or, when it began inside a
    /// library, the innermost call in `subject`'s folder.
    fn place_in(self, subject: &Path) -> Place {
        let folder = subject.file_name().map(|name| name.to_string_lossy().into_owned());
        let (Some(trace), Some(folder)) = (&self.backtrace, folder) else { return self.place };
        let source = format!("{folder}/src/");
        let inner = trace.lines().find_map(|line| {
            let at = line.trim().strip_prefix("at ")?.replace('\\', "/");
            let start = at.find(&source)?;
            let mut parts = at[start..].split(':');
            let file = parts.next()?.strip_prefix(&folder)?.trim_start_matches('/');
            let file = subject.join(file).to_string_lossy().into_owned();
            Some(Place { file, line: parts.next()?.parse().ok()? })
        });
        inner.unwrap_or(self.place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stub_is_told_apart_from_other_panics() {
        let subject = Path::new(env!("CARGO_MANIFEST_DIR"));
        let stub = guarded(subject, || todo!("exercise 2.3")).unwrap_err();
        assert_eq!(stub.kind, Kind::Todo("2.3".to_owned()));
        assert!(stub.place.unwrap().file.ends_with("guard.rs"));

        let other = guarded(subject, || panic!("out of range")).unwrap_err();
        assert_eq!(other.kind, Kind::Panicked);
        assert_eq!(other.happened, "panic: out of range");

        let own = guarded(subject, || todo!("later")).unwrap_err();
        assert_eq!(own.kind, Kind::Panicked);

        assert_eq!(guarded(subject, || 7), Ok(7));
    }

    #[test]
    fn a_panic_inside_a_library_is_placed_at_the_call() {
        let subject = Path::new(env!("CARGO_MANIFEST_DIR"));
        let map = std::collections::BTreeMap::<u64, u64>::new();
        let line = line!() + 1;
        let caught = guarded(subject, || map[&7]).unwrap_err();
        let place = caught.place.unwrap();
        assert!(place.file.ends_with("guard.rs"), "{place:?}");
        assert_eq!(place.line, line);
    }
}
