//! `replay` and `play`: a learner makes the page of a run, of code that is right and of code that is wrong, and moves
//! servers at a prompt.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use super::learner::{done, module};
use super::workshop::Workshop;

/// A vote that is not noted: a server then votes for everyone who asks.
const VOTES: &str = "modules/02-election/src/vote.rs";

/// A page is at most this large if its check fails, in bytes.
const MOST: usize = 100_000;

pub(super) fn run(workshop: &Workshop) -> Result<()> {
    workshop.tidy()?;
    for name in ["0", "1", "2"] {
        workshop.solve(&module(workshop, name)?, 100)?;
    }
    let ids = ["0.1", "0.2", "0.3"].map(str::to_owned);
    let built_on = &module(workshop, "1")?.exercises;
    done(
        workshop,
        &[&ids[..], &built_on.iter().map(|it| it.id.to_string()).collect::<Vec<_>>()].concat(),
    )?;

    // A scenario, by its name.
    let scenario = "a_candidate_with_the_votes_of_a_majority_leads";
    workshop.xtask(&["replay", scenario])?.expect(0, &["The page is target/replays/"])?;
    let page = page(workshop, scenario)?;
    ensure!(page.contains("election_timeout"), "the page names no rule");
    ensure!(page.contains("modules/02-election/src/"), "the page does not say where a rule is");

    // A recording can be shown again; what is none is explained.
    let json = format!("target/replays/{scenario}.json");
    workshop
        .xtask(&["replay", &json, "--out", "target/again.html"])?
        .expect(0, &["target/again.html"])?;
    let root = workshop.course().root.clone();
    let text = fs::read_to_string(root.join(&json)).context("the recording")?;
    fs::write(root.join("target/cut.json"), &text[..text.len() / 2])?;
    workshop.xtask(&["replay", "target/cut.json"])?.expect(2, &["it is cut off after"])?;
    let figure = ["draw", &json, "--out", "target/figure.svg"];
    workshop.xtask(&figure)?.expect(0, &["The figure is target/figure.svg"])?;
    let text = ["draw", &json, "--format", "text"];
    workshop.xtask(&text)?.expect(0, &["S1: leader, term 3", "┃ leader"])?;
    workshop.xtask(&["replay", "no_such_scenario"])?.expect(2, &["no_such_scenario"])?;

    play(workshop)?;

    // A red check: the text names the command, and the page shows the evidence.
    let path = Path::new(VOTES);
    let right = fs::read_to_string(root.join(path)).context(VOTES)?;
    let wrong = right.replacen("node.voted_for = Some(request.candidate_id);", "", 1);
    ensure!(wrong != right, "{VOTES} notes no vote any more; change this test");
    fs::write(root.join(path), wrong)?;
    workshop.xtask(&["check", "2"])?.expect(1, &["cargo xtask replay"])?;
    let said = workshop.xtask(&["replay", "--out", "target/red.html"])?;
    said.expect(0, &["target/red.html"])?;
    let page = fs::read_to_string(root.join("target/red.html")).context("the page")?;
    ensure!(page.contains("\"moments\":[{"), "the page of a red check has no moments");
    ensure!(page.len() <= MOST, "the page of a red check has {} bytes", page.len());
    Ok(())
}

/// A world of the learner's servers is moved at a prompt: a new cluster, and one from the first lines of a scenario. What
/// is saved can be replayed.
fn play(workshop: &Workshop) -> Result<()> {
    // No exercise of module 2 is recorded as done, so the servers have the rules of the first.
    workshop
        .xtask_reading(&["play", "--module", "2", "--terminal"], "what\nquit\n")?
        .expect(0, &["with the rules up to exercise 2.1", "timeout S1"])?;
    // With a scenario, they have those of its exercise.
    let scenario = "a_candidate_with_the_votes_of_a_majority_leads";
    let root = &workshop.course().root;
    let file = root.join("tests/02-election").join(scenario).with_extension("scenario");
    let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    let line = text.lines().position(|line| line.starts_with("cluster")).context("a cluster")? + 1;
    let lines = "given S1 role=candidate term=3\nreply S1 RequestVote from=S2 term=3 granted=yes\n\
                 reply S1 RequestVote from=S4 term=3 granted=yes\nexpect S1 leader term=3\ndance\n\
                 timeout S99\nsave by-hand\nquit\n";
    let words = ["play", scenario, "--to", &line.to_string(), "--terminal"];
    workshop.xtask_reading(&words, lines)?.expect(
        0,
        &[
            "S1  leader  term 3",
            "`dance` is not a command",
            "there is no server S99",
            "Saved as target/play/by-hand.scenario",
        ],
    )?;
    workshop
        .xtask(&["replay", "target/play/by-hand.scenario"])?
        .expect(0, &["The page is target/replays/by-hand.html"])?;
    workshop
        .xtask(&["play", scenario, "--to", "999", "--terminal"])?
        .expect(2, &["no line 999"])?;
    workshop.xtask(&["play", "--module", "0"])?.expect(2, &["no servers to play with"])?;
    Ok(())
}

fn page(workshop: &Workshop, name: &str) -> Result<String> {
    let path = workshop.course().root.join("target/replays").join(name).with_extension("html");
    fs::read_to_string(&path).with_context(|| path.display().to_string())
}
