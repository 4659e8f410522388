//! Exercise 2.7: a second of an election, run from the event queue of exercise 1.9.

use std::time::Duration;

use gates::{Check, Context, Scope, Verdict};

use super::model::demo;
use super::table;

const WHY: &str = "§5.2: servers start as followers, one of them times out first, wins, and stays leader by its \
     heartbeats. Here your event loop (1.6 to 1.8) runs your rules from your event queue (1.9).";

/// The paper's timeouts are below 300 ms: in two seconds even several split votes have ended.
const END: Duration = Duration::from_secs(2);

pub(super) fn checks() -> Vec<Check> {
    let claim = "Three of your servers, run from your own event queue, elect a leader";
    vec![Check::new("2.7", claim, WHY, elects).about("follow").scope(Scope::Scenario)]
}

fn elects(check: &mut Context) -> Verdict {
    let seed = check.seed();
    check.step(format!("run data_model::demo with the rules of module 2 and seed {seed}"));
    let run = demo::run_with(seed, table(7), END);
    let transcript = run.map_err(|error| check.failure("no error", format!("error: {error}")))?;
    let last = transcript.lines().last().unwrap_or_default();
    let expected = "one server leads after two seconds (marked by a star), and all are in its term";
    let mut terms: Vec<&str> = last.split_whitespace().rev().take(3).collect();
    let leaders = terms.iter().filter(|term| term.ends_with('*')).count();
    for term in &mut terms {
        *term = term.trim_end_matches('*');
    }
    terms.dedup();
    check.holds(
        leaders == 1 && terms.len() == 1,
        expected,
        format!("at the end:\n{transcript}"),
    )?;
    check.show(first_half_second(&transcript));
    Ok(())
}

/// What follows is heartbeats.
fn first_half_second(transcript: &str) -> String {
    let early = |line: &&str| {
        let time = line.split_whitespace().next().and_then(|word| word.parse().ok());
        time.is_none_or(|time: u64| time <= 500)
    };
    transcript.lines().take_while(early).collect::<Vec<_>>().join("\n") + "\n"
}
