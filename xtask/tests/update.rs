//! `update`: a newer course comes in, and nothing that a learner wrote is lost.

#[path = "support/course.rs"]
mod course;
#[path = "support/runner.rs"]
mod runner;
mod support;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use course::{Files, LOG, OWN, VOTE, assert_kept};
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use support::Lab;

#[test]
fn what_fits_moves_and_the_rest_is_kept_and_reported() {
    let lab = Lab::new("update");
    let newer = Lab::newer("update-newer");
    lab.work();
    let before = lab.tree();
    let path = newer.0.to_str().unwrap();

    // Asked what would happen, it does nothing; neither does it without an answer.
    let words = [
        "move to the new course",
        "`request_vote`: its signature has changed",
        "Nothing was changed",
    ];
    lab.run(&["update", path, "--dry-run"]).expect(0, &words);
    lab.run(&["update", path]).expect(2, &["no terminal to ask on; add `--yes`"]);
    lab.assert_unchanged(&before);

    lab.update(
        path,
        0,
        &[
            "02-election/src/vote.rs: `is_up_to_date`",
            "`Log::last_term`: the new course has no exercise of this name; `Log::newest_term` has the same signature",
            "follower.rs: `follow`: the new course has no such file",
            "tests/gates/src/lib.rs: the file: it is a given file that you have changed",
            "docs/performance.md: the file: the new course has no such file",
            "modules/02-election/src/extra.rs",
            "does not have these exercises: 2.7",
            "version 9.9.9",
            ".kept/001-update/NOT-MOVED.md",
            "Next: `cargo xtask check`",
        ],
    );
    let after = lab.tree();
    assert_kept(&before, &after);
    assert_learners_work_is_there(&lab, &newer);
    for path in
        ["docs/resources/notes/02-election.md", "my-notes.txt", "modules/02-election/src/extra.rs"]
    {
        assert_eq!(after[path], before[path], "{path}");
    }
    assert_the_rest_is_newer(&lab, &newer);
    let progress = "done 1.2\ndone 2.7\nskipped 2.3\nhint 2.7 2\nbadge early\n";
    assert_eq!(lab.read(".progress"), progress);
    lab.run(&["status"]).expect(0, &[]);

    // The second time, there is nothing to do.
    lab.update(path, 0, &["already the course in", "Nothing was changed"]);
    lab.assert_unchanged(&after);
}

/// What fits is in the files of the newer course, and the rest is in the list.
fn assert_learners_work_is_there(lab: &Lab, newer: &Lab) {
    let vote = lab.read(VOTE);
    let stub = newer.read(".pristine/02-election/src/vote.rs");
    let body = "helper(log.last_index().0, \"}\") > 0";
    let expected = stub.replacen("todo!(\"exercise 2.2\")", body, 1).replacen(
        "use crate::reset",
        "use std::collections::BTreeMap as Map;\nuse crate::reset",
        1,
    );
    for line in expected.lines() {
        assert!(vote.contains(line), "`{line}` is not in:\n{vote}");
    }
    assert!(
        vote.contains("In other words")
            && vote.contains("fn helper(a: u64")
            && vote.contains("now: u64")
    );
    assert!(vote.contains("todo!(\"exercise 2.3\")") && !vote.contains("let mine"), "{vote}");
    assert!(lab.read(LOG).contains("self.entries.len().into()"));
    let list = lab.read(".kept/001-update/NOT-MOVED.md");
    for text in ["let mine = request.term;", "Term(7)", "node.mine();", "`Log::last_term`"] {
        assert!(list.contains(text), "{list}");
    }
    assert!(lab.read("modules/02-election/src/lib.rs").contains("\nmod extra;\n"));
    assert!(lab.read(OWN).contains("cluster 3\ntimeout S1"));
}

/// All other files are those of the newer course, and no trace of the update is left.
fn assert_the_rest_is_newer(lab: &Lab, newer: &Lab) {
    for path in [
        "docs/news.md",
        "Cargo.toml",
        "tests/gates/src/lib.rs",
        "modules/05-persistence/src/frame.rs",
    ] {
        let from = path.replace("modules/05-persistence", ".pristine/05-persistence");
        assert_eq!(lab.read(path), newer.read(&from), "{path}");
    }
    for path in [
        "docs/performance.md",
        "modules/02-election/src/follower.rs",
        ".kept/update.tmp",
        ".kept/update.unfinished",
    ] {
        assert!(!lab.0.join(path).exists(), "{path}");
    }
}

/// A server of the learner's own design has no function that a newer course could name: written files stay byte for byte,
/// and given ones follow the course.
#[test]
fn a_server_of_ones_own_design_stays_as_it_is() {
    const SERVER: &str = "modules/open/src/server.rs";
    const ROLES: &str = "modules/open/src/roles.rs";
    const LIB: &str = "modules/open/src/lib.rs";
    let lab = Lab::new("update-open");
    let newer = Lab::newer("update-open-newer");
    newer.replace(".pristine/open/src/lib.rs", "//! The open path", "//! Newer: the open path");
    newer.replace(".pristine/open/src/server.rs", "//!", "//! Newer:");
    lab.write(SERVER, "//! My own Raft.\r\npub struct Server;\r\n");
    lab.write(ROLES, "//! Roles as types.\n");
    let before = lab.tree();
    lab.update(newer.0.to_str().unwrap(), 0, &["version 9.9.9"]);
    let after = lab.tree();
    assert_kept(&before, &after);
    for path in [SERVER, ROLES] {
        assert_eq!(after[path], before[path], "{path}");
    }
    assert_eq!(lab.read(LIB), newer.read(".pristine/open/src/lib.rs"));

    // A given file that the learner has changed is the learner's too.
    let latest = Lab::newer("update-open-latest");
    latest.replace("Cargo.toml", "version = \"9.9.9\"", "version = \"9.9.10\"");
    latest.replace(".pristine/open/src/lib.rs", "//! The open path", "//! Latest: the open path");
    lab.replace(LIB, "pub mod server;", "pub mod roles;\npub mod server;");
    let mine = lab.read(LIB);
    lab.update(latest.0.to_str().unwrap(), 0, &["version 9.9.10"]);
    assert_eq!(lab.read(LIB), mine);
}

/// All files of a tree but those of one person.
fn given(lab: &Lab) -> Files {
    let mut files = lab.tree();
    files.retain(|path, _| !path.starts_with(".progress") && !path.starts_with(".kept"));
    files
}

fn tar_gz(files: &Files) -> Vec<u8> {
    let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (path, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, format!("raft-lab-9/{path}"), &bytes[..]).unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap()
}

fn zip(files: &Files) -> Vec<u8> {
    let mut output = Vec::new();
    let mut archive = rawzip::ZipArchiveWriter::new(&mut output);
    for (path, bytes) in files {
        let path = format!("raft-lab-9/{path}");
        let file = archive.new_file(&path).compression_method(rawzip::CompressionMethod::DEFLATE);
        let (mut entry, config) = file.start().unwrap();
        let mut writer = config.wrap(DeflateEncoder::new(&mut entry, Compression::fast()));
        writer.write_all(bytes).unwrap();
        let (encoder, descriptor) = writer.finish().unwrap();
        encoder.finish().unwrap();
        entry.finish(descriptor).unwrap();
    }
    archive.finish().unwrap();
    output
}

#[test]
fn an_archive_is_as_good_as_a_folder() {
    let newer = Lab::newer("update-archive-newer");
    let files = given(&newer);
    let folder = tempfile::tempdir().unwrap();
    let mut trees = Vec::new();
    for (name, bytes) in [("c.tar.gz", tar_gz(&files)), ("c.zip", zip(&files)), ("", Vec::new())] {
        let lab = Lab::new("update-archive");
        lab.work();
        let archive = folder.path().join(name);
        let path = if name.is_empty() { &newer.0 } else { &archive };
        if !name.is_empty() {
            fs::write(&archive, &bytes).unwrap();
            fs::write(folder.path().join("cut"), &bytes[..bytes.len() / 2]).unwrap();
            let before = lab.tree();
            let cut = folder.path().join("cut");
            lab.update(
                cut.to_str().unwrap(),
                2,
                &["damaged", "download or copy it again", "Nothing was changed"],
            );
            lab.assert_unchanged(&before);
        }
        lab.update(path.to_str().unwrap(), 0, &["version 9.9.9"]);
        trees.push(lab.tree());
    }
    for (tree, name) in trees[..2].iter().zip(["c.tar.gz", "c.zip"]) {
        let paths: BTreeSet<&String> = tree.keys().chain(trees[2].keys()).collect();
        let different: Vec<&&String> =
            paths.iter().filter(|path| tree.get(**path) != trees[2].get(**path)).collect();
        assert!(different.is_empty(), "{name} leads to other files than a folder: {different:?}");
    }
}

#[test]
fn what_is_no_newer_course_is_rejected_and_nothing_changes() {
    let lab = Lab::new("update-rejects");
    lab.work();
    let newer = Lab::newer("update-rejects-newer");
    let before = lab.tree();
    let here = lab.0.to_str().unwrap();
    let path = newer.0.to_str().unwrap();
    let rejects = |path: &str, words: &[&str]| {
        lab.update(path, 2, words);
        assert!(lab.tree() == before, "{path}: a file differs from before");
    };
    lab.run(&["update"]).expect(2, &["<PATH>", "cargo xtask update ../raft-lab-2"]);
    rejects("../no such folder", &["no such folder", "name the folder or archive"]);
    rejects(here, &["is this tree itself"]);
    rejects("docs", &["not a course to update to: it has no Cargo.toml"]);
    rejects("README.md", &["README.md is neither a folder nor an archive"]);

    newer.replace("Cargo.toml", "version = \"9.9.9\"", "version = \"0.0.9\"");
    rejects(path, &["is version 0.0.9 of the course", "this tree is already version 0.1.0"]);
    newer.replace("Cargo.toml", "version = \"0.0.9\"", "version = \"9.9.9\"");
    fs::rename(newer.0.join(".pristine/02-election"), newer.0.join("aside")).unwrap();
    rejects(path, &["it has no .pristine/02-election/src"]);
    fs::rename(newer.0.join("aside"), newer.0.join(".pristine/02-election")).unwrap();
    newer.write("tests/02-election/exercises.toml", "module = [");
    rejects(path, &["tests/02-election/exercises.toml is not valid"]);
}

#[test]
fn a_tree_in_which_nobody_can_tell_what_the_learner_wrote_is_left_alone() {
    let newer = Lab::newer("update-damaged-newer");
    let path = newer.0.to_str().unwrap();
    let lab = Lab::new("update-damaged");
    let update = |words: &[&str]| {
        let before = lab.tree();
        lab.update(path, 2, words);
        lab.assert_unchanged(&before);
    };
    let stub = lab.read(VOTE);
    lab.write(VOTE, &stub.replacen('{', "{{", 1));
    update(&["vote.rs, line", "is never closed", "try again. Nothing was changed"]);
    fs::write(lab.0.join(VOTE), b"// \xff\n").unwrap();
    update(&["vote.rs, line 1: it is not UTF-8 text"]);
    lab.write(VOTE, &stub);

    fs::create_dir(lab.0.join("docs/news.md")).unwrap();
    update(&["docs/news.md is a folder here and a file in the new course"]);
    fs::remove_dir(lab.0.join("docs/news.md")).unwrap();

    fs::rename(lab.0.join(".pristine"), lab.0.join("aside")).unwrap();
    fs::rename(lab.0.join("solutions"), lab.0.join("aside2")).unwrap();
    update(&["does not say how 00-warm-up was handed out", "Copy the folder .pristine"]);
    // With the reference, the stubs are known.
    fs::rename(lab.0.join("aside2"), lab.0.join("solutions")).unwrap();
    lab.replace(VOTE, "todo!(\"exercise 2.2\")", "mine()");
    lab.update(path, 0, &["`is_up_to_date`", "no list of the files"]);
    assert!(lab.read(VOTE).contains("mine()"));
}

#[test]
fn handouts_and_switches_to_the_reference_stay_what_they_are() {
    let newer = Lab::newer("update-handout-newer");
    let around = tempfile::tempdir().unwrap();
    let (old, new) = (around.path().join("old"), around.path().join("new"));
    let lab = Lab::new("update-handout-full");
    lab.run(&["handout", old.to_str().unwrap()]).expect(0, &[]);
    newer.run(&["handout", new.to_str().unwrap()]).expect(0, &[]);
    let handout = Lab(old);
    handout.replace(VOTE, "todo!(\"exercise 2.2\")", "mine()");
    handout.update(new.to_str().unwrap(), 0, &["`is_up_to_date`", "version 9.9.9"]);
    assert!(!handout.0.join("solutions").exists());
    assert!(handout.read(VOTE).contains("mine()"));
    handout.update(new.to_str().unwrap(), 0, &["already the course"]);

    lab.run(&["use", "2", "solution"]).expect(0, &[]);
    let line = "election = { package = \"election-solution\", path = \"solutions/02-election\" }";
    lab.update(newer.0.to_str().unwrap(), 0, &["version 9.9.9"]);
    assert!(lab.read("Cargo.toml").contains(line));
    lab.update(newer.0.to_str().unwrap(), 0, &["already the course"]);
    lab.run(&["use", "2", "mine"]).expect(0, &["Yours again"]);
    assert_eq!(lab.read("Cargo.toml"), newer.read("Cargo.toml"));
}

/// Files of the tree before modules 6 and 7 were separated, when ids changed: `==> PATH`, then the text.
const BEFORE: &str = include_str!("update/before.txt");

#[test]
fn the_tree_of_the_first_version_is_brought_up_to_date() {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("update-before");
    let _ = fs::remove_dir_all(&root);
    let mut mine = Files::new();
    for file in BEFORE.split("==> ").skip(1) {
        let (path, text) = file.split_once('\n').unwrap();
        let write = |path: &str, text: &str| {
            fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
            fs::write(root.join(path), text).unwrap();
        };
        write(path, text);
        // The learner has written what the reference has, and something of their own.
        if let Some(path) = path.strip_prefix("solutions/") {
            let text = text
                .replace("// Exercise 2.3", "let mine = 7; // as I see it\n    // Exercise 2.3");
            write(&format!("modules/{path}"), &text);
            mine.insert(format!("modules/{path}"), text.into_bytes());
        }
    }
    let lab = Lab(root);
    lab.write(".progress", "done 1.2\ndone 1.3\ndone 2.3\ndone 2.7\ndone 6.10\nhint 6.1 1\n");
    let before = lab.tree();
    let origin = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let newer = Path::new(env!("CARGO_TARGET_TMPDIR")).join("update-before-newer");
    let newer = Lab::copied(origin, newer);
    lab.update(
        newer.0.to_str().unwrap(),
        0,
        &[
            "`Log::append`: the new course has no exercise of this name",
            "07-membership/src/configuration.rs: `append_entries`, `is_changing`, `may_campaign`, `election_timeout`",
            "`request_vote_reply`: its signature has changed",
            "does not have these exercises: 6.10.",
            "belong to other exercises: 1.3, 2.7.",
            "no list of the files that it was handed out with",
        ],
    );
    let after = lab.tree();
    assert_kept(&before, &after);
    let progress = lab.read(".progress");
    let expected = "\ndone 1.2\ndone 2.3\ndone 6.10\nhint 6.1 1\n";
    assert!(progress.ends_with(expected), "{progress}");
    let vote = lab.read(VOTE);
    assert!(vote.contains("let mine = 7; // as I see it"), "{vote}");
    let list = lab.read(".kept/001-update/NOT-MOVED.md");
    let words = "own.scenario\n\nthe file: the new course has no exercise for it";
    assert!(list.contains(words) && list.contains("self.entries.push(entry);"), "{list}");
    let own = lab.read("modules/07-membership/src/own.scenario");
    assert!(own.starts_with("# Exercise 7.7") && own.contains("todo"), "{own}");
    // The exercise was there already, as one of module 6.
    let compaction = lab.read("modules/06-snapshots/src/compaction.rs");
    assert!(!compaction.contains("todo!(\"exercise 6.1\")"), "{compaction}");
}

/// Some learners keep their work in another folder.
#[cfg(unix)]
#[test]
fn links_stay_links_in_the_tree_and_are_rejected_in_a_course() {
    use std::os::unix::fs::symlink;

    let lab = Lab::new("update-links");
    let newer = Lab::newer("update-links-newer");
    lab.replace(VOTE, "todo!(\"exercise 2.2\")", "mine()");
    let elsewhere = tempfile::tempdir().unwrap();
    fs::rename(lab.0.join(VOTE), elsewhere.path().join("vote.rs")).unwrap();
    symlink(elsewhere.path().join("vote.rs"), lab.0.join(VOTE)).unwrap();
    let src = "modules/01-data-model/src";
    fs::rename(lab.0.join(src), elsewhere.path().join("src")).unwrap();
    symlink(elsewhere.path().join("src"), lab.0.join(src)).unwrap();
    // A circle.
    symlink("..", lab.0.join("docs/up")).unwrap();

    symlink("/etc/passwd", newer.0.join("docs/passwd")).unwrap();
    let path = newer.0.to_str().unwrap();
    lab.update(path, 2, &["docs/passwd is a link or a device"]);
    fs::remove_file(newer.0.join("docs/passwd")).unwrap();

    lab.update(path, 0, &["`is_up_to_date`"]);
    assert!(lab.0.join(VOTE).is_symlink() && lab.0.join(src).is_symlink());
    let vote = fs::read_to_string(elsewhere.path().join("vote.rs")).unwrap();
    assert!(vote.contains("mine()") && vote.contains("now: u64"), "{vote}");
    let log = fs::read_to_string(elsewhere.path().join("src/log.rs")).unwrap();
    assert!(log.contains("newest_term"));
}
