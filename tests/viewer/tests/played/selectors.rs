//! Each choice about a message is about that message alone.

use simulator::{MessageChoices, Outcome};

use super::begun;
use super::specimen::Specimen;

/// The messages in flight, each with what can be told of it: its number, its copy, and whether it is held back.
fn told(messages: &[MessageChoices]) -> Vec<(u64, u32, bool)> {
    messages.iter().map(|message| (message.message, message.copy, message.held)).collect()
}

/// What a command must do to the messages in flight, if it is about the one at `place` alone.
/// The number of a copy is taken from `now`: it must be a new one.
fn expected(
    before: &[(u64, u32, bool)],
    now: &[(u64, u32, bool)],
    place: usize,
    act: &str,
) -> Vec<(u64, u32, bool)> {
    let mut all = before.to_vec();
    let (message, _, held) = all[place];
    match act {
        "deliver" | "lose" => {
            all.remove(place);
        }
        "hold" | "release" => all[place].2 = act == "hold",
        "duplicate" => {
            let last = all.iter().rposition(|(other, ..)| *other == message).unwrap_or(place);
            let copy = now.get(last + 1).map_or(0, |(_, copy, _)| *copy);
            let copies = all.iter().filter(|(other, ..)| *other == message);
            assert!(copies.into_iter().all(|(_, other, _)| *other < copy), "{copy} is not new");
            all.insert(last + 1, (message, copy, held));
        }
        other => panic!("{other} is new"),
    }
    all
}

/// Twenty worlds full of copies and of messages that are held back; each choice of each message is tried.
#[test]
fn a_choice_about_a_message_is_about_it_alone() {
    let specimen = Specimen::new();
    let mut tried = 0;
    for seed in 1..=20_u64 {
        let mut session = begun(&specimen, "cluster 3\n");
        let mut random = seed;
        let mut next = |below: usize| {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(random >> 33).unwrap() % below
        };
        for _ in 0..8 {
            let state = session.state();
            let messages = &state.choices.messages;
            // Timers of the same server make messages that are alike but for their terms.
            let line = if messages.is_empty() || next(3) == 0 {
                format!("timeout S{}", 1 + next(3))
            } else {
                let commands = &messages[next(messages.len())].commands;
                commands[next(commands.len())].command.clone()
            };
            session.command(&line).unwrap();
            // A server that leads has no election timer.
            assert!(session.fault().is_none_or(|fault| fault.outcome == Outcome::Red), "{line}");
        }
        let state = session.state();
        let before = told(&state.choices.messages);
        for (place, message) in state.choices.messages.iter().enumerate() {
            for choice in &message.commands {
                session.command(&choice.command).unwrap();
                assert_eq!(session.fault(), None, "seed {seed}: {}", choice.command);
                let mut now = told(&session.state().choices.messages);
                if choice.name == "deliver" {
                    // What its arrival has caused is new, and so is behind.
                    now.truncate(before.len() - 1);
                }
                let expected = expected(&before, &now, place, &choice.name);
                assert_eq!(now, expected, "seed {seed}, {}: {}", message.words, choice.command);
                session.undo().unwrap();
                tried += 1;
            }
        }
    }
    assert!(tried > 200, "only {tried} choices were tried");
}
