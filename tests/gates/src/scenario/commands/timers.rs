//! `timeout`, `heartbeat`, `lease` and `settle`.

use protocol::Timer;

use crate::scenario::runner::ScenarioRunner;
use crate::scenario::words::{self, Fault, Words};

pub(super) fn election(runner: &mut ScenarioRunner, words: Words<'_>) -> Result<String, Fault> {
    fire(runner, Timer::Election, words)
}

pub(super) fn heartbeat(runner: &mut ScenarioRunner, words: Words<'_>) -> Result<String, Fault> {
    fire(runner, Timer::Heartbeat, words)
}

pub(super) fn lease(runner: &mut ScenarioRunner, words: Words<'_>) -> Result<String, Fault> {
    fire(runner, Timer::LeaderLease, words)
}

fn fire(runner: &mut ScenarioRunner, timer: Timer, words: Words<'_>) -> Result<String, Fault> {
    let id = words::one_server(words)?;
    runner.world()?.fire(id, timer)?;
    Ok(String::new())
}

pub(super) fn settle(runner: &mut ScenarioRunner, words: Words<'_>) -> Result<String, Fault> {
    words.end()?;
    runner.world()?.settle()?;
    Ok(String::new())
}
