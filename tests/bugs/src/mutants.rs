//! Runs mutants of a solution through their module's gate: `cargo xtask mutants`.
//!
//! The command lists them with `cargo-mutants`, and builds this package with the feature `mutants`: the patched sources
//! then hold mutants in place of the patches. A mutant may loop, allocate or recurse without end, so each has a process
//! of its own. That process runs the checks of the mutant's own exercise first, then all others, and ends at the first
//! that is red.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::in_place::{first_red, name};
use crate::subject::Subject;

/// The folder in which `cargo xtask mutants` describes mutants, in a file for each module.
const FOLDER: &str = "RAFT_LAB_MUTANTS";

/// The mutant that this process runs.
const ONE: &str = "RAFT_LAB_MUTANT";

/// The base seed: that of the gates.
const SEED: u64 = 1;

/// A process that takes longer is stopped. The gate of a right server takes less than three seconds of a processor.
const LIMIT: Duration = Duration::from_mins(4);

/// The address space of a process. A mutant that allocates without end ends there.
#[cfg(unix)]
const MEMORY: u64 = 6 << 30;

/// What the command describes, as far as it is needed here.
#[derive(Deserialize)]
struct Mutant {
    id: String,
    /// The exercise that asks for the function.
    exercise: Option<String>,
}

/// What became of a mutant.
#[derive(Serialize, Deserialize)]
struct Fate {
    id: String,
    /// The check that is red first, or why the process ended without an answer. `None` if every check is green.
    killed_by: Option<String>,
}

/// Runs all mutants of a module, and prints a line of JSON for each.
pub(crate) fn main_of(module: &str, subjects: &'static [Subject]) -> ExitCode {
    let mutants = match described(module) {
        Ok(mutants) => mutants,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    if let Ok(one) = env::var(ONE) {
        return run_one(&one, &mutants, subjects);
    }
    // Those that do not compile have been left out.
    let present: Vec<&str> = subjects.iter().skip(1).map(|subject| subject.id).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(&id) = present.get(next.fetch_add(1, Ordering::Relaxed)) {
            let killed_by = apart(id);
            let fate = Fate { id: id.to_owned(), killed_by };
            match serde_json::to_string(&fate) {
                Ok(line) => println!("{line}"),
                Err(error) => eprintln!("error: {id}: {error}"),
            }
        }
    };
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(work);
        }
    });
    ExitCode::SUCCESS
}

fn described(module: &str) -> Result<BTreeMap<String, Mutant>, String> {
    let folder = env::var(FOLDER).map_err(|_| format!("{FOLDER} is not set"))?;
    let path = Path::new(&folder).join(format!("{module}.json"));
    let text = fs::read_to_string(&path)
        .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let all: Vec<Mutant> =
        serde_json::from_str(&text).map_err(|error| format!("in {}: {error}", path.display()))?;
    Ok(all.into_iter().map(|mutant| (mutant.id.clone(), mutant)).collect())
}

/// Runs a mutant in a process of its own. Returns what killed it, or `None` if it survived.
fn apart(id: &str) -> Option<String> {
    let started = env::current_exe().and_then(|program| {
        Command::new(program)
            .env(ONE, id)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
    });
    let mut child = match started {
        Ok(child) => child,
        Err(error) => return Some(format!("its process cannot be started: {error}")),
    };
    let ended = wait(&mut child);
    let mut said = String::new();
    if let Some(stdout) = &mut child.stdout {
        let _ = stdout.read_to_string(&mut said);
    }
    let fate = said.lines().find_map(|line| serde_json::from_str::<Fate>(line).ok());
    match fate {
        Some(fate) => fate.killed_by,
        None => Some(ended),
    }
}

/// Waits for a process, and stops it when it takes too long. Returns how it ended, in words.
fn wait(child: &mut Child) -> String {
    let deadline = Instant::now() + LIMIT;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return format!("its process ended on its own ({status})"),
            Ok(None) if Instant::now() < deadline => thread::sleep(Duration::from_millis(5)),
            Ok(None) => {
                let _ = child.kill();
                let _ = child.wait();
                return format!("it did not end within {LIMIT:?}");
            }
            Err(error) => return format!("its process cannot be waited for: {error}"),
        }
    }
}

/// Runs the checks of a mutant in this process, those of its own exercise first.
fn run_one(id: &str, mutants: &BTreeMap<String, Mutant>, subjects: &'static [Subject]) -> ExitCode {
    limit_memory();
    let (Some(mutant), Some(subject)) =
        (mutants.get(id), subjects.iter().find(|subject| subject.id == id))
    else {
        eprintln!("error: there is no mutant {id}");
        return ExitCode::from(2);
    };
    let mut suite = (subject.suite)();
    suite.checks.sort_by_key(|check| Some(check.exercise.to_string()) != mutant.exercise);
    let killed_by = match first_red(suite, subject.number, SEED) {
        Ok(red) => red.as_ref().map(name),
        Err(failed) => Some(failed.message().unwrap_or_default().to_owned()),
    };
    let fate = Fate { id: id.to_owned(), killed_by };
    match serde_json::to_string(&fate) {
        Ok(line) => println!("{line}"),
        Err(error) => eprintln!("error: {error}"),
    }
    // A check that does not end is still running.
    std::process::exit(0)
}

/// On other systems than Unix, nothing keeps a mutant from using all memory.
fn limit_memory() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let limit = Rlimit { current: Some(MEMORY), maximum: Some(MEMORY) };
        // Without the limit, the others still hold.
        let _ = setrlimit(Resource::As, limit);
    }
}
