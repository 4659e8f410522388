//! Words that are almost right: the runner understands them, or answers with the right ones.

#[path = "support/runner.rs"]
mod runner;
mod support;

use support::Lab;

#[test]
fn a_name_may_have_capitals_and_an_exercise_its_modules_name() {
    let lab = Lab::new("near-names");
    for name in ["Election", "ELECTION", "02-Election"] {
        lab.run(&["use", name, "mine"]).expect(0, &["02-election is already yours"]);
    }
    for name in ["election.3", "Election.3", "02-election.3", "2.3", "02.3"] {
        lab.run(&["reset", name, "--yes"]).expect(0, &["2.3 is as it was handed out"]);
    }
    lab.run(&["hint", "election.3"]).expect(0, &["2.3", "Hint 1 of"]);
    lab.run(&["check", "election.99"]).expect(2, &["no exercise 2.99", "02-election has 2.1, 2.2"]);
}

#[test]
fn a_typing_error_is_answered_with_the_nearest_module() {
    let lab = Lab::new("near-typing");
    for (typed, meant) in
        [("electoin", "election"), ("2-election", "election"), ("membershp", "membership")]
    {
        let words = [format!("did you mean `{meant}`?"), "The modules are 00-warm-up".to_owned()];
        lab.run(&["check", typed]).expect(2, &words.each_ref().map(String::as_str));
    }
    lab.run(&["quiz", "2.3"]).expect(2, &["no module `2.3`; did you mean `election`?"]);
    let said = lab.run(&["check", "raft"]);
    assert!(!said.expect(2, &[]).text.contains("did you mean"), "{}", said.text);
}

#[test]
fn a_module_in_place_of_an_exercise() {
    let lab = Lab::new("near-module");
    lab.write(".progress", "done 2.1\nskipped 2.2\n");
    lab.run(&["hint", "2"]).expect(0, &["2.3 ", "Hint 1 of"]);
    let words = ["one exercise is skipped at a time", "02-election has 2.1, 2.2", "skip 2.3"];
    lab.run(&["skip", "election"]).expect(2, &words);
    let done: Vec<String> = (1..20).map(|number| format!("done 2.{number}\n")).collect();
    lab.write(".progress", &done.concat());
    let words = ["Every exercise of module 2", "02-election has 2.1", "hint 2.1"];
    lab.run(&["hint", "2"]).expect(0, &words);
}

#[test]
fn a_missing_argument_is_answered_with_an_example() {
    let lab = Lab::new("near-missing");
    for (words, example) in [
        (&["skip"][..], "Example:\n  cargo xtask skip 2.3\n"),
        (&["use"], "  cargo xtask use election solution\n"),
        (&["reset", "--yes"], "  cargo xtask reset 2.3\n"),
        (&["handout"], "  cargo xtask handout ../raft-lab\n"),
    ] {
        lab.run(words).expect(2, &["not provided", example]);
    }
    lab.run(&["use", "2"]).expect(2, &["whose code? `cargo xtask use election mine`"]);
    lab.run(&["skip", "--help"]).expect(0, &["Example:\n  cargo xtask skip 2.3\n"]);
    let version = format!("cargo xtask {}\n", env!("CARGO_PKG_VERSION"));
    lab.run(&["--version"]).expect(0, &[&version]);
}

#[test]
fn storms_that_would_show_nothing_are_rejected_before_anything_is_built() {
    let lab = Lab::new("near-fuzz");
    for option in ["--runs", "--minutes"] {
        lab.run(&["fuzz", "2", option, "0"]).expect(2, &[option, "the number must be at least 1"]);
    }
    for name in ["0", "warm-up", "1"] {
        let said = lab.run(&["fuzz", name]);
        said.expect(2, &["has no storms; those with storms are 02-election, 03-replication"]);
        assert_eq!(said.text.lines().count(), 1, "{}", said.text);
        lab.run(&["fuzz", name, "--seed", "1", "--storm", "7"]).expect(2, &["has no storms"]);
    }
    assert!(!lab.0.join("target").exists(), "something was built");
}

/// With a program in the place of mdBook that writes one page.
#[cfg(unix)]
#[test]
fn the_book_goes_where_cargo_builds() {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    let lab = Lab::new("near-book");
    let program = "#!/bin/sh\nif [ \"$1\" = --version ]; then echo mdbook v0.5.0; exit; fi\n\
                   while [ \"$1\" != --dest-dir ]; do shift; done\n\
                   mkdir -p \"$2\" && echo page > \"$2/index.html\"\n";
    lab.write("mdbook", program);
    fs::set_permissions(lab.0.join("mdbook"), fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", lab.0.display(), std::env::var("PATH").unwrap());
    let book = |target: Option<&str>| {
        let mut command = runner::command(&lab.0, &["book"]);
        command.env("PATH", &path).env_remove("CARGO_TARGET_DIR");
        command.envs(target.map(|dir| ("CARGO_TARGET_DIR", dir)));
        runner::ended(command.spawn().unwrap())
    };
    book(Some("elsewhere")).expect(0, &["elsewhere/book/index.html"]);
    assert!(lab.0.join("elsewhere/book/index.html").exists() && !lab.0.join("target").exists());
    book(None).expect(0, &["target/book/index.html"]);
}
