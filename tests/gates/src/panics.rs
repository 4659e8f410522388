//! The panic of a check as a failure, with the line of the subject where it began.

use std::path::Path;

use simulator::{CaughtPanic, guarded_with_calls};

use crate::{Failure, Kind, SourceLine};

/// Runs `work`, and returns its panic as a failure. Nothing is printed. `subject` is the folder of the code
/// that is judged.
pub(crate) fn guarded<T>(subject: &Path, work: impl FnOnce() -> T) -> Result<T, Box<Failure>> {
    guarded_with_calls(work).map_err(|(panicked, backtrace)| failure(panicked, backtrace, subject))
}

fn failure(panicked: CaughtPanic, backtrace: Option<String>, subject: &Path) -> Box<Failure> {
    let CaughtPanic { todo, message, file, line } = panicked;
    let own = is_of_a_module(&file).then(|| SourceLine { file: file.clone(), line });
    let inner = || backtrace.and_then(|backtrace| innermost_call(&backtrace, subject));
    let place = Some(own.or_else(inner).unwrap_or(SourceLine { file, line }));
    if let Some(exercise) = todo {
        return Box::new(Failure { place, ..*Failure::todo(exercise) });
    }
    let failure = Failure::new("no panic", format!("panic: {message}"));
    Box::new(Failure { kind: Kind::Panicked, place, ..*failure })
}

/// Whether the compiler's name of a file is that of a module or solution, this one's or an earlier one's: then the
/// panic began in code that a learner writes.
fn is_of_a_module(file: &str) -> bool {
    let file = file.replace('\\', "/");
    let in_tree = ["modules/", "solutions/"].iter().find_map(|tree| file.strip_prefix(tree));
    // Learners do not write `modules/protocol`.
    in_tree.is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
}

/// The innermost call in the subject's sources. A panic inside a library, such as that of a map without the key,
/// means nothing to a learner; the line that called the library does.
fn innermost_call(backtrace: &str, subject: &Path) -> Option<SourceLine> {
    let folder = subject.file_name()?.to_string_lossy();
    let source = format!("{folder}/src/");
    backtrace.lines().find_map(|line| {
        let at = line.trim().strip_prefix("at ")?.replace('\\', "/");
        let start = at.find(&source)?;
        let mut parts = at[start..].split(':');
        let file = parts.next()?.strip_prefix(&*folder)?.trim_start_matches('/');
        let file = subject.join(file).to_string_lossy().into_owned();
        Some(SourceLine { file, line: parts.next()?.parse().ok()? })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stub_is_told_apart_from_other_panics() {
        let subject = Path::new(env!("CARGO_MANIFEST_DIR"));
        let stub = guarded(subject, || todo!("exercise 2.3")).unwrap_err();
        assert_eq!(stub.kind, Kind::Todo("2.3".to_owned()));
        assert!(stub.place.unwrap().file.ends_with("panics.rs"));

        let other = guarded(subject, || panic!("out of range")).unwrap_err();
        assert_eq!(other.kind, Kind::Panicked);
        assert_eq!(other.happened, "panic: out of range");

        let own = guarded(subject, || todo!("later")).unwrap_err();
        assert_eq!(own.kind, Kind::Panicked);

        assert_eq!(guarded(subject, || 7), Ok(7));
    }

    #[test]
    fn a_panic_in_an_earlier_module_is_placed_there() {
        for file in ["modules/01-data-model/src/log.rs", "solutions\\03-replication\\src\\send.rs"]
        {
            assert!(is_of_a_module(file), "{file}");
        }
        for file in
            ["modules/protocol/src/types.rs", "/rustc/1/library/std/src/lib.rs", "tests/a.rs"]
        {
            assert!(!is_of_a_module(file), "{file}");
        }
    }

    #[test]
    fn a_panic_inside_a_library_is_placed_at_the_call() {
        let subject = Path::new(env!("CARGO_MANIFEST_DIR"));
        let map = std::collections::BTreeMap::<u64, u64>::new();
        let line = line!() + 1;
        let caught = guarded(subject, || map[&7]).unwrap_err();
        let place = caught.place.unwrap();
        assert!(place.file.ends_with("panics.rs"), "{place:?}");
        assert_eq!(place.line, line);
    }
}
