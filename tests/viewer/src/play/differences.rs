//! What differs between two runs of a script, command by command. Steps are not compared: where the paper leaves a
//! choice, servers that behave in the same way may take different steps.

use serde::Serialize;
use simulator::CommandOutcome;

/// A command after which something is different.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Its line in the script.
    pub line: u64,
    /// The command.
    pub command: String,
    /// The lines that are gone, with `-` before each, and those that are new, with `+`.
    pub what: Vec<String>,
}

/// The commands after which the servers or the answers are different. Those that were not carried out in both runs
/// are left out: a fault says why.
pub(super) fn differences(before: &[CommandOutcome], now: &[CommandOutcome]) -> Vec<Difference> {
    let both = before.iter().zip(now).take_while(|(before, now)| before.text == now.text);
    let difference = |(before, now): (&CommandOutcome, &CommandOutcome)| {
        let what = lines(before, now);
        let (line, command) = (now.line, now.text.clone());
        (!what.is_empty()).then_some(Difference { line, command, what })
    };
    both.filter_map(difference).collect()
}

fn lines(before: &CommandOutcome, now: &CommandOutcome) -> Vec<String> {
    fn all(outcome: &CommandOutcome) -> Vec<&str> {
        let output = outcome.output.lines();
        let rest = outcome.servers.iter().chain(&outcome.answers).map(String::as_str);
        output.chain(rest).collect()
    }
    let (before, now) = (all(before), all(now));
    let gone = before.iter().filter(|line| !now.contains(line)).map(|line| format!("- {line}"));
    let new = now.iter().filter(|line| !before.contains(line)).map(|line| format!("+ {line}"));
    gone.chain(new).collect()
}

/// What the last command has shown: its own output, the servers whose line has changed, and new answers.
pub(super) fn told(commands: &[CommandOutcome]) -> Vec<String> {
    let Some((last, before)) = commands.split_last() else { return Vec::new() };
    let shown = before.last().map_or(&[][..], |before| &before.servers);
    let servers = last.servers.iter().filter(|line| !shown.contains(line));
    let lines = last.output.lines().map(str::to_owned);
    lines.chain(servers.cloned()).chain(last.answers.iter().cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(line: u64, text: &str, servers: &[&str]) -> CommandOutcome {
        let servers = servers.iter().map(|&line| line.to_owned()).collect();
        CommandOutcome { line, text: text.to_owned(), servers, ..CommandOutcome::default() }
    }

    #[test]
    fn each_command_is_compared_with_itself() {
        let before = [outcome(1, "cluster 2", &[]), outcome(2, "timeout S1", &["S1 term 1", "S2"])];
        let now = [outcome(1, "cluster 2", &[]), outcome(2, "timeout S1", &["S1 term 3", "S2"])];
        assert_eq!(differences(&before, &before), []);
        let what = vec!["- S1 term 1".to_owned(), "+ S1 term 3".to_owned()];
        let expected = Difference { line: 2, command: "timeout S1".to_owned(), what };
        assert_eq!(differences(&before, &now), [expected]);
        assert_eq!(told(&now), ["S1 term 3", "S2"]);
        assert_eq!(told(&[]), [""; 0]);
    }
}
