//! `cargo xtask replay`: runs one check, or a script, and leaves the recordings of its runs in a file.
//!
//! It runs in the gate's own process, in a sandbox that lets it write in one folder.

use std::fs;
use std::path::PathBuf;
use std::process::{self, ExitCode};
use std::thread;
use std::time::Duration;

use serde::Deserialize;
use simulator::{End, Moment, Outcome, Recording};

use crate::sandbox::Sandbox;
use crate::settings::Settings;
use crate::{Check, Context, ExerciseId, Failure, Suite, child, kept_runs, scenario};

/// A check that is recorded may take this many times its time limit.
const SLOWER: u32 = 3;

/// What will be recorded: a check of the suite by its name as a test, or a script.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Replay {
    /// The name of the check; empty for a script.
    check: String,
    /// For a script: the servers have the rules of all exercises up to this one.
    exercise: Option<ExerciseId>,
    /// For a script: the file that it is named after.
    path: PathBuf,
    /// For a script: its text.
    script: String,
    /// Where the recordings go.
    out: PathBuf,
    /// The command that does the same again.
    again: String,
}

impl Replay {
    /// Reads what the runner has sent.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| format!("RAFT_LAB_REPLAY: {error}"))
    }

    /// Records, and leaves the file.
    pub(crate) fn run(self, suites: Vec<Suite>, settings: &Settings) -> ExitCode {
        match self.recorded(suites, settings) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("error: {error}");
                ExitCode::from(2)
            }
        }
    }

    fn recorded(self, suites: Vec<Suite>, settings: &Settings) -> Result<(), String> {
        let (out, again) = (self.out.clone(), self.again.clone());
        let is_check = !self.check.is_empty();
        let suite = self.suite(suites)?;
        let check = suite.checks.first().ok_or("the check is gone")?;
        let folder = out.parent().ok_or("the recordings have no folder")?;
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        end_after(check.time_limit * SLOWER);
        // The subject's code runs in this process.
        Sandbox::of(&suite).writing(folder).close();
        let context = Context::new(settings.seed);
        let over =
            child::with_stack(|| kept_runs::keeping(|| child::perform(&suite, check, context)));
        let Some((over, mut runs)) = over else {
            return Err("the harness itself panicked".to_owned());
        };
        if let (Some(failure), Some(last)) = (&over.failure, runs.last_mut()) {
            note_failure(last, failure);
        }
        for run in &mut runs {
            if is_check {
                run.source.check = suite.test_name(check);
            }
            run.source.exercise = check.exercise.to_string();
            run.source.again.clone_from(&again);
        }
        let text = serde_json::to_string(&runs).map_err(|error| error.to_string())?;
        fs::write(&out, text).map_err(|error| format!("{}: {error}", out.display()))
    }

    /// The suite with nothing but the check that will be recorded.
    fn suite(self, suites: Vec<Suite>) -> Result<Suite, String> {
        if !self.check.is_empty() {
            let name = self.check;
            for mut suite in suites {
                let found = suite.checks.iter().position(|check| suite.test_name(check) == name);
                if let Some(at) = found {
                    suite.checks = vec![suite.checks.swap_remove(at)];
                    return Ok(suite);
                }
            }
            return Err(format!("there is no check `{name}` in this gate"));
        }
        let exercise = self.exercise.ok_or("a script needs an exercise")?;
        let found = suites.into_iter().find_map(|suite| {
            let servers = suite.servers()?;
            Some((suite, servers))
        });
        let (mut suite, servers) =
            found.ok_or("this gate runs no scenarios, so it has no servers for a script")?;
        let (path, script) = (self.path, self.script);
        let check = Check::new(&exercise.to_string(), "A script holds", "", move |context| {
            scenario::explored(&path, &script, exercise, servers(exercise), context).map(|_| ())
        });
        suite.checks = vec![check];
        Ok(suite)
    }
}

/// A failure that no run reports belongs to the last one: its transcript differs, or something else about it.
fn note_failure(run: &mut Recording, failure: &Failure) {
    if run.end.outcome != Outcome::Fine {
        return;
    }
    let line = failure.evidence.as_ref().map_or(0, |evidence| evidence.line as u64);
    let block = run.commands.iter().position(|command| command.line == line);
    // The state at the end of the block is what was compared.
    let first = block.map_or(0, |at| run.commands[at].step);
    let next =
        run.blocks.iter().map(|block| block.step).find(|&step| block.is_some() && step > first);
    let step = next.unwrap_or(run.steps()).saturating_sub(1);
    run.end = End {
        outcome: Outcome::Red,
        expected: failure.expected.clone(),
        what: failure.happened.clone(),
        rule: failure.why.clone().unwrap_or_default(),
        moments: vec![Moment {
            step,
            server: 0,
            what: "here something else is expected".to_owned(),
        }],
        ..End::default()
    };
}

/// Ends the process after this time: there is no page for a run that does not end.
fn end_after(limit: Duration) {
    thread::spawn(move || {
        thread::sleep(limit);
        let seconds = limit.as_secs();
        eprintln!(
            "error: the run did not end within {seconds} s, so there is nothing to show of it"
        );
        process::exit(2);
    });
}
