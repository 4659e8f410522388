//! `partition`, `cut` and `heal`: which messages reach their receivers.

use protocol::ServerId;

use crate::scenario::runner::ScenarioRunner;
use crate::scenario::words::{self, Fault, Words};

pub(super) fn partition(
    runner: &mut ScenarioRunner,
    mut words: Words<'_>,
) -> Result<String, Fault> {
    let first = words.required("the groups of servers, like S1/S2 S3")?;
    let mut groups: Vec<Vec<ServerId>> = vec![words::servers(first)?.into_iter().collect()];
    while let Some(word) = words.next() {
        groups.push(words::servers(word)?.into_iter().collect());
    }
    words.end()?;
    groups.iter().flatten().try_for_each(|&id| runner.check_exists(id))?;
    runner.world()?.partition(&groups);
    Ok(String::new())
}

pub(super) fn cut(runner: &mut ScenarioRunner, mut words: Words<'_>) -> Result<String, Fault> {
    let from = words.need("from", words::server)?;
    let to = words.need("to", words::server)?;
    words.end()?;
    runner.check_exists(from)?;
    runner.check_exists(to)?;
    runner.world()?.cut(from, to);
    Ok(String::new())
}

pub(super) fn heal(runner: &mut ScenarioRunner, words: Words<'_>) -> Result<String, Fault> {
    words.end()?;
    runner.world()?.heal();
    Ok(String::new())
}
