//! Whether one scenario is another one in disguise: the same except for its comments, the names of its servers, and
//! the order of its blocks.

use std::collections::{BTreeMap, BTreeSet};

use super::script::Script;

/// Whether the two are the same, except for comments, names of servers, and the order of blocks.
pub(crate) fn alike(one: &Script, other: &Script) -> bool {
    let (one, other) = (blocks_of(one), blocks_of(other));
    let nameless = |blocks: &[Vec<String>]| renamed(blocks, &|_| 0);
    if one.is_empty() || nameless(&one) != nameless(&other) {
        return false;
    }
    let (from, to) = (servers_of(&one), servers_of(&other));
    if from.len() != to.len() {
        return false;
    }
    // A server can only stand for one that does the same among the others.
    let candidates: Vec<(u32, Vec<u32>)> = from
        .iter()
        .map(|&server| {
            let part = part_of(&one, server);
            (server, to.iter().copied().filter(|&it| part_of(&other, it) == part).collect())
        })
        .collect();
    let expected = renamed(&other, &|server| server);
    let same = |names: &BTreeMap<u32, u32>| {
        renamed(&one, &|server| names.get(&server).copied().unwrap_or(server)) == expected
    };
    some_naming(&candidates, &mut BTreeMap::new(), &same)
}

/// What a server does in a scenario, whatever the other servers are called.
fn part_of(blocks: &[Vec<String>], server: u32) -> Vec<String> {
    renamed(blocks, &|it| u32::from(it == server))
}

/// Whether the names can be assigned to the servers, each once, so that the result is as wanted.
fn some_naming(
    candidates: &[(u32, Vec<u32>)],
    names: &mut BTreeMap<u32, u32>,
    wanted: &dyn Fn(&BTreeMap<u32, u32>) -> bool,
) -> bool {
    let Some(((server, possible), rest)) = candidates.split_first() else { return wanted(names) };
    for &name in possible {
        if names.values().any(|&taken| taken == name) {
            continue;
        }
        names.insert(*server, name);
        if some_naming(rest, names, wanted) {
            return true;
        }
        names.remove(server);
    }
    false
}

/// The commands of each block.
fn blocks_of(script: &Script) -> Vec<Vec<String>> {
    let commands = |block: &super::script::Block| {
        block.commands.iter().map(|(_, command)| command.clone()).collect()
    };
    script.blocks.iter().map(commands).collect()
}

/// The blocks with other names for the servers, in an order that depends only on their content.
fn renamed(blocks: &[Vec<String>], name: &dyn Fn(u32) -> u32) -> Vec<String> {
    let block = |commands: &Vec<String>| {
        commands.iter().map(|command| rename(command, name)).collect::<Vec<_>>().join("\n")
    };
    let mut blocks: Vec<String> = blocks.iter().map(block).collect();
    blocks.sort();
    blocks
}

/// A command with other names for its servers, its words in a fixed order.
fn rename(command: &str, name: &dyn Fn(u32) -> u32) -> String {
    let mut words = command.split_whitespace();
    let first = words.next().unwrap_or_default().to_owned();
    let mut rest: Vec<String> = words.map(|word| rename_word(word, name)).collect();
    // The words of a text stay in their order.
    if !command.contains('"') {
        rest.sort();
    }
    std::iter::once(first).chain(rest).collect::<Vec<_>>().join(" ")
}

/// A word: `S1`, `S1/S2`, `vote=S1`, `members=S1/S2@3`, or one without a server.
fn rename_word(word: &str, name: &dyn Fn(u32) -> u32) -> String {
    let (key, value) = word.split_once('=').map_or(("", word), |(key, value)| (key, value));
    let (servers, place) = value.split_once('@').map_or((value, ""), |(servers, at)| (servers, at));
    let numbers: Option<Vec<u32>> = servers.split('/').map(server).collect();
    match numbers {
        Some(numbers) => {
            let named: BTreeSet<u32> = numbers.into_iter().map(name).collect();
            format!("{key}={named:?}@{place}")
        }
        None => word.to_owned(),
    }
}

fn server(text: &str) -> Option<u32> {
    text.strip_prefix('S')?.parse().ok()
}

fn servers_of(blocks: &[Vec<String>]) -> BTreeSet<u32> {
    let words = blocks.iter().flatten().flat_map(|command| command.split_whitespace());
    let values = words.map(|word| word.split_once('=').map_or(word, |(_, value)| value));
    let servers = values.flat_map(|value| {
        let servers = value.split_once('@').map_or(value, |(servers, _)| servers);
        servers.split('/').filter_map(server)
    });
    servers.collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::ExerciseId;

    fn script(text: &str) -> Script {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("own.scenario");
        std::fs::write(&path, text).unwrap();
        Script::read_own(Path::new(&path), ExerciseId { module: 2, number: 8 }).unwrap()
    }

    const ONE: &str = "# One.\n\ncluster 3\ntimeout S1\nexpect S1 candidate vote=S1\n---\n\n\
                       # Two.\ndeliver from=S1 to=S2/S3\n---\n";

    #[test]
    fn comments_names_and_the_order_of_blocks_make_no_difference() {
        let other = "deliver to=S1/S3 from=S2\n---\n\n# Elsewhere.\ncluster 3\ntimeout S2\n\
                     expect candidate S2 vote=S2\n---\n";
        assert!(alike(&script(ONE), &script(other)));
        assert!(alike(&script(ONE), &script(ONE)));
    }

    #[test]
    fn another_command_or_another_server_makes_one() {
        assert!(!alike(&script(ONE), &script(&ONE.replace("timeout S1", "timeout S2"))));
        assert!(!alike(
            &script(ONE),
            &script(&ONE.replace("timeout S1", "timeout S1\ntimeout S2"))
        ));
        assert!(!alike(&script(ONE), &script("cluster 3\n---\n")));
    }
}
