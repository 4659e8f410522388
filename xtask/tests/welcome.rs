//! The first minute in a tree.

#[path = "support/runner.rs"]
mod runner;
mod support;

use support::Lab;

#[test]
fn the_first_time_it_says_welcome_and_where_to_begin() {
    let lab = Lab::new("welcome");
    let welcome = "Welcome to the Raft Learning Lab";
    lab.run(&[]).expect(0, &[welcome, "docs/start-here.md", "Next: 0.1"]);
    lab.run(&["hint"]).expect(0, &[]);
    let said = lab.run(&[]);
    assert!(!said.expect(0, &["Raft Learning Lab: 0 of"]).text.contains(welcome), "{}", said.text);
    std::fs::remove_file(lab.0.join(".progress")).unwrap();
    // A learner who has begun to write, but has not checked it.
    let file = "modules/00-warm-up/src/elections.rs";
    lab.write(file, &lab.read(file).replace("todo!(\"exercise 0.1\")", "true"));
    let said = lab.run(&[]);
    assert!(!said.text.contains(welcome), "{}", said.text);
}
