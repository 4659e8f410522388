//! What learners read about storms and scenarios: which exercise they blame, and what has happened before.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gates::simulator::NodeFactory;
use gates::storm::{Goal, storms};
use gates::{Check, Failure, Kind, Outcome, SourceLine, Suite, run_here, scenario};
use protocol::{Effect, Event, KeyValue, Members, Node, RoleName, ServerId, Term, Timer};

/// A server that changes its vote whenever its election timer fires.
#[derive(Debug)]
struct Fickle {
    id: ServerId,
    vote: Option<ServerId>,
    members: Members,
    machine: KeyValue,
}

impl Node for Fickle {
    fn handle(&mut self, event: Event) -> io::Result<Vec<Effect>> {
        if event == Event::Timeout(Timer::Election) {
            let own = self.vote != Some(self.id);
            self.vote = Some(if own { self.id } else { ServerId(self.id.0 + 1) });
        }
        // Servers that all wait equally long would be red for that.
        let after = Duration::from_millis(150 + self.id.0);
        Ok(vec![Effect::SetTimer { timer: Timer::Election, after }])
    }
    fn role(&self) -> RoleName {
        RoleName::Follower
    }
    fn current_term(&self) -> Term {
        Term(0)
    }
    fn voted_for(&self) -> Option<ServerId> {
        self.vote
    }
    simulator::without_log!();
}

fn fickle() -> NodeFactory {
    Arc::new(|setup, _| {
        let (id, members) = (setup.id, setup.members);
        Box::new(Fickle { id, vote: None, members, machine: KeyValue::new() })
    })
}

fn told(module: &str, exercise: &str) -> gates::Report {
    let check = Check::new(exercise, "A storm", "its own reason", |context| {
        storms(context, &fickle(), Goal::StableLeader, 1..=1)
    });
    let subject = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../modules").join(module);
    let suite = Suite::new(module, subject.canonicalize().unwrap(), vec![check]);
    run_here(&suite, &suite.checks[0], 1)
}

#[test]
fn a_storm_that_sees_two_votes_blames_the_exercise_that_grants_them() {
    let report = told("02-election", "2.7");
    assert_eq!(report.outcome, Outcome::Failed);
    assert_eq!(report.exercise.to_string(), "2.7");
    assert_eq!(report.blames.map(|id| id.to_string()).as_deref(), Some("2.3"), "{}", report.text);
    for words in [
        "  exercise  2.3 Granting a vote\n            modules/02-election/src/vote.rs:",
        "(request_vote)",
        "The check itself belongs to exercise 2.7.",
        "cargo xtask check 2.7",
    ] {
        assert!(report.text.contains(words), "no `{words}` in:\n{}", report.text);
    }
}

#[test]
fn the_exercise_of_an_earlier_module_is_shown_in_its_own_folder() {
    let report = told("03-replication", "3.7");
    assert_eq!(report.blames.map(|id| id.to_string()).as_deref(), Some("2.3"));
    assert!(report.text.contains("modules/02-election/src/vote.rs:"), "{}", report.text);
}

#[test]
fn the_checks_own_exercise_is_not_blamed_twice() {
    let report = told("02-election", "2.3");
    assert_eq!((report.outcome, report.blames), (Outcome::Failed, None));
    assert!(report.text.contains("  exercise  2.3 ") && !report.text.contains("itself belongs"));
}

/// The failure of a learner's scenario.
fn own(name: &str, text: &str) -> Box<Failure> {
    let path = std::env::temp_dir().join(format!("{name}-{}.scenario", std::process::id()));
    std::fs::write(&path, text).unwrap();
    let failure = scenario::run(&path, "2.8".parse().unwrap(), fickle(), 1).unwrap_err();
    std::fs::remove_file(path).unwrap();
    failure
}

#[test]
fn a_learners_scenario_that_fails_shows_the_blocks_so_far_and_the_servers() {
    let text = "# First.\ncluster 1\ntimeout S1\n---\n\n# Second.\nexpect S1 vote=S2\n---\n";
    let failure = own("fails", text);
    assert!(failure.step.ends_with(".scenario:7: expect S1 vote=S2"), "{}", failure.step);
    assert_eq!(failure.why.as_deref(), Some("Second."));
    let notes = failure.notes.join("\n");
    for words in [
        "The servers at this line:\n  S1  -       term 0  vote S1  log -",
        "What the blocks before this one have shown:\n  cluster 1\n  timeout S1\n  ---\n  S1  -",
    ] {
        assert!(notes.contains(words), "no `{words}` in:\n{notes}");
    }
}

#[test]
fn a_scenario_that_cannot_be_read_breaks_no_rule() {
    for text in ["# First.\ncluster 1\nvote S1\n---\n", "cluster 1 (\n---\n", "cluster 1\n"] {
        let failure = own("unreadable", text);
        assert_eq!(failure.why.as_deref(), Some(""), "{failure:?}");
        assert!(failure.notes.is_empty());
    }
    let failure = own("succeeds", "cluster 1\n! timeout S1\n---\n");
    assert!(failure.happened.contains(".scenario:2: `!` says"), "{failure:?}");
}

#[test]
fn a_panic_in_a_function_of_an_earlier_exercise_blames_that_and_names_its_caller() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    let file = "modules/01-data-model/src/node.rs";
    let text = std::fs::read_to_string(root.join(file)).unwrap();
    let line = text.lines().position(|line| line.contains("fn peers")).unwrap() + 1;
    let place = SourceLine { file: file.to_owned(), line: u32::try_from(line).unwrap() };
    let panicked = move || Failure {
        kind: Kind::Panicked,
        place: Some(place.clone()),
        ..*Failure::new("no panic", "panic: ")
    };
    let check = Check::new("2.7", "A rule", "its own reason", move |_| Err(Box::new(panicked())));
    let suite = Suite::new("02-election", root.join("modules/02-election"), vec![check]);
    let report = run_here(&suite, &suite.checks[0], 1);
    assert_eq!(report.blames.map(|id| id.to_string()).as_deref(), Some("1.4"));
    for words in [
        format!("1.4 A new server, its peers, a majority\n            {file}:{line} (peers)"),
        "belongs to exercise 2.7:\n            modules/02-election/src/follower.rs:".to_owned(),
    ] {
        assert!(report.text.contains(&words), "no `{words}` in:\n{}", report.text);
    }
    assert!(!report.text.contains("its own reason"));
}
