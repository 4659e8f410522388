//! `crash`, `kill`, `fail`, `damage` and `restart`: servers that go down and come back, and disks that fail.

use protocol::ServerId;
use simulator::Trouble;

use crate::scenario::runner::ScenarioRunner;
use crate::scenario::words::{self, Fault, Words};

/// The arguments of `crash` and `kill`.
struct Outage {
    server: ServerId,
    torn: usize,
    /// Inside the next write, and not now.
    in_write: bool,
}

impl Outage {
    fn read(mut words: Words<'_>) -> Result<Self, Fault> {
        let server = words::server(words.required("a server, like S1")?)?;
        let torn = words.read("torn", words::bytes)?.map_or(0, length);
        let in_write = match words.key("during") {
            None => false,
            Some("write") => true,
            Some(word) => return Err(Fault::word(word, "the only value is `during=write`")),
        };
        words.end()?;
        Ok(Outage { server, torn, in_write })
    }
}

/// The machine crashes.
pub(super) fn crash(runner: &mut ScenarioRunner, words: Words<'_>) -> Result<String, Fault> {
    let Outage { server, torn, in_write } = Outage::read(words)?;
    let world = runner.world()?;
    if in_write {
        world.trouble(server, Trouble::Crash { torn })?;
    } else {
        world.crash_leaving(server, torn)?;
    }
    Ok(String::new())
}

/// The process ends, and the machine keeps running.
pub(super) fn kill(runner: &mut ScenarioRunner, words: Words<'_>) -> Result<String, Fault> {
    let Outage { server, torn, in_write } = Outage::read(words)?;
    let world = runner.world()?;
    if in_write {
        world.trouble(server, Trouble::Kill { torn })?;
    } else if torn > 0 {
        let why = "the machine keeps running, so everything that was written is there: `torn=` is for a \
                   process that ends `during=write`";
        return Err(Fault::Script(why.to_owned()));
    } else {
        world.kill(server)?;
    }
    Ok(String::new())
}

pub(super) fn fail(runner: &mut ScenarioRunner, mut words: Words<'_>) -> Result<String, Fault> {
    let id = words::server(words.required("a server, like S1")?)?;
    let operation = words.required("what fails: write, sync, read or full")?;
    let written = words.read("written", words::bytes)?.map(length);
    words.end()?;
    let bytes = written.unwrap_or(0);
    let trouble = match operation {
        "write" => Trouble::Write { written: bytes },
        "sync" => Trouble::Sync { written: bytes },
        "full" => Trouble::Full { written: bytes },
        "read" if written.is_none() => Trouble::Read,
        "read" => return Err(Fault::Script("a read that fails writes nothing".to_owned())),
        other => return Err(Fault::word(other, "it must be write, sync, read or full")),
    };
    runner.world()?.trouble(id, trouble)?;
    Ok(String::new())
}

pub(super) fn damage(runner: &mut ScenarioRunner, mut words: Words<'_>) -> Result<String, Fault> {
    let id = words::server(words.required("a server, like S1")?)?;
    let byte = words.read("byte", words::bytes)?;
    words.end()?;
    runner.world()?.damage(id, byte.map(length))?;
    Ok(String::new())
}

/// A disk loses what was durable on it.
pub(super) fn wipe(runner: &mut ScenarioRunner, mut words: Words<'_>) -> Result<String, Fault> {
    let id = words::server(words.required("a server, like S1")?)?;
    let last = words.read("last", words::bytes)?;
    words.end()?;
    runner.world()?.wipe(id, last.map(length))?;
    Ok(String::new())
}

pub(super) fn restart(runner: &mut ScenarioRunner, words: Words<'_>) -> Result<String, Fault> {
    let id = words::one_server(words)?;
    runner.world()?.restart(id)?;
    Ok(String::new())
}

/// A number of bytes in memory.
fn length(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}
