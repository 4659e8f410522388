//! The runner as a learner uses it: the real program, on a copy of the tree. What needs a build is tested by
//! `cargo xtask verify`.

#[path = "support/runner.rs"]
mod runner;
mod support;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use runner::{run, run_hearing};
use support::Lab;

const LOG: &str = "modules/01-data-model/src/log.rs";
const NODE: &str = "modules/01-data-model/src/node.rs";

#[test]
fn without_a_command_it_shows_the_map_from_every_folder() {
    let lab = Lab::new("map");
    let words =
        ["Module 0", "Module 2", "Next: 0.1", "src/elections.rs:", "cargo xtask check", "quiz"];
    let at_root = lab.run(&[]);
    at_root.expect(0, &words);
    for folder in ["modules/01-data-model/src", "tests", "xtask"] {
        assert_eq!(lab.run_in(folder, &["status"]).text, at_root.text);
    }
    assert!(!lab.0.join(".progress").exists());
    at_root
        .expect(0, &["0.5  Leader Completeness", "the finish line", "a stretch", "status --all"]);
    assert!(at_root.text.lines().count() <= 24, "it does not fit a terminal:\n{}", at_root.text);
    assert!(at_root.text.lines().all(|line| line.chars().count() <= 80), "{}", at_root.text);
    lab.run(&["status", "--all"]).expect(0, &["1.9  The event queue", "7.10 Handing leadership"]);
}

#[test]
fn the_map_shows_what_is_done_and_counts_the_stretch_apart() {
    let lab = Lab::new("map-done");
    let all = lab.run(&["status", "--json"]).text;
    let answer: serde_json::Value = serde_json::from_str(&all).unwrap();
    let done = |last: u64| {
        let modules = answer["modules"].as_array().unwrap().iter();
        let modules = modules.filter(|module| module["number"].as_u64().unwrap() <= last);
        let core = modules.flat_map(|module| module["exercises"].as_array().unwrap());
        let core = core.filter(|exercise| exercise["bonus"] == false);
        let lines: Vec<String> =
            core.map(|e| format!("done {}\n", e["id"].as_str().unwrap())).collect();
        lab.write(".progress", &lines.concat());
        lab.run(&[])
    };
    let said = done(1);
    said.expect(0, &["15 of 56 exercises done\n", "? Module 1", "▶ 2.1", "Next: 2.1"]);
    assert!(!said.text.contains("1.1 "), "{}", said.text);
    let words = ["56 of 56 exercises done, and 0 of 7 of the stretch", "? Module 6", "Next: 7.1"];
    done(6).expect(0, &words);
    // Nothing of it was judged in this tree, so nothing is said to be done as it is now.
    let words = ["and 7 of 7 of the stretch", "not judged as it is now", "whether it still is"];
    done(7).expect(0, &words);
}

/// As with `cargo xtask … | head` after `head` has ended.
#[test]
fn a_command_does_its_work_even_if_nobody_reads_its_output() {
    let lab = Lab::new("unheard");
    lab.write(LOG, "// mine\n");
    let commands: [(&[&str], i32); 9] = [
        (&["status"], 0),
        (&["status", "--json"], 0),
        (&["--help"], 0),
        (&["quiz", "2"], 0),
        (&["map", "append_entries"], 0),
        (&["hint", "1.6"], 0),
        (&["skip", "1.2"], 0),
        (&["use", "1", "mine"], 0),
        (&["reset", "1", "--yes"], 0),
    ];
    for (arguments, code) in commands {
        let (listener, output) = std::io::pipe().unwrap();
        drop(listener);
        let ended = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .args(arguments)
            .current_dir(&lab.0)
            .env_remove("CARGO_MANIFEST_DIR")
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        let said = String::from_utf8(ended.stderr).unwrap();
        assert_eq!((ended.status.code(), said.as_str()), (Some(code), ""), "{arguments:?}");
    }
    assert_eq!(lab.read(".progress").lines().last(), Some("hint 1.6 1"), "a hint was not noted");
    assert_eq!(lab.read(LOG), lab.read(".pristine/01-data-model/src/log.rs"));
    // The same if the reader of an error message is gone.
    let (listener, output) = std::io::pipe().unwrap();
    drop(listener);
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    let ended = command.args(["check", "raft"]).current_dir(&lab.0).stderr(output).status();
    assert_eq!(ended.unwrap().code(), Some(2));
}

#[test]
fn the_map_of_a_row_leads_through_the_modules() {
    let lab = Lab::new("layers");
    let said = lab.run(&["map", "request_vote"]);
    said.expect(0, &["request_vote", "1. modules/02-election/src/vote.rs:", "not written yet"]);
    let all = lab.run(&["map"]);
    all.expect(0, &["election_timeout", "append_entries"]);
    assert!(all.text.lines().all(|line| line.chars().count() <= 120), "{}", all.text);
    lab.run(&["map", "vote"]).expect(2, &["no row `vote`", "request_vote"]);
}

#[test]
fn outside_the_tree_it_says_so() {
    let folder = std::env::temp_dir();
    run(&folder, &["status"]).expect(2, &["not inside the lab's tree"]);
}

#[test]
fn a_wrong_name_is_answered_with_the_valid_ones() {
    let lab = Lab::new("unknown");
    lab.run(&["check", "raft"]).expect(2, &["no module `raft`", "01-data-model, 02-election"]);
    lab.run(&["check", "1.99"]).expect(2, &["no exercise 1.99", "1.1, 1.2"]);
    lab.run(&["hint", "nine"]).expect(2, &["looks like 2.3"]);
    lab.run(&["check", "1.2.3"]).expect(2, &["looks like 2.3"]);
    lab.run(&["chekc"]).expect(2, &["check"]);
    lab.run(&["check", "1", "--all"]).expect(2, &["cannot be used with"]);
    lab.run(&["fuzz", "2", "--storm", "7"]).expect(2, &["--seed"]);
    for name in ["2", "02", "election", "02-election"] {
        lab.run(&["use", name, "mine"]).expect(0, &["02-election is already yours"]);
    }
}

#[test]
fn a_hint_says_more_each_time_and_never_less() {
    let lab = Lab::new("hint");
    let first = lab.run(&["hint"]).expect(0, &["0.1", "Hint 1 of 3", "says more"]).text.clone();
    assert!(!first.contains("Hint 2"));
    lab.run(&["hint", "0.1"]).expect(0, &["Hint 1 of 3", "Hint 2 of 3"]);
    lab.run(&["hint"]).expect(0, &["Hint 2 of 3", "Hint 3 of 3"]);
    lab.run(&["hint"]).expect(0, &["Hint 3 of 3", "no more hints", "skip 0.1"]);
    lab.run(&["hint", "2.3"]).expect(0, &["2.3", "Hint 1 of 3"]);
    assert!(lab.read(".progress").contains("hint 0.1 3\nhint 2.3 1\n"));
}

#[test]
fn each_function_has_hints_of_its_own() {
    let lab = Lab::new("hint-function");
    let first = lab.run(&["hint", "1.4"]);
    first.expect(0, &["`new`", "Hint 1 of 3", "hints for `peers`, `is_majority` too", "1.4 peers"]);
    lab.run(&["hint", "1.4"]).expect(0, &["`new`", "Hint 2 of 3"]);
    let other = lab.run(&["hint", "1.4", "is_majority"]);
    other.expect(
        0,
        &["`is_majority`", "Hint 1 of 3", "`cargo xtask hint 1.4 is_majority` says more"],
    );
    assert!(!other.text.contains("Hint 2"), "{}", other.text);
    let progress = lab.read(".progress");
    assert!(progress.contains("revealed 1.4 is_majority 1\nrevealed 1.4 new 2\n"), "{progress}");
    lab.run(&["hint", "1.4", "voters"]).expect(2, &["does not ask for `voters`", "new, peers"]);
    // Once a function is written, the next one is what the learner works on.
    let node = "modules/01-data-model/src/node.rs";
    let text = lab.read(node);
    lab.write(node, &text.replacen("todo!(\"exercise 1.4\")", "unimplemented!()", 1));
    lab.run(&["hint", "1.4"]).expect(0, &["`peers`", "Hint 1 of 3"]);
}

#[test]
fn what_others_got_wrong_is_shown_after_green_and_never_before() {
    let lab = Lab::new("after");
    lab.run(&["explain", "2.3"]).expect(2, &["exercise 2.3 is not done", "hint 2.3"]);
    lab.run(&["explain", "2.99"]).expect(2, &["no exercise 2.99", "02-election has 2.1"]);
    lab.write(".progress", "done 2.3\n");
    lab.run(&["explain", "2.3"]).expect(0, &["What you may have got wrong in 2.3:", "goraft#58"]);
}

#[test]
fn after_a_skipped_exercise_later_modules_build_on_the_reference() {
    let lab = Lab::new("skip");
    let before = lab.tree();
    lab.run(&["skip", "1.1"]).expect(0, &["is skipped", "is unchanged", "Next: 0.1"]);
    assert!(lab.read("Cargo.toml").contains("data-model = { package = \"data-model-solution\""));
    lab.run(&["status"]).expect(0, &["skipped", "reference", "Next: 0.1"]);
    lab.run(&["use", "data-model", "mine"]).expect(0, &["Yours again: 01-data-model"]);
    fs::remove_file(lab.0.join(".progress")).unwrap();
    lab.assert_unchanged(&before);
}

#[test]
fn using_the_reference_and_going_back_leaves_every_byte() {
    let lab = Lab::new("use");
    let before = lab.tree();
    lab.run(&["use", "election", "solution"]).expect(0, &["01-data-model, 02-election"]);
    assert!(lab.read("Cargo.toml").contains("# with election"));
    lab.run(&["use", "election", "solution"]).expect(0, &["already"]);
    lab.run(&["use", "election", "mine"]).expect(0, &["01-data-model, 02-election"]);
    lab.assert_unchanged(&before);
    lab.run(&["use", "election", "theirs"]).expect(2, &["mine", "solution"]);
}

#[test]
fn nothing_builds_on_the_warm_up() {
    let lab = Lab::new("warm-up");
    let before = lab.tree();
    lab.run(&["use", "0", "solution"]).expect(0, &["No other module builds on 00-warm-up"]);
    lab.run(&["skip", "0.1"]).expect(0, &["No later module builds on 00-warm-up", "Next: 0.2"]);
    for id in ["0.2", "0.3", "0.6"] {
        lab.run(&["skip", id]).expect(0, &["is skipped"]);
    }
    // The others may be postponed.
    lab.run(&["status"]).expect(0, &["may wait until module 4", "Next: 1.1"]);
    fs::remove_file(lab.0.join(".progress")).unwrap();
    lab.assert_unchanged(&before);
}

#[test]
fn a_reset_asks_and_keeps_what_was_there() {
    let lab = Lab::new("reset");
    let stub = lab.read(NODE);
    let mine = stub.replacen("todo!(\"exercise 1.4\")", "Index(7)", 1).replacen(
        "todo!(\"exercise 1.5\")",
        "Index(8)",
        1,
    );
    lab.write(NODE, &mine);
    lab.run(&["reset", "1.4"]).expect(2, &[NODE, "--yes"]);
    assert_eq!(lab.read(NODE), mine);
    lab.run(&["reset", "1.4", "--yes"]).expect(0, &["is in .kept/001-reset-1.4"]);
    assert_eq!(lab.read(NODE), stub.replacen("todo!(\"exercise 1.5\")", "Index(8)", 1));
    assert_eq!(lab.read(&format!(".kept/001-reset-1.4/{NODE}")), mine);

    lab.write("modules/01-data-model/src/extra.rs", "//! Mine.\n");
    lab.run(&["reset", "data-model", "--yes"]).expect(0, &["extra.rs", ".kept/002-reset"]);
    assert_eq!(lab.read(NODE), stub);
    assert!(!lab.0.join("modules/01-data-model/src/extra.rs").exists());
    lab.run(&["reset", "1", "--yes"]).expect(0, &["is as it was handed out"]);

    lab.write(NODE, "fn (\n");
    lab.run(&["reset", "1.4", "--yes"]).expect(2, &["line 1", "reset data-model"]);
}

#[test]
fn a_handout_needs_a_new_or_empty_folder() {
    let lab = Lab::new("handout");
    let inside = lab.0.join("docs").join("out");
    lab.run(&["handout", inside.to_str().unwrap()]).expect(2, &["inside this tree"]);
    lab.run(&["handout", lab.0.join("README.md").to_str().unwrap()]).expect(2, &["inside"]);
    let full = Path::new(env!("CARGO_TARGET_TMPDIR")).join("handout-full");
    fs::create_dir_all(full.join("x")).unwrap();
    lab.run(&["handout", full.to_str().unwrap()]).expect(2, &["already exists"]);
    fs::remove_dir_all(&full).unwrap();
    // The path is shown as it was given, and as docs/instructors/handing-out.md shows it.
    let out = lab.0.parent().unwrap().join("handout-out");
    let _ = fs::remove_dir_all(&out);
    lab.run(&["handout", "../handout-out"])
        .expect(0, &["The learner's tree is in ../handout-out.\n"]);
    assert!(
        out.join("modules").is_dir()
            && !out.join("solutions").exists()
            && !out.join("xtask/author").exists()
    );
    fs::remove_dir_all(&out).unwrap();
}

#[test]
fn a_learners_number_for_bug_hunts_is_drawn_once_and_a_course_can_give_another() {
    let lab = Lab::new("hunt");
    let said = lab.run(&["hunt"]);
    said.expect(0, &["Your number for bug hunts is ", ".progress alone"]);
    let progress = lab.read(".progress");
    let drawn = progress.lines().find_map(|line| line.strip_prefix("bugs ")).unwrap();
    assert!(drawn.len() == 5 && said.text.contains(drawn), "{progress}{}", said.text);
    assert_eq!(lab.run(&["hunt"]).text, said.text);
    let said = lab.run(&["hunt", "48213"]);
    said.expect(0, &["is 48213 now"]);
    assert!(!said.text.contains("unchanged"), "nothing was hunted yet: {}", said.text);
    // What was hunted before keeps its bug, or can have it back.
    lab.write("modules/02-election/src/hunt.scenario", "cluster 3\n---\n");
    let back = ["scenarios are unchanged", "`cargo xtask hunt 48213`"];
    lab.run(&["hunt", "17"]).expect(0, &back);
    fs::remove_file(lab.0.join(".progress")).unwrap();
    lab.run(&["hunt"]).expect(0, &["hunts is 0."]);
}

#[test]
fn a_course_derives_a_students_number_from_its_secret() {
    let lab = Lab::new("hunt-secret");
    lab.write("course.key", "autumn term\n");
    let number = |student: &str| {
        let said = lab.run(&["hunt", "--secret", "course.key", "--student", student]);
        said.expect(0, &[]);
        said.text.trim().parse::<u64>().unwrap()
    };
    assert_eq!(number("ada"), number("ada"));
    assert_ne!(number("ada"), number("ben"));
    assert!(!lab.0.join(".progress").exists(), "an instructor has no number");
    lab.write("course.key", " \n");
    lab.run(&["hunt", "--secret", "course.key", "--student", "ada"])
        .expect(2, &["course.key is empty"]);
    lab.run(&["hunt", "--secret", "no.key", "--student", "ada"])
        .expect(2, &["cannot read", "no.key"]);
    lab.run(&["hunt", "--secret", "course.key"]).expect(2, &["--student"]);
    lab.run(&["hunt", "7", "--student", "ada"]).expect(2, &["cannot be used with"]);
}

const NOTES: &str = "docs/resources/notes/02-election.md";

#[test]
fn a_quiz_explains_and_asks_again_what_was_answered_wrongly() {
    let lab = Lab::new("quiz");
    let quiz = |lines: &str| run_hearing(&lab.0, &["quiz", "2"], lines);
    quiz("")
        .expect(0, &["Module 2", "10 questions", "1. S1 leads term 1", "  a  S1 and", "0 of 10"]);
    assert!(!lab.0.join(".progress").exists(), "nothing is answered, but something is noted");
    let said = quiz("b\nmaybe\na\n\nq\n");
    said.expect(0, &["Right.", "one term at a time", "`maybe` is not an answer", "from a to c"]);
    said.expect(0, &["Not quite. It is (c).", "1 of 10 questions are answered", "quiz 2"]);
    let progress = lab.read(".progress");
    assert!(progress.contains("answered q2.2 wrong\nanswered q2.4 right\n"), "{progress}");
    let said = quiz("c\nb\n a, C \n");
    said.expect(0, &["9 of 10 questions are open", "2. Four servers", "4 of 10 questions are"]);
    assert!(!said.text.contains("1. S1 leads"), "{}", said.text);
    lab.run(&["quiz", "raft"]).expect(2, &["no module `raft`"]);
    lab.write(".progress", "skipped 0.1\nskipped 0.2\nskipped 0.3\nskipped 0.6\n");
    lab.run(&["quiz"]).expect(0, &["Module 1"]);
}

#[test]
fn a_quiz_repeats_what_was_missed_in_earlier_modules() {
    let lab = Lab::new("quiz-again");
    run_hearing(&lab.0, &["quiz", "0"], "b\nq\n").expect(0, &["Not quite. It is (a)."]);
    let skipped = "skipped 0.1\nskipped 0.2\nskipped 0.3\nskipped 0.6\n";
    lab.write(".progress", &format!("{}{skipped}", lab.read(".progress")));
    let said = run_hearing(&lab.0, &["quiz"], "a\nq\n");
    said.expect(0, &["Module 1", "From module 0, which you missed: S1 leads term 3", "Right."]);
    assert!(lab.read(".progress").contains("answered q0.1 right"), "{}", lab.read(".progress"));
    let said = run_hearing(&lab.0, &["quiz"], "q\n");
    assert!(!said.text.contains("which you missed"), "{}", said.text);
}

#[test]
fn an_answer_in_own_words_is_added_to_the_notes() {
    let lab = Lab::new("notes");
    fs::create_dir_all(lab.0.join(NOTES).parent().unwrap()).unwrap();
    lab.write(NOTES, "# Mine\n\nOld words");
    let answer = |lines: &str| {
        let lines = format!("{}{lines}", "\n".repeat(9));
        run_hearing(&lab.0, &["quiz", "election"], &lines).expect(0, &[NOTES]);
    };
    answer("RequestVote, step 2.\nSo that nobody votes twice.\n\n");
    let first = lab.read(NOTES);
    let (old, question) = first.split_once("## Messages can be lost").unwrap();
    assert_eq!(old, "# Mine\n\nOld words\n\n");
    let (_, answered) = question.split_once("\n\n").unwrap();
    assert_eq!(answered, "RequestVote, step 2.\nSo that nobody votes twice.\n");
    assert!(lab.read(".progress").contains("answered q2.5 noted\n"));
    lab.run(&["reset", "2", "--yes"]).expect(0, &[]);
    assert_eq!(lab.read(NOTES), first, "`reset` has touched the notes");
    fs::remove_file(lab.0.join(".progress")).unwrap();
    answer("Once more.");
    assert!(lab.read(NOTES).starts_with(&first) && lab.read(NOTES).ends_with("\n\nOnce more.\n"));
    fs::remove_file(lab.0.join(NOTES)).unwrap();
    fs::remove_file(lab.0.join(".progress")).unwrap();
    answer("New.");
    assert!(lab.read(NOTES).starts_with("# Notes on module 2: Leader election\n\n## Messages"));
}
