//! What cargo is doing, by its own account.

use std::path::PathBuf;
use std::time::Duration;

use super::limit::{Limits, in_words};
use super::message::{self, CompileError, Message, Package};
use crate::libraries::Libraries;
use crate::progress_notice::ProgressNotice;
use crate::term;

const DOWNLOADING: &str = "Downloading the crates that the lab uses …";
const BUILDING_THE_LAB: &str = "Building the lab; the first time, this takes about a minute …";
pub(super) const BUILDING: &str = "Building …";
const LOCKED: &str =
    "Waiting for another cargo, which builds in this tree (an editor's?) or downloads crates …";

/// What cargo has said so far.
#[derive(Default)]
pub(super) struct Account {
    /// The target that cargo was asked for, and its program.
    target: String,
    pub(super) executable: Option<PathBuf>,
    pub(super) errors: Vec<CompileError>,
    pub(super) libraries: Libraries,
    /// What it has printed for people, without its account of progress.
    pub(super) said: String,
    /// The packages that are being compiled, in the order in which that began.
    compiling: Vec<(Package, Place)>,
    /// The module that was last begun.
    module: Option<String>,
    /// How many crates of the lab were begun.
    crates: usize,
    /// What cargo did last.
    last: String,
    /// The compiler's last word on a constant that takes long.
    long_constant: Option<CompileError>,
}

/// Whose a package is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    /// Given code.
    Lab,
    /// A module or its reference, with its folder.
    Module(String),
}

/// Why a build is stopped.
#[derive(Debug)]
pub(super) enum Stopped {
    /// The compiler does not get to the end of a module.
    Endless(CompileError),
    /// Cargo does not get any further with something else.
    Stuck(String),
}

impl Account {
    /// Nothing is said yet by the cargo that builds the target with this name.
    pub(super) fn new(target: &str) -> Self {
        Account { target: target.to_owned(), ..Account::default() }
    }

    /// Takes in a line for programs. Returns whether cargo has got further. That the compiler still warns is no
    /// sign of it: it warns again and again that a constant takes long.
    pub(super) fn read(&mut self, line: &str) -> bool {
        match message::read(line) {
            Some(Message::Error(error)) => self.errors.push(error),
            Some(Message::LongConstant(warning)) => {
                self.long_constant = Some(warning);
                return false;
            }
            Some(Message::Built { package, target, executable, library }) => {
                self.compiling.retain(|(other, _)| *other != package);
                if let Some(library) = library {
                    self.libraries.add(&package.0, &package.1, library);
                }
                if target == self.target {
                    self.executable = executable.or(self.executable.take());
                }
            }
            Some(Message::Script) => {}
            None => return false,
        }
        true
    }

    /// Takes in a line for people. What it says about progress goes to the notice.
    pub(super) fn hear(&mut self, line: &str, notice: Option<&ProgressNotice>) {
        let Some((verb, rest)) = progress(line) else {
            self.said += line;
            self.said.push('\n');
            return;
        };
        line.trim().clone_into(&mut self.last);
        if verb == "Compiling"
            && let Some((package, place)) = package(rest)
        {
            match &place {
                Place::Lab => self.crates += 1,
                Place::Module(dir) => self.module = Some(dir.clone()),
            }
            self.compiling.push((package, place));
        }
        if let (Some(notice), Some((doing, detail))) = (notice, self.doing(verb)) {
            notice.show(doing, detail);
        }
    }

    /// What the learner sees: what cargo does, and how far it is.
    fn doing(&self, verb: &str) -> Option<(&'static str, String)> {
        match (verb, self.compiling.last()) {
            ("Blocking", _) => Some((LOCKED, String::new())),
            ("Updating" | "Downloading" | "Downloaded", _) => Some((DOWNLOADING, String::new())),
            ("Compiling", Some((_, Place::Module(dir)))) => Some((BUILDING, dir.clone())),
            ("Compiling", _) => {
                let s = if self.crates == 1 { "" } else { "s" };
                Some((BUILDING_THE_LAB, format!("{} crate{s} so far", self.crates)))
            }
            _ => None,
        }
    }

    /// How long cargo may go on without progress.
    pub(super) fn limit(&self, limits: Limits) -> Duration {
        if self.endless_module().is_some() { limits.module } else { limits.other }
    }

    /// The module that the compiler works on, if it works on nothing else. The first of several is the one that
    /// the others need. Cargo does not announce that it compiles a module's checks, after the module itself.
    fn endless_module(&self) -> Option<&str> {
        let mut places = self.compiling.iter().map(|(_, place)| place);
        if places.clone().any(|place| *place == Place::Lab) {
            return None;
        }
        match places.next() {
            Some(Place::Module(dir)) => Some(dir),
            _ => self.module.as_deref(),
        }
    }

    /// The message about a build that has made no progress for this long.
    pub(super) fn stopped(&self, limit: Duration) -> Stopped {
        let time = in_words(limit);
        let Some(dir) = self.endless_module() else {
            return Stopped::Stuck(stuck(&self.last, &time));
        };
        let sentence = format!(
            "The compiler has worked on {dir} for {time} without progress, and was stopped. Does a \
             constant or a macro never end? Look for a `const` or `static` whose value needs a loop or \
             a function that calls itself, and for macros and generic types that contain themselves. {}",
            more_time(if limit < Duration::from_secs(1) { 1 } else { 5 * limit.as_secs() })
        );
        let sentence = term::fitted(&sentence);
        let error = match &self.long_constant {
            Some(warning) => CompileError {
                rendered: format!("{sentence}\n\nThe compiler says:\n{}", warning.rendered),
                ..warning.clone()
            },
            None => CompileError { file: String::new(), line: 0, code: None, rendered: sentence },
        };
        Stopped::Endless(error)
    }
}

fn more_time(seconds: u64) -> String {
    format!("If the machine is only busy, `RAFT_LAB_BUILD_LIMIT={seconds}` gives it more time.")
}

/// The message about a build that is stuck in given code, a download or a lock.
fn stuck(last: &str, time: &str) -> String {
    if last.starts_with("Blocking") {
        return format!(
            "another cargo, perhaps an editor's, has been building in this tree for {time}, and this \
             one waited for it. Run the command again when the other one has ended, or end it."
        );
    }
    let last = if last.is_empty() { String::new() } else { format!(" It said last: `{last}`.") };
    format!(
        "cargo has made no progress for {time}, and was stopped.{last} Is the network slow, or the \
         machine busy? Run the command again: what is downloaded and built is kept."
    )
}

/// The verb and the rest of a line that is an account of progress: a verb in a column of its own.
fn progress(line: &str) -> Option<(&str, &str)> {
    let column = line.get(..12)?.trim_start();
    let is_verb = column.starts_with(|c: char| c.is_ascii_uppercase()) && !column.contains(' ');
    let rest = line[12..].strip_prefix(' ')?;
    is_verb.then_some((column, rest))
}

/// The package in `election v0.1.0 (/lab/modules/02-election)`.
fn package(text: &str) -> Option<(Package, Place)> {
    let mut words = text.splitn(3, ' ');
    let name = words.next()?.to_owned();
    let version = words.next()?.strip_prefix('v')?.to_owned();
    let path = words.next().unwrap_or_default().trim_start_matches('(').trim_end_matches(')');
    let mut folders = path.rsplit(['/', '\\']);
    let place = match (folders.next(), folders.next()) {
        // The types that all modules share are given.
        (Some(dir), Some(group @ ("modules" | "solutions"))) if dir != "protocol" => {
            Place::Module(format!("{group}/{dir}"))
        }
        _ => Place::Lab,
    };
    Some(((name, version), place))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits =
        Limits { module: Duration::from_mins(1), other: Duration::from_mins(10) };

    fn built(name: &str, dir: &str, kind: &str) -> String {
        format!(
            r#"{{"reason":"compiler-artifact","package_id":"path+file:///lab/{dir}#{name}@0.1.0",
            "target":{{"name":"{name}","kind":["{kind}"]}},"executable":null}}"#
        )
    }

    #[test]
    fn what_cargo_is_doing_is_said_in_a_learners_words() {
        let lines = [
            ("    Blocking waiting for file lock on build directory", Some((LOCKED, ""))),
            (" Downloading crates ...", Some((DOWNLOADING, ""))),
            ("   Compiling rand v0.10.4", Some((BUILDING_THE_LAB, "1 crate so far"))),
            (
                "   Compiling simulator v0.1.0 (/lab/tests/simulator)",
                Some((BUILDING_THE_LAB, "2 crates so far")),
            ),
            (
                "   Compiling protocol v0.1.0 (/modules/lab/modules/protocol)",
                Some((BUILDING_THE_LAB, "3 crates so far")),
            ),
            (
                "   Compiling election v0.1.0 (/lab/modules/02-election)",
                Some((BUILDING, "modules/02-election")),
            ),
            (
                r"   Compiling election-solution v0.1.0 (C:\my lab\solutions\02-election)",
                Some((BUILDING, "solutions/02-election")),
            ),
            ("    Finished `test` profile [unoptimized] target(s) in 0.05s", None),
        ];
        let mut account = Account::new("gate");
        for (line, doing) in lines {
            account.hear(line, None);
            let verb = line.split_whitespace().next().unwrap();
            let said = account.doing(verb);
            let said = said.as_ref().map(|(text, detail)| (*text, detail.as_str()));
            assert_eq!(said, doing, "{line}");
        }
        assert_eq!(account.said, "");
        let errors = ["error: unclosed table", "  --> modules/02-election/Cargo.toml:10:14", "é"];
        for line in errors {
            account.hear(line, None);
        }
        assert_eq!(account.said.lines().collect::<Vec<_>>(), errors);
    }

    #[test]
    fn only_a_module_that_is_compiled_alone_has_the_short_limit() {
        let mut account = Account::new("gate");
        assert_eq!(account.limit(LIMITS), LIMITS.other);
        account.hear("   Compiling gates v0.1.0 (/lab/tests/gates)", None);
        account.hear("   Compiling data-model v0.1.0 (/lab/modules/01-data-model)", None);
        account.hear("   Compiling election v0.1.0 (/lab/modules/02-election)", None);
        assert_eq!(account.limit(LIMITS), LIMITS.other, "the gates take long");
        assert!(account.read(&built("gates", "tests/gates", "custom-build")));
        assert_eq!(account.limit(LIMITS), LIMITS.other, "only their build script is built");
        assert!(account.read(&built("gates", "tests/gates", "lib")));
        assert_eq!(account.limit(LIMITS), LIMITS.module);
        assert_eq!(account.endless_module(), Some("modules/01-data-model"));
        assert!(account.read(&built("data-model", "modules/01-data-model", "lib")));
        assert_eq!(account.endless_module(), Some("modules/02-election"));
        assert!(account.read(&built("election", "modules/02-election", "lib")));
        assert_eq!(account.endless_module(), Some("modules/02-election"), "its checks follow");
    }

    #[test]
    fn an_endless_constant_is_reported_with_its_place() {
        let mut account = Account::new("gate");
        account.hear("   Compiling election v0.1.0 (/lab/modules/02-election)", None);
        let text = r#"{"reason":"compiler-message","message":{"level":"warning","rendered":"warning: constant evaluation is taking a long time","code":null,"spans":[{"file_name":"modules/02-election/src/vote.rs","line_start":7,"is_primary":true}]}}"#;
        let Stopped::Endless(error) = account.stopped(LIMITS.module) else { panic!("it is stuck") };
        assert_eq!((error.file.as_str(), error.line), ("", 0));
        assert!(!account.read(text), "a warning is not progress");
        let Stopped::Endless(error) = account.stopped(LIMITS.module) else { panic!("it is stuck") };
        assert_eq!((error.file.as_str(), error.line), ("modules/02-election/src/vote.rs", 7));
        let words = "worked on modules/02-election for 60 s without progress, and was stopped.";
        assert!(error.rendered.contains(words), "{}", error.rendered);
        assert!(error.rendered.contains("RAFT_LAB_BUILD_LIMIT=300"), "{}", error.rendered);
        assert!(error.rendered.ends_with("taking a long time"), "{}", error.rendered);
    }

    #[test]
    fn another_cargo_is_blamed_only_if_cargo_waits_for_it() {
        let mut account = Account::new("gate");
        let text = |account: &Account| match account.stopped(LIMITS.other) {
            Stopped::Stuck(text) => text,
            Stopped::Endless(error) => panic!("{error:?}"),
        };
        assert!(text(&account).starts_with("cargo has made no progress for 10 minutes,"));
        account.hear("    Blocking waiting for file lock on build directory", None);
        assert!(text(&account).contains("another cargo"));
        account.hear("   Compiling rand v0.10.4", None);
        let text = text(&account);
        assert!(text.contains("It said last: `Compiling rand v0.10.4`."), "{text}");
        assert!(!text.contains("another cargo"), "{text}");
    }
}
