//! The process of one check: runs it, and reports to the parent.

use std::process::ExitCode;
use std::thread;

use crate::assignment::Assignment;
use crate::check_record::{CheckEnd, Record};
use crate::exercises::root_of;
use crate::panics::guarded;
use crate::sandbox::Sandbox;
use crate::settings::is_blessing;
use crate::{Check, Context, Suite, lifeline, process_group};

/// How much stack a check has, on every platform.
const STACK: usize = 8 << 20;

/// What the learner reads if the sandbox has stopped the subject's code.
const DENIED: &str =
    "Your code tried to open a file, a socket or a program; no exercise needs that.";

/// Runs the check of this process, and reports how it ended.
pub(crate) fn run(suites: &[Suite], assignment: &'static Assignment) -> ExitCode {
    let Assignment { nonce, check: name, seed, .. } = assignment;
    let found = suites.iter().find_map(|suite| {
        let check = suite.checks.iter().find(|check| suite.test_name(check) == *name)?;
        Some((suite, check))
    });
    let Some((suite, check)) = found else {
        eprintln!("error: there is no check `{name}` in this binary");
        return ExitCode::from(2);
    };
    lifeline::watch(process_group::end_own);
    // From here on the subject's code runs, and everything else that is needed has been read.
    let is_sandboxed = !is_blessing() && Sandbox::of(suite).close();
    let context = Context::new(*seed).reporting(report_step);
    match in_thread(suite, check, context) {
        Ok(Ok(mut over)) => {
            if is_sandboxed {
                note_denial(&mut over);
            }
            Record::Over(Box::new(over)).send(nonce);
        }
        Ok(Err(_)) => eprintln!("the harness itself panicked"),
        Err(error) => eprintln!("no thread for the check: {error}"),
    }
    ExitCode::SUCCESS
}

fn report_step(step: &str) {
    if let Some(assignment) = Assignment::received() {
        Record::Step(step.to_owned()).send(&assignment.nonce);
    }
}

/// Performs a check in a thread with a stack of its own, and within its limit of memory.
fn in_thread(
    suite: &Suite,
    check: &Check,
    context: Context,
) -> std::io::Result<thread::Result<CheckEnd>> {
    // The limit counts from here: what the process has allocated before is not the check's.
    let memory = crate::ALLOCATOR.allocated().saturating_add(check.memory_limit);
    let over = thread::scope(|scope| {
        // The subject's code can see the thread's name, so it says nothing about the check.
        let thread = thread::Builder::new().name("check".to_owned()).stack_size(STACK);
        let spawned = thread.spawn_scoped(scope, move || {
            let _ = crate::ALLOCATOR.set_limit(memory);
            perform(suite, check, context)
        });
        spawned.map(thread::ScopedJoinHandle::join)
    });
    let _ = crate::ALLOCATOR.set_limit(usize::MAX);
    over
}

/// Does `work` in a thread with as much stack as a check has. `None` if the thread cannot be started, or panics.
pub(crate) fn with_stack<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    thread::scope(|scope| {
        thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work).ok()?.join().ok()
    })
}

/// Runs a check in this thread. Its panics are failures.
pub(crate) fn perform(suite: &Suite, check: &Check, context: Context) -> CheckEnd {
    let mut context = context.of(check.exercise, root_of(suite).is_some());
    let verdict = guarded(&suite.manifest_dir, || check.body(&mut context)).flatten();
    let failure = verdict.err().map(|mut failure| {
        if failure.step.is_empty() {
            context.current_step().clone_into(&mut failure.step);
        }
        *failure
    });
    let files = context.take_files();
    CheckEnd { failure, show: context.into_show(), files }
}

/// Says what the sandbox has to do with a failure.
fn note_denial(over: &mut CheckEnd) {
    let Some(failure) = &mut over.failure else { return };
    let told = failure.notes.iter().chain([&failure.happened]);
    let is_denial =
        |text: &String| text.contains("Permission denied") || text.contains("PermissionDenied");
    if told.into_iter().any(is_denial) {
        failure.notes.push(DENIED.to_owned());
    }
}
