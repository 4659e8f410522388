//! The process of one check: runs it, and reports to the parent by records on its standard output, among
//! whatever the subject's code prints there.

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::thread;

use serde::{Deserialize, Serialize};

use crate::exercises::root_of;
use crate::panics::guarded;
use crate::{Check, Context, Failure, Suite};

/// Opens a record; a line feed closes it.
pub(crate) const MARK: u8 = 0x1e;

/// How much stack a check has, on every platform.
const STACK: usize = 8 << 20;

/// A report of the child to the parent.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Record {
    /// The check is about to do this.
    Step(String),
    /// The check is over.
    Over(CheckEnd),
}

/// How a check ended.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CheckEnd {
    /// The failure, if it did not pass.
    pub(crate) failure: Option<Failure>,
    /// A transcript for the learner.
    pub(crate) show: Option<String>,
}

/// Runs the check with this name, and reports how it ended.
pub(crate) fn run(suites: &[Suite], name: &str, seed: u64) -> ExitCode {
    let found = suites.iter().find_map(|suite| {
        let check = suite.checks.iter().find(|check| suite.test_name(check) == name)?;
        Some((suite, check))
    });
    let Some((suite, check)) = found else {
        eprintln!("RAFT_LAB_CHECK: there is no check `{name}` in this binary");
        return ExitCode::from(2);
    };
    let context = Context::new(seed).reporting(|step| tell(&Record::Step(step.to_owned())));
    let over = thread::scope(|scope| {
        // The limit counts from here: what the process has allocated before is not the check's.
        let memory = crate::ALLOCATOR.allocated().saturating_add(check.memory_limit);
        thread::Builder::new()
            .name(name.to_owned())
            .stack_size(STACK)
            .spawn_scoped(scope, move || {
                let _ = crate::ALLOCATOR.set_limit(memory);
                perform(suite, check, context)
            })
            .map(thread::ScopedJoinHandle::join)
    });
    let _ = crate::ALLOCATOR.set_limit(usize::MAX);
    match over {
        Ok(Ok(over)) => tell(&Record::Over(over)),
        Ok(Err(_)) => eprintln!("the harness itself panicked"),
        Err(error) => eprintln!("no thread for the check: {error}"),
    }
    ExitCode::SUCCESS
}

/// Runs a check in this thread. Its panics are failures.
pub(crate) fn perform(suite: &Suite, check: &Check, context: Context) -> CheckEnd {
    let mut context = context.of(check.exercise, root_of(suite));
    let verdict = guarded(&suite.manifest_dir, || check.body(&mut context)).flatten();
    let failure = verdict.err().map(|mut failure| {
        if failure.step.is_empty() {
            context.current_step().clone_into(&mut failure.step);
        }
        *failure
    });
    CheckEnd { failure, show: context.into_show() }
}

fn tell(record: &Record) {
    let Ok(json) = serde_json::to_string(record) else { return };
    let mut out = io::stdout().lock();
    // If the parent is gone, no one reads the report.
    let _ = out.write_all(&[MARK]);
    let _ = writeln!(out, "{json}");
    let _ = out.flush();
}
