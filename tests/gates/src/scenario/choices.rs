//! What can be done next in a script, as commands that a person can choose from.
//!
//! A program that offers them need not know the language: each choice is a whole line.

use std::fmt::Write as _;

use protocol::{ServerId, Timer};
use simulator::{Choice, Choices, MessageAct, MessageChoices, Scripted, ServerChoices};

use super::runner::ScenarioRunner;

/// The timers of a server, with the commands by which they run out.
const TIMERS: [(Timer, &str, &str); 3] = [
    (Timer::Election, "timeout", "election timeout"),
    (Timer::Heartbeat, "heartbeat", "heartbeat"),
    (Timer::LeaderLease, "lease", "lease ends"),
];

/// What can be done next. Empty if there are no servers yet.
pub(super) fn choices(runner: &ScenarioRunner) -> Choices {
    let Some(world) = &runner.world else { return Choices::default() };
    let ids: Vec<ServerId> = world.cluster.servers().iter().copied().collect();
    Choices {
        cluster: of_cluster(world, &ids),
        servers: ids.iter().map(|&id| of_server(world, id, &ids)).collect(),
        messages: of_messages(world),
        links: of_links(world, &ids),
    }
}

fn choice(name: &str, command: impl Into<String>) -> Choice {
    Choice { name: name.to_owned(), command: command.into() }
}

fn ways(ids: &[ServerId]) -> impl Iterator<Item = (ServerId, ServerId)> {
    let all = ids.iter().flat_map(|&from| ids.iter().map(move |&to| (from, to)));
    all.filter(|(from, to)| from != to)
}

fn of_cluster(world: &Scripted, ids: &[ServerId]) -> Vec<Choice> {
    let mut all = Vec::new();
    if world.in_flight().any(|(_, held)| !held) {
        all.push(choice("deliver all", "deliver"));
    }
    if ids.iter().any(|&id| world.cluster.is_up(id)) {
        all.push(choice("settle", "settle"));
    }
    if ways(ids).any(|(from, to)| world.is_cut(from, to)) {
        all.push(choice("heal all links", "heal"));
    }
    all
}

fn of_server(world: &Scripted, id: ServerId, ids: &[ServerId]) -> ServerChoices {
    let is_up = world.cluster.is_up(id);
    let mut commands = Vec::new();
    if is_up {
        let armed = TIMERS.iter().filter(|(timer, ..)| world.is_armed(id, *timer));
        commands.extend(armed.map(|(_, command, name)| choice(name, format!("{command} {id}"))));
        commands.push(choice("crash", format!("crash {id}")));
        if world.cluster.durable {
            commands.push(choice("end process", format!("kill {id}")));
        }
    } else {
        commands.push(choice("restart", format!("restart {id}")));
    }
    // A server in no group is alone.
    let others: Vec<String> =
        ids.iter().filter(|&&other| other != id).map(ToString::to_string).collect();
    if !others.is_empty() {
        commands.push(choice("cut off", format!("partition {}", others.join("/"))));
    }
    let role = world.cluster.node(id).map_or("down".to_owned(), |node| node.role().to_string());
    ServerChoices { server: id.to_string(), role, commands, is_up, expect: expect(world, id) }
}

/// What is true of a server now, as a line of a script.
fn expect(world: &Scripted, id: ServerId) -> String {
    let Some(node) = world.cluster.node(id) else { return format!("expect {id} down") };
    let vote = node.voted_for().map_or("none".to_owned(), |vote| vote.to_string());
    let terms: Vec<String> =
        world.cluster.log(id).iter().map(|entry| entry.term.to_string()).collect();
    let log = if terms.is_empty() { "none".to_owned() } else { terms.join("/") };
    let (role, term) = (node.role(), node.current_term());
    let mut line = format!("expect {id} {role} term={term} vote={vote} log={log}");
    if node.commit_index().0 > 0 {
        let _ = write!(line, " commit={}", node.commit_index());
    }
    line
}

fn of_messages(world: &Scripted) -> Vec<MessageChoices> {
    let of_one = |(place, (message, held)): (usize, (&simulator::Message, bool))| {
        let command = |act: MessageAct| {
            let selector = world.selector(place, act)?;
            Some(choice(act.name(), format!("{} {selector}", act.name())))
        };
        MessageChoices {
            // Messages are numbered from 1, and the recorder was there from the beginning.
            message: message.id.0.saturating_sub(1),
            copy: message.copy,
            words: message.to_string(),
            held,
            commands: MessageAct::ALL.into_iter().filter_map(command).collect(),
        }
    };
    world.in_flight().enumerate().map(of_one).collect()
}

fn of_links(world: &Scripted, ids: &[ServerId]) -> Vec<Choice> {
    let of_way = |(from, to)| {
        let act = if world.is_cut(from, to) { "heal" } else { "cut" };
        choice(&format!("{act} {from} to {to}"), format!("{act} from={from} to={to}"))
    };
    ways(ids).map(of_way).collect()
}
