//! `diff`: the learner's code beside the reference.

#[path = "support/runner.rs"]
mod runner;
mod support;

use std::fs;

use support::Lab;

const LOG: &str = "modules/01-data-model/src/log.rs";

#[test]
fn the_code_of_a_done_exercise_is_shown_beside_the_reference() {
    let lab = Lab::new("diff");
    lab.run(&["diff"]).expect(2, &["no exercise is done yet"]);
    lab.run(&["diff", "1.2"]).expect(2, &["1.2 is not done", "diff 1.2 --anyway"]);
    lab.run(&["diff", "1"]).expect(2, &["no exercise of 01-data-model is done yet"]);
    let words = ["1.2 Looking into the log", LOG, "-         todo!(\"exercise 1.2\")", "+ "];
    lab.run(&["diff", "1.2", "--anyway"]).expect(0, &words);

    fs::copy(lab.0.join("solutions/01-data-model/src/log.rs"), lab.0.join(LOG)).unwrap();
    lab.write(".progress", "done 1.2\n");
    lab.run(&["diff"]).expect(0, &["1.2 Looking into the log", "is the same, to the letter"]);
    let text = fs::read_to_string(lab.0.join(LOG)).unwrap();
    lab.write(LOG, &text.replace("fn last_term", "fn newest_term"));
    lab.run(&["diff", "1"]).expect(0, &["`Log::last_term` is not in your file"]);

    // A course without the reference may release it module by module.
    let (solutions, aside) = (lab.0.join("solutions"), lab.0.join("aside"));
    fs::rename(&solutions, &aside).unwrap();
    lab.run(&["diff"]).expect(2, &["the reference of 01-data-model is not in this tree"]);
    fs::create_dir(&solutions).unwrap();
    fs::rename(aside.join("01-data-model"), solutions.join("01-data-model")).unwrap();
    lab.run(&["diff"]).expect(0, &["1.2 Looking into the log"]);
}
