//! `cargo xtask play`: a world of the learner's servers, moved by one command after another.
//!
//! The gate reads requests on its standard input, and answers each on its standard output; [`simulator::PlayRequest`]
//! says how. It runs the learner's code in its own process, in the sandbox. The program that plays must be another
//! process: it stops this one if a server never ends a step, and runs the script again on a new gate.
//!
//! | file | about |
//! |---|---|
//! | `script_text.rs` | the text of a script that grows line by line |

mod script_text;

use std::io::{self, BufRead as _, Write as _};
use std::path::PathBuf;
use std::process::{self, ExitCode};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde::Deserialize;
use simulator::{NodeFactory, Outcome, PLAY_VERSION, PlayAnswer, PlayFault, PlayRequest, RECORD};

use crate::sandbox::Sandbox;
use crate::scenario::{Played, played};
use crate::settings::Settings;
use crate::{ExerciseId, Suite, child};

/// How many bytes the process may allocate. A run that needs more ends the process.
const MEMORY: usize = 1 << 30;

/// What is played.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Play {
    /// The servers have the rules of all exercises up to this one.
    exercise: ExerciseId,
    /// The file that the script is named after.
    path: PathBuf,
}

/// The script of a world that is played, and what makes its servers.
struct World {
    play: Play,
    factory: NodeFactory,
    seed: u64,
    /// The script so far: it has been carried out without a fault.
    script: String,
}

impl Play {
    /// Reads the value of `RAFT_LAB_PLAY`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| format!("RAFT_LAB_PLAY: {error}"))
    }

    /// Answers requests until there are no more.
    pub(crate) fn run(self, suites: &[Suite], settings: &Settings) -> ExitCode {
        let found = suites.iter().find_map(|suite| Some((suite, suite.servers()?)));
        let Some((suite, servers)) = found else {
            eprintln!("error: RAFT_LAB_PLAY: this gate runs no scenarios, so it has no servers");
            return ExitCode::from(2);
        };
        let requests = requests();
        Sandbox::of(suite).close();
        let memory = crate::ALLOCATOR.allocated().saturating_add(MEMORY);
        let _ = crate::ALLOCATOR.set_limit(memory);
        let factory = servers(self.exercise);
        let mut world = World { play: self, factory, seed: settings.seed, script: String::new() };
        for line in requests {
            send(&world.answer(&line));
        }
        ExitCode::SUCCESS
    }
}

/// How long the requests that are still waiting when the standard input ends may take.
const LAST_REQUESTS: Duration = Duration::from_secs(10);

/// The lines of the standard input. When it ends, so does the process, even if a server never ends its step.
fn requests() -> mpsc::Receiver<String> {
    let (to, requests) = mpsc::channel();
    thread::spawn(move || {
        for line in io::stdin().lock().lines() {
            let Ok(line) = line else { break };
            if to.send(line).is_err() {
                break;
            }
        }
        drop(to);
        thread::sleep(LAST_REQUESTS);
        process::exit(0);
    });
    requests
}

/// Sends a record. It can be found even if the learner's code has printed half a line before it.
fn send(answer: &PlayAnswer) {
    let Ok(json) = serde_json::to_string(answer) else { return };
    let mut out = io::stdout().lock();
    // If the program that plays is gone, the standard input ends as well.
    let _ = out.write_all(&[RECORD]);
    let _ = writeln!(out, "{json}");
    let _ = out.flush();
}

impl World {
    /// Answers a request.
    fn answer(&mut self, line: &str) -> PlayAnswer {
        let request = if line.starts_with(['{', '"']) {
            match serde_json::from_str(line) {
                Ok(request) => request,
                Err(error) => {
                    return self.rejected(line, &format!("this is not a request: {error}"));
                }
            }
        } else {
            PlayRequest::Command(line.to_owned())
        };
        match request {
            PlayRequest::Script(text) => self.run(&text.replace("\r\n", "\n"), None),
            PlayRequest::Undo => match script_text::without_last(&self.script) {
                Some(text) => self.run(&text, None),
                None => self.rejected("undo", "there is no command to take back"),
            },
            PlayRequest::Command(line) => match script_text::with(&self.script, &line) {
                Ok(text) => self.run(&text, Some(&line)),
                Err(why) => self.rejected(&line, why),
            },
        }
    }

    /// Runs a script, and keeps it up to the first line that fails. If the line `added` fails, everything stays as it
    /// was.
    fn run(&mut self, text: &str, added: Option<&str>) -> PlayAnswer {
        let first = self.played(text);
        let Some(mut fault) = first.fault else {
            script_text::without_end(text).clone_into(&mut self.script);
            return self.answer_of(first);
        };
        let before = match added {
            // A fault that is about no line says nothing about which part of the script can be kept.
            None if fault.line > 0 => script_text::before(text, fault.line).to_owned(),
            _ => self.script.clone(),
        };
        if added.is_some_and(|line| line.trim() != fault.command) {
            // If the end of a block fails, or the audit of promises, the fault belongs to the line that was added.
            added.unwrap_or_default().clone_into(&mut fault.command);
        }
        self.script = before;
        let second = self.played(&self.script.clone());
        if let Some(again) = second.fault {
            // It has not failed before: a server does not always do the same.
            self.script = script_text::before(&self.script, again.line).to_owned();
            let third = self.played(&self.script.clone());
            return PlayAnswer { fault: Some(again), ..self.answer_of(third) };
        }
        let failed = first.recording.filter(|_| fault.outcome != Outcome::Script);
        PlayAnswer { fault: Some(fault), failed, ..self.answer_of(second) }
    }

    fn played(&self, text: &str) -> Played {
        let Play { exercise, path } = &self.play;
        let text = script_text::ended(text);
        let over =
            child::with_stack(|| played(path, &text, *exercise, self.factory.clone(), self.seed));
        over.unwrap_or_else(|| Played {
            fault: Some(PlayFault {
                outcome: Outcome::Red,
                happened: "the harness itself panicked; please report it".to_owned(),
                ..PlayFault::default()
            }),
            ..Played::default()
        })
    }

    fn answer_of(&self, played: Played) -> PlayAnswer {
        let Played { commands, choices, recording, .. } = played;
        let script = self.script.clone();
        let version = PLAY_VERSION;
        PlayAnswer { version, script, commands, choices, recording, ..PlayAnswer::default() }
    }

    /// Leaves everything as it is, and answers why.
    fn rejected(&self, line: &str, why: &str) -> PlayAnswer {
        let fault = PlayFault {
            command: line.to_owned(),
            outcome: Outcome::Script,
            happened: why.to_owned(),
            ..PlayFault::default()
        };
        let same = self.played(&self.script);
        PlayAnswer { fault: Some(fault), ..self.answer_of(same) }
    }
}
