//! Files that are damaged, or that another program has written: the runner goes on, and loses nothing.

#[path = "support/runner.rs"]
mod runner;
mod support;

use std::fs;

use support::Lab;

/// Lines that do not count, in the middle of lines that do.
const DAMAGED: &[u8] =
    b"\xef\xbb\xbfdone 0.1\r\nDone 0.2\r\ndone \xff\r\nbadge 7\r\nhint 0.3 1\r\ndone 1.";

#[test]
fn damage_to_the_progress_is_reported_and_nothing_else_is_lost() {
    let lab = Lab::new("progress-damaged");
    let progress = lab.0.join(".progress");
    fs::write(&progress, DAMAGED).unwrap();
    let words = [
        "warning: .progress, line 2, does not count: `Done 0.2`",
        "line 3, does not count: `done \u{fffd}`",
        "line 6, does not count: `done 1.`",
        "The other lines count",
    ];
    let status = lab.run(&["status"]);
    status.expect(0, &words).expect(0, &["✔ 0.1", "Next: 0.2"]);
    assert_eq!(status.text.matches("line 2, ").count(), 1, "{}", status.text);
    lab.run(&["status", "--json"]).expect(0, &words);
    assert_eq!(fs::read(&progress).unwrap(), DAMAGED, "a command that only reads has written");

    let said = lab.run(&["hint"]);
    said.expect(0, &words)
        .expect(0, &["0.2", "Hint 1 of", "a copy of the file is in .kept/001-progress."]);
    assert_eq!(said.text.matches("line 2, ").count(), 1, "{}", said.text);
    assert_eq!(fs::read(lab.0.join(".kept/001-progress/.progress")).unwrap(), DAMAGED);
    let now = lab.read(".progress");
    assert!(now.ends_with("\ndone 0.1\nhint 0.2 1\nhint 0.3 1\nbadge 7\n"), "{now}");
    let said = lab.run(&["hint"]);
    assert!(!said.text.contains("warning"), "{}", said.text);
    assert!(!lab.0.join(".kept/002-progress").exists());
}

#[test]
fn a_file_without_any_good_line_is_reported_in_a_few_lines() {
    let lab = Lab::new("progress-binary");
    fs::write(lab.0.join(".progress"), b"\x00\x01\x02\n".repeat(500)).unwrap();
    let said = lab.run(&["status"]);
    said.expect(0, &["has 500 such lines in all", "Next: 0.1"]);
    assert_eq!(said.text.matches("does not count").count(), 3, "{}", said.text);
    let words = ["skipped 0.1\n"];
    lab.run(&["skip", "0.1"]).expect(0, &[".kept/001-progress"]);
    assert!(lab.read(".progress").ends_with(words[0]));
}

#[test]
fn a_folder_in_place_of_the_progress_stops_only_commands_that_must_write_it() {
    let lab = Lab::new("progress-folder");
    fs::create_dir(lab.0.join(".progress")).unwrap();
    let before = lab.tree();
    let cannot = ".progress cannot be read";
    lab.run(&["status"]).expect(0, &[cannot, "Make it a readable file", "Next: 0.1"]);
    lab.run(&["hint"]).expect(2, &["Hint 1 of", cannot, "no progress can be saved", "check --all"]);
    lab.run(&["skip", "0.1"]).expect(2, &[cannot]);
    lab.run(&["reset", "1", "--yes"]).expect(2, &[cannot]);
    lab.assert_unchanged(&before);
}

const NODE: &str = "modules/01-data-model/src/node.rs";
const VOTE: &str = "modules/02-election/src/vote.rs";

#[test]
fn a_reset_touches_no_file_that_is_not_text() {
    let lab = Lab::new("reset-latin-1");
    let mine = [b"// caf\xe9\n".as_slice(), &fs::read(lab.0.join(VOTE)).unwrap()].concat();
    fs::write(lab.0.join(VOTE), &mine).unwrap();
    let before = lab.tree();
    let words = ["vote.rs", "line 1: it is not UTF-8 text", "reset election"];
    lab.run(&["reset", "2.3", "--yes"]).expect(2, &words);
    lab.assert_unchanged(&before);
    // It is still found where it is.
    lab.run(&["status", "--json"]).expect(0, &[]);
    lab.run(&["reset", "2", "--yes"]).expect(0, &["vote.rs", ".kept/001-reset-02-election"]);
    assert_eq!(lab.read(VOTE), lab.read(".pristine/02-election/src/vote.rs"));
    assert_eq!(fs::read(lab.0.join(".kept/001-reset-02-election").join(VOTE)).unwrap(), mine);
}

#[test]
fn a_reset_with_damaged_progress_works_and_notes_it() {
    let lab = Lab::new("reset-damaged");
    lab.write(".progress", "done 1.4\ndone 1.");
    let stub = lab.read(NODE);
    lab.write(NODE, &stub.replacen("todo!(\"exercise 1.4\")", "Index(7)", 1));
    lab.run(&["reset", "1.4", "--yes"]).expect(0, &["line 2", ".kept/001-reset-1.4"]);
    assert_eq!(lab.read(NODE), stub);
    assert!(!lab.read(".progress").contains("done 1"), "{}", lab.read(".progress"));
}

#[test]
fn files_from_windows_keep_the_endings_of_their_lines() {
    let lab = Lab::new("windows");
    let windows = |text: &str| text.replace('\n', "\r\n");
    let stub = windows(&lab.read(NODE));
    lab.write(NODE, &stub);
    // As it was handed out, but for the endings.
    let places = |lab: &Lab| lab.run(&["status", "--json"]).expect(0, &[]).text.clone();
    let before = places(&lab);
    lab.run(&["reset", "1.4", "--yes"]).expect(0, &["1.4 is as it was handed out.\n"]);
    lab.run(&["reset", "1", "--yes"]).expect(0, &["01-data-model is as it was handed out.\n"]);
    lab.write(NODE, &stub.replacen("todo!(\"exercise 1.4\")", "Index(7)", 1));
    lab.run(&["reset", "1.4", "--yes"]).expect(0, &[NODE]);
    assert_eq!(lab.read(NODE), stub);
    lab.write(NODE, "// mine\r\n");
    lab.run(&["reset", "1", "--yes"]).expect(0, &[NODE]);
    assert_eq!(lab.read(NODE), stub);
    assert_eq!(places(&lab), before);

    let manifest = windows(&lab.read("Cargo.toml"));
    lab.write("Cargo.toml", &manifest);
    lab.run(&["use", "1", "solution"]).expect(0, &["01-data-model"]);
    let now = lab.read("Cargo.toml");
    let changed: Vec<(&str, &str)> =
        manifest.lines().zip(now.lines()).filter(|(old, new)| old != new).collect();
    assert_eq!(changed.len(), 1, "{changed:?}");
    assert_eq!(now.matches('\n').count(), now.matches("\r\n").count());
    lab.run(&["use", "1", "mine"]).expect(0, &["Yours again"]);
    assert_eq!(lab.read("Cargo.toml"), manifest);
}

#[test]
fn drafts_of_a_killed_runner_are_no_change() {
    let lab = Lab::new("drafts");
    let drafts = ["modules/02-election/src/.vote.rs.1a2b3c.tmp", "..progress.1a2b3c.tmp"];
    for draft in drafts {
        lab.write(draft, "half");
    }
    lab.run(&["reset", "2", "--yes"]).expect(0, &["02-election is as it was handed out.\n"]);
    assert!(!lab.0.join(".kept").exists());
    for draft in drafts {
        assert!(!lab.0.join(draft).exists(), "{draft} is still there");
    }
}

/// Some learners keep their work in another folder, for example in one that is synchronised.
#[cfg(unix)]
#[test]
fn links_stay_links() {
    let lab = Lab::new("links");
    let elsewhere = lab.0.join("target/elsewhere");
    fs::create_dir_all(&elsewhere).unwrap();
    fs::rename(lab.0.join(NODE), elsewhere.join("node.rs")).unwrap();
    for (name, link) in [("node.rs", NODE), ("progress", ".progress")] {
        std::os::unix::fs::symlink(elsewhere.join(name), lab.0.join(link)).unwrap();
    }
    let stub = lab.read(NODE);
    fs::write(elsewhere.join("node.rs"), "// mine\n").unwrap();
    lab.run(&["hint", "1.6"]).expect(0, &["Hint 1"]);
    lab.run(&["reset", "1", "--yes"]).expect(0, &[NODE]);
    for link in [NODE, ".progress"] {
        assert!(lab.0.join(link).is_symlink(), "{link} is no longer a link");
    }
    assert_eq!(fs::read_to_string(elsewhere.join("node.rs")).unwrap(), stub);
    assert!(fs::read_to_string(elsewhere.join("progress")).unwrap().contains("hint 1.6 1"));
}

/// As on a medium that cannot be written. No permission binds root, so for root this shows nothing.
#[cfg(unix)]
#[test]
fn in_a_tree_that_cannot_be_written_reading_works_and_writing_says_why_not() {
    use std::os::unix::fs::PermissionsExt as _;

    let lab = Lab::new("read-only");
    let mode = |mode| fs::set_permissions(&lab.0, fs::Permissions::from_mode(mode)).unwrap();
    let before = lab.tree();
    mode(0o555);
    let binds = fs::write(lab.0.join("probe"), "").is_err();
    if binds {
        lab.run(&["status"]).expect(0, &["Next: 0.1"]);
        lab.run(&["hint"]).expect(2, &["Hint 1 of", "cannot write", ".progress"]);
        lab.run(&["skip", "0.1"]).expect(2, &["cannot write", ".progress"]);
        lab.run(&["use", "1", "solution"]).expect(2, &["cannot write", "Cargo.toml"]);
    }
    mode(0o755);
    if binds {
        lab.assert_unchanged(&before);
    }
}
