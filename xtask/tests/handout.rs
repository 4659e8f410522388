//! `handout`: for a platform, again during a course, and with the reference of modules whose deadline is over.

#[path = "support/course.rs"]
mod course;
#[path = "support/runner.rs"]
mod runner;
mod support;

use std::fs;
use std::path::Path;

use course::VOTE;
use support::Lab;

/// A handout, and the folder that it is in.
fn handed_out(lab: &Lab, options: &[&str]) -> (tempfile::TempDir, Lab) {
    let around = tempfile::tempdir().unwrap();
    let dir = around.path().join("raft-lab");
    let words = [&["handout", dir.to_str().unwrap()], options].concat();
    lab.run(&words).expect(0, &["The learner's tree is in"]);
    (around, Lab(dir))
}

#[test]
fn a_release_of_the_reference_reaches_a_learner_by_an_update() {
    let lab = Lab::new("handout-release");
    let (around, course) = handed_out(&lab, &["--path", "guided", "--with", "github"]);
    let dir = course.0.to_str().unwrap();
    let learner = Lab::copied(&course.0, around.path().join("learner"));
    learner.replace(VOTE, "todo!(\"exercise 2.2\")", "mine()");
    course.write("our-rules.txt", "No cake.\n");
    fs::create_dir(course.0.join(".git")).unwrap();
    course.write(".git/HEAD", "ref: refs/heads/main\n");

    lab.run(&["handout", dir, "--update", "--solutions", "2"])
        .expect(0, &["up to 02-election", "update PATH"]);
    for path in ["our-rules.txt", ".git/HEAD", ".github/workflows/raft-lab.yml", "xtask/grade"] {
        assert!(course.0.join(path).exists(), "{path}");
    }
    for path in
        ["modules/open", "solutions/03-replication", "solutions/02-election/tests/complete.rs"]
    {
        assert!(!course.0.join(path).exists(), "{path}");
    }

    learner.run(&["use", "2", "solution"]).expect(2, &["handed out without", "releases it"]);
    learner.update(dir, 0, &["02-election/src/vote.rs: `is_up_to_date`"]);
    assert!(learner.read(VOTE).contains("mine()"));
    learner.run(&["diff", "2.2", "--anyway"]).expect(0, &["mine()", "log.last_term()"]);
    learner.run(&["use", "2", "solution"]).expect(0, &["build on the reference"]);
    learner.run(&["use", "3", "solution"]).expect(2, &["needs the reference of 03-replication"]);
    learner.run(&["verify"]).expect(2, &["handed out without"]);
    learner.update(dir, 0, &["already the course"]);
    assert!(learner.read("Cargo.toml").contains("solutions/02-election"));

    // What was released stays released.
    lab.run(&["handout", dir, "--update"]).expect(0, &["up to 02-election"]);
    course.replace("Cargo.toml", "version = \"0.", "version = \"7.");
    lab.run(&["handout", dir, "--update"]).expect(2, &["Raise `version`"]);
}

#[test]
fn a_handout_with_the_reference_of_all_its_modules_is_still_a_handout() {
    let lab = Lab::new("handout-all-released");
    let (_around, course) = handed_out(&lab, &["--path", "guided", "--solutions", "7"]);
    let dir = course.0.to_str().unwrap();
    lab.run(&["handout", dir, "--update"]).expect(0, &["up to 07-membership"]);
    course.run(&["verify"]).expect(2, &["handed out without"]);
}

#[test]
fn an_update_needs_an_earlier_handout_and_a_release_what_is_there() {
    let lab = Lab::new("handout-wrong");
    let (around, course) = handed_out(&lab, &[]);
    let (dir, empty) = (course.0.to_str().unwrap(), around.path().to_str().unwrap());
    lab.run(&["handout", empty, "--update"]).expect(2, &["no earlier handout"]);
    lab.run(&["handout", dir, "--update", "--solutions", "9"]).expect(2, &["no module `9`"]);
    lab.run(&["handout", dir, "--update", "--solutions", "open"]).expect(2, &["another design"]);
    let open = around.path().join("open");
    lab.run(&["handout", open.to_str().unwrap(), "--path", "open", "--solutions", "2"])
        .expect(2, &["another design"]);
    assert!(!open.exists());
    lab.run(&["handout", dir, "--with", "moodle"]).expect(2, &["github"]);
    course.run(&["handout", empty]).expect(2, &["handed out without"]);
}

#[test]
fn gradescopes_autograder_has_the_grader_and_no_reference() {
    let lab = Lab::new("handout-gradescope");
    // Neither students nor submissions may see what an instructor keeps beside the course.
    lab.write("course.key", "any words\n");
    fs::create_dir(lab.0.join("grades")).unwrap();
    lab.write("grades/grades.csv", "student,points\n");
    let options = ["--with", "gradescope", "--grade", "--modules 2 --seed 7", "--solutions", "1"];
    let (around, course) = handed_out(&lab, &options);
    assert!(!course.0.join("xtask/grade").exists() && course.0.join("solutions").exists());
    assert!(!course.0.join("course.key").exists() && !course.0.join("grades").exists());
    let zip = around.path().join("raft-lab-autograder.zip");
    let tree = xtask::archive::read(&zip, 64 << 20).unwrap();
    assert_eq!(tree[Path::new("options")], b"--modules 2 --seed 7\n");
    for path in
        ["setup.sh", "run_autograder", "lab/xtask/grade/src/main.rs", "lab/.pristine/judge.txt"]
    {
        assert!(tree.contains_key(Path::new(path)), "{path}");
    }
    for folder in ["lab/solutions", "lab/course.key", "lab/grades"] {
        assert!(!tree.keys().any(|path| path.starts_with(folder)), "{folder}");
    }

    // An update renews it, with the same options or with others.
    let dir = course.0.to_str().unwrap();
    let updates: [(&[&str], &str); 2] = [
        (&[], "--modules 2 --seed 7\n"),
        (&["--with", "gradescope", "--grade", "--modules 3"], "--modules 3\n"),
    ];
    for (more, options) in updates {
        let words = [&["handout", dir, "--update"], more].concat();
        lab.run(&words).expect(0, &["raft-lab-autograder.zip"]);
        let tree = xtask::archive::read(&zip, 64 << 20).unwrap();
        assert_eq!(tree[Path::new("options")], options.as_bytes());
    }
}

#[test]
fn workflows_carry_the_options_and_the_pages_say_nothing_of_what_is_missing() {
    let lab = Lab::new("handout-workflows");
    let options = ["--with", "gitlab", "--with", "devcontainer", "--grade", "--modules 1-3"];
    let (_around, course) = handed_out(&lab, &options);
    assert!(course.read(".gitlab-ci.yml").contains("--trust --modules 1-3 ||"));
    assert!(course.0.join(".devcontainer/devcontainer.json").exists());
    lab.run(&["handout", course.0.to_str().unwrap(), "--update"])
        .expect(0, &["`grade` runs with --modules 1-3."]);
    assert!(course.read(".gitlab-ci.yml").contains("--trust --modules 1-3 ||"));
    for page in ["README.md", "docs/start-here.md", "docs/SUMMARY.md", "CONTRIBUTING.md"] {
        let text = fs::read_to_string(course.0.join(page)).unwrap();
        for word in ["solutions/", "git restore", "instructors", "xtask verify", "<!-- full"] {
            assert!(!text.contains(word), "{page} has `{word}`");
        }
    }
}
