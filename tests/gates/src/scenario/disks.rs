//! `crash`, `kill`, `fail` and `damage`: servers that go down, and disks that go wrong.

use protocol::ServerId;
use simulator::{Scripted, Trouble};

use super::words::{self, Fault, Words};

/// Runs one of these commands.
pub(crate) fn command(
    world: &mut Scripted,
    name: &str,
    mut words: Words<'_>,
    possible: &str,
) -> Result<(), Fault> {
    let id = words::server(words.required("a server, like S1")?)?;
    match name {
        "fail" => fail(world, id, words, possible),
        "damage" => {
            let byte = words.read("byte", words::bytes)?;
            words.end(possible)?;
            Ok(world.damage(id, byte.map(length))?)
        }
        _ => go_down(world, name == "kill", id, words, possible),
    }
}

/// A crash of the machine, or the end of the process: now, or inside the next write.
fn go_down(
    world: &mut Scripted,
    kill: bool,
    id: ServerId,
    mut words: Words<'_>,
    possible: &str,
) -> Result<(), Fault> {
    let torn = words.read("torn", words::bytes)?.map_or(0, length);
    let during = words.key("during");
    words.end(possible)?;
    match (during, kill) {
        (None, false) => world.crash_leaving(id, torn)?,
        (None, true) if torn > 0 => {
            let why = "the machine goes on, so all that was written is there: `torn=` is for a process \
                       that ends `during=write`";
            return Err(Fault::Script(why.to_owned()));
        }
        (None, true) => world.kill(id)?,
        (Some("write"), false) => world.trouble(id, Trouble::Crash { torn })?,
        (Some("write"), true) => world.trouble(id, Trouble::Kill { torn })?,
        (Some(word), _) => return Err(Fault::word(word, "`during=write` is possible")),
    }
    Ok(())
}

fn fail(
    world: &mut Scripted,
    id: ServerId,
    mut words: Words<'_>,
    possible: &str,
) -> Result<(), Fault> {
    let what = words.required("what fails: write, sync, read or full")?;
    let written = words.read("written", words::bytes)?.map(length);
    words.end(possible)?;
    let trouble = match what {
        "read" if written.is_some() => {
            return Err(Fault::Script("a read that fails writes nothing".to_owned()));
        }
        "write" => Trouble::Write { written: written.unwrap_or(0) },
        "sync" => Trouble::Sync { written: written.unwrap_or(0) },
        "full" => Trouble::Full { written: written.unwrap_or(0) },
        "read" => Trouble::Read,
        _ => return Err(Fault::word(what, "write, sync, read or full is possible")),
    };
    Ok(world.trouble(id, trouble)?)
}

/// A number of bytes in memory.
fn length(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}
