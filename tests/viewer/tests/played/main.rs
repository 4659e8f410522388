//! Worlds that are played, without a page: commands, scripts, undo, rebuilt code, and servers that go wrong.
//!
//! The servers are small ones (`examples/specimen-gate.rs`), behind the gate that a learner's servers are behind.

mod selectors;
#[path = "../support/specimen.rs"]
mod specimen;

use std::fs;
use std::process::Command;

use simulator::Outcome;
use viewer::play::{Session, Terminal};

use specimen::Specimen;

/// A session whose script is this one.
fn begun(specimen: &Specimen, script: &str) -> Session {
    Session::begin(specimen.order(script)).unwrap()
}

#[test]
fn a_command_is_carried_out_once_and_can_be_taken_back() {
    let specimen = Specimen::new();
    let mut session = begun(&specimen, "cluster 3\n");
    session.command("timeout S1").unwrap();
    session.command("deliver kind=RequestVote").unwrap();
    let script = "cluster 3\ntimeout S1\ndeliver kind=RequestVote\n";
    assert_eq!((session.script(), session.fault()), (script, None));
    let told = session.told();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].starts_with("S2  -       term 1  vote S1"), "{told:?}");
    session.undo().unwrap();
    assert_eq!(session.script(), "cluster 3\ntimeout S1\n");
    session.redo().unwrap();
    assert_eq!(session.script(), script);
    for _ in 0..2 {
        session.undo().unwrap();
    }
    assert_eq!(session.script(), "cluster 3\n");
    // What came with the order can be taken back as well, and then there is nothing.
    session.undo().unwrap();
    assert_eq!(session.script(), "");
    session.undo().unwrap();
    assert_eq!(session.fault().unwrap().happened, "there is no command to take back");
}

#[test]
fn a_command_that_fails_leaves_nothing_behind() {
    let specimen = Specimen::new();
    let script = "cluster 3\ntimeout S1\nduplicate to=S2\nhold to=S3\n";
    let mut session = begun(&specimen, script);
    let before = session.state();
    for (line, outcome, what) in [
        ("dance", Outcome::Script, "`dance` is not a command"),
        ("", Outcome::Script, "the line is empty"),
        ("timeout S1\ntimeout S2", Outcome::Script, "a request is about one line"),
        ("timeout S9", Outcome::Script, "there is no server S9"),
        ("deliver kind=(", Outcome::Script, "cannot be read"),
        ("cluster 3", Outcome::Script, "one `cluster`"),
        ("deliver kind=AppendEntries", Outcome::Red, "in the network are S1→S2 RequestVote"),
        ("heartbeat S1", Outcome::Red, "S1 has no heartbeat timer running"),
        ("expect S2 leader", Outcome::Red, "S2's role: follower"),
        ("client S2 \"panic\"", Outcome::Panicked, "S2 panics: the client wanted it"),
        ("client S2 \"abort\"", Outcome::Panicked, "the process of the servers has ended"),
        ("client S2 \"loop\"", Outcome::Panicked, "did not finish within"),
        ("repeat 2 last=9", Outcome::Script, "there are 4 commands before this one"),
    ] {
        session.command(line).unwrap();
        let fault = session.fault().unwrap_or_else(|| panic!("{line} does not fail"));
        assert_eq!(fault.outcome, outcome, "{line}: {fault:?}");
        assert!(fault.happened.contains(what), "{line}: {fault:?}");
        let now = session.state();
        assert_eq!(now.script, before.script, "{line}");
        assert_eq!(now.choices, before.choices, "{line}");
        assert_eq!(now.commands, before.commands, "{line}");
    }
    // The world goes on.
    session.command("timeout S2").unwrap();
    assert_eq!(session.fault(), None);
}

#[test]
fn the_run_that_breaks_a_property_is_shown_with_its_evidence() {
    let specimen = Specimen::new();
    let mut session = begun(&specimen, "cluster 3\ntimeout S1\nsettle\n");
    session.command("client S2 \"usurp\"").unwrap();
    let state = session.state();
    let fault = state.fault.as_ref().unwrap();
    assert_eq!((fault.outcome, fault.line), (Outcome::Broken, 4));
    assert_eq!(fault.expected, "Election Safety holds after every event");
    assert!(state.failed && state.recording.end.moments.len() == 2, "{:?}", state.recording.end);
    assert_eq!(state.recording.places["request_vote"], "vote.rs:7");
    assert_eq!(state.choices.servers[1].role, "follower");
    session.command("settle").unwrap();
    assert!(!session.state().failed && session.fault().is_none());
}

#[test]
fn a_script_is_edited_as_a_whole_and_runs_as_far_as_it_holds() {
    let specimen = Specimen::new();
    let mut session = begun(&specimen, "cluster 3\n");
    let text = "cluster 3\ntimeout S1\n---\n\n# Why.\nsettle\ntimeout S7\nsettle\n---\n";
    session.edit(text).unwrap();
    let state = session.state();
    assert_eq!((state.script.as_str(), state.fails), (text, true));
    let fault = state.fault.unwrap();
    assert_eq!((fault.line, fault.command.as_str()), (7, "timeout S7"));
    assert_eq!(session.script(), "cluster 3\ntimeout S1\n---\n\n# Why.\nsettle\n");
    // Nothing can be added behind a line that fails.
    session.command("settle").unwrap();
    assert!(session.state().notice.starts_with("Line 7 of the script fails."));
    session.leave_out();
    session.command("settle").unwrap();
    assert_eq!(session.script(), "cluster 3\ntimeout S1\n---\n\n# Why.\nsettle\nsettle\n");
    session.continue_after(2).unwrap();
    assert_eq!(session.script(), "cluster 3\ntimeout S1\n");
    session.undo().unwrap();
    assert!(session.script().ends_with("settle\nsettle\n"));
    // A line that never ends is found among the others.
    session.edit("cluster 3\nsettle\nclient S1 \"loop\"\nsettle\n").unwrap();
    let fault = session.fault().unwrap();
    assert_eq!((fault.line, fault.command.as_str()), (3, "client S1 \"loop\""));
    assert_eq!(session.script(), "cluster 3\nsettle\n");
    // What cannot be read at all is a fault of its line.
    session.edit("cluster 3\n---\nsettle\n").unwrap();
    assert_eq!(session.fault().unwrap().line, 3);
}

#[test]
fn a_script_that_fails_at_once_is_taken_back_line_by_line() {
    let specimen = Specimen::new();
    let text = "cluster 3\ntimeout S1\ntimeout S9\n";
    let mut session = begun(&specimen, text);
    let fault = session.fault().unwrap();
    assert_eq!((fault.line, fault.command.as_str()), (3, "timeout S9"));
    session.undo().unwrap();
    assert_eq!((session.script(), session.fault()), ("cluster 3\ntimeout S1\n", None));
    session.undo().unwrap();
    assert_eq!((session.script(), session.fault()), ("cluster 3\n", None));
    for _ in 0..2 {
        session.redo().unwrap();
    }
    assert_eq!((session.state().script.as_str(), session.state().fails), (text, true));
}

#[test]
fn rebuilt_code_runs_the_script_again_and_differences_are_marked() {
    let specimen = Specimen::new();
    let mut session = begun(&specimen, "cluster 3\ntimeout S1\nsettle\nexpect S1 leader\n");
    assert!(!session.has_changed());
    session.rebuild().unwrap();
    assert_eq!(session.state().notice, "Your code is rebuilt. The script does the same as before.");
    specimen.put("edited");
    assert!(session.has_changed());
    session.rebuild().unwrap();
    assert!(!session.has_changed());
    let state = session.state();
    let lines: Vec<u64> = state.differences.iter().map(|difference| difference.line).collect();
    assert_eq!(lines, [2, 3, 4]);
    let what = &state.differences[0].what;
    assert_eq!(what[0], "- S1  -       term 1  vote S1  log -");
    assert_eq!(what[1], "+ S1  -       term 3  vote S1  log -");
    // A line that fails on the new code stays in the script, to be looked at.
    session.command("expect S1 term=3").unwrap();
    specimen.remove("edited");
    session.rebuild().unwrap();
    let state = session.state();
    assert!(state.fails && state.script.ends_with("expect S1 term=3\n"), "{state:?}");
    assert_eq!(state.fault.unwrap().line, 5);
    // Code that does not compile changes nothing but what is said.
    specimen.put("broken");
    session.rebuild().unwrap();
    assert!(session.state().notice.contains("does not compile"), "{}", session.state().notice);
    assert!(session.state().notice.contains("error: expected `;`"));
    assert!(!session.has_changed(), "the same errors are not built again");
}

#[test]
fn a_saved_script_is_a_check_like_any_other() {
    let specimen = Specimen::new();
    let mut session = begun(&specimen, "cluster 3\n");
    for line in ["timeout S1", "settle", "expect S1 leader term=1"] {
        session.command(line).unwrap();
    }
    session.save(Some("one-leader"));
    assert_eq!(session.state().notice, "Saved as target/play/one-leader.scenario.");
    let passes = |name: &str| {
        let folder = specimen.root().join("target/play");
        let mut gate = Command::new(specimen::gate());
        gate.env("RAFT_LAB_SCENARIOS", folder).args(["--exact", name]);
        let output = gate.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(said.contains("1 passed") || said.contains("1 failed"), "{said}");
        output.status.success()
    };
    assert!(passes("2.4::played_one_leader"));
    // It fails when it should.
    let file = specimen.root().join("target/play/one-leader.scenario");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("term=1", "term=2")).unwrap();
    assert!(!passes("2.4::played_one_leader"));
}

#[test]
fn the_prompt_takes_the_same_commands() {
    let specimen = Specimen::new();
    let mut session = begun(&specimen, "cluster 3\n");
    let lines = "timeout S1\nwhat\nsettle\nclient S1 \"set x 1\"\nclient S2 \"panic\"\nsettle\nclient S1 \"print\"\nundo\nundo\nscript\nsave ../x\nquit\nnot read\n";
    let mut said = Vec::new();
    Terminal::silent(&mut session).run(lines.as_bytes(), &mut said);
    let said = String::from_utf8(said).unwrap();
    for words in [
        "  cluster 3\nS1  -       term 0  vote -   log -\n",
        "S1  -       term 1  vote S1  log -\n",
        "\n  deliver from=S1 to=S2 kind=RequestVote\n",
        "S1  leader  term 1  vote S1  log -\nS2  -       term 1  vote S1  log -\n",
        "\nclient \"set x 1\" at S1: refused\n",
        "✗ line 5: client S2 \"panic\"\n  expected  S2 handles: client request c2\n  happened  S2 panics: \
         the client wanted it\n  at        tests/viewer/examples/specimen-gate.rs:",
        "  It is undone.\nnothing has changed\n",
        "  | a line of the learner's own\n",
        "cluster 3\ntimeout S1\nsettle\nclient S1 \"set x 1\"\n`../x` is not a name for a scenario",
    ] {
        assert!(said.contains(words), "no `{words}` in:\n{said}");
    }
    assert!(!said.contains("not read"));
}
