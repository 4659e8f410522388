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

/// Opens all links, those among some servers, or one way.
pub(super) fn heal(runner: &mut ScenarioRunner, mut words: Words<'_>) -> Result<String, Fault> {
    let among = words.next().map(words::servers).transpose()?;
    let from = words.read("from", words::server)?;
    let to = words.read("to", words::server)?;
    words.end()?;
    let opened: Vec<(ServerId, ServerId)> = match (&among, from, to) {
        (None, None, None) => {
            runner.world()?.heal();
            return Ok(String::new());
        }
        (Some(among), None, None) => {
            let ways = among.iter().flat_map(|&from| among.iter().map(move |&to| (from, to)));
            ways.filter(|(from, to)| from != to).collect()
        }
        (None, Some(from), Some(to)) => vec![(from, to)],
        _ => {
            let why = "`heal` opens all links, those among some servers (`heal S1/S2`), or one way \
                       (`heal from=S1 to=S2`)";
            return Err(Fault::Script(why.to_owned()));
        }
    };
    for (from, to) in opened {
        runner.check_exists(from)?;
        runner.check_exists(to)?;
        runner.world()?.open(from, to);
    }
    Ok(String::new())
}
