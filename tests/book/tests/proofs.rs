//! The exercises with proofs: the learner's file lists what the judge knows, and whatever is wrong is red.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use gates::{Check, Outcome, Suite};

#[path = "../../04-commitment/counting.rs"]
mod counting;
#[path = "../../03-replication/log_matching.rs"]
mod log_matching;

const LOG_MATCHING: &str = "03-replication/src/log_matching.proof";
const COUNTING: &str = "04-commitment/src/counting.proof";

fn solution(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../solutions").join(file);
    fs::read_to_string(path).expect("the reference has the proof")
}

/// The statements in the comment of a file: after a letter or number, up to the next one.
fn listed(text: &str) -> Vec<(String, String)> {
    let mut listed: Vec<(String, String)> = Vec::new();
    for line in text.lines().filter_map(|line| line.strip_prefix("#   ")) {
        let (name, rest) = line.split_once("  ").unwrap_or((line, ""));
        match listed.last_mut() {
            Some((_, says)) if name.is_empty() => says.extend([" ", rest.trim()]),
            _ => listed.push((name.to_owned(), rest.trim().to_owned())),
        }
    }
    listed
}

#[test]
fn a_file_lists_the_statements_that_the_judge_knows() {
    let known =
        [(LOG_MATCHING, log_matching::PROOF.listed()), (COUNTING, counting::PROOF.listed())];
    for (file, known) in known {
        let shown = listed(&solution(file));
        let known: Vec<(String, String)> =
            known.iter().map(|(name, says)| ((*name).to_owned(), (*says).to_owned())).collect();
        assert_eq!(shown, known, "{file}");
    }
}

/// The claims of the checks that are red with this text in the learner's file.
fn red(name: &str, file: &str, text: &str, checks: impl Fn(&str) -> Vec<Check>) -> Vec<String> {
    // Tests run side by side, in one process or in several, each with files of its own.
    static FOLDERS: AtomicUsize = AtomicUsize::new(0);
    let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
        .join(format!("{name}-{}-{number}", std::process::id()));
    fs::create_dir_all(folder.join("src")).expect("the folder can be made");
    fs::write(folder.join("src").join(file), text).expect("the file can be written");
    let suite = Suite::new(name, env!("CARGO_MANIFEST_DIR"), checks(&folder.to_string_lossy()));
    let reports = suite.checks.iter().map(|check| gates::run_here(&suite, check, 1));
    let red = reports.filter(|report| report.outcome != Outcome::Passed);
    red.map(|report| report.claim).collect()
}

fn argument(order: &str) -> Vec<String> {
    let text = format!("proof {order}\n");
    red("argument", "log_matching.proof", &text, |dir| log_matching::PROOF.checks(dir))
}

fn gap(text: &str) -> Vec<String> {
    red("gap", "counting.proof", text, |dir| counting::PROOF.checks(dir))
}

#[test]
fn more_than_one_order_is_right() {
    for order in ["C F G H D J K L A", "F D J G K L H C A", "D G F J K H C L A"] {
        assert_eq!(argument(order), Vec::<String>::new(), "{order}");
    }
}

#[test]
fn an_order_with_a_mistake_is_red() {
    let right = ["C", "F", "G", "H", "D", "J", "K", "L", "A"];
    for false_one in ["B", "E", "I"] {
        let red = argument(&format!("{false_one} {}", right.join(" ")));
        assert_eq!(red, ["Your proof rests on nothing that is false"], "{false_one}");
    }
    for missing in right {
        let order: Vec<&str> = right.into_iter().filter(|it| *it != missing).collect();
        assert_eq!(argument(&order.join(" ")), ["Your proof leaves no question open"], "{missing}");
    }
    for order in
        ["A C F G H D J K L", "C F H G D J K L A", "C F G H J D K L A", "C L F G H D J K A"]
    {
        let claim = "Each statement of your proof comes after those that it rests on";
        assert_eq!(argument(order), [claim], "{order}");
    }
}

#[test]
fn of_the_proof_with_a_gap_one_answer_is_right() {
    let answer = |gap: &str, repair: &str, elected: &str, voter: &str, last: u32| {
        format!(
            "gap {gap}\nrepair {repair}\ncounterexample elected={elected} voter={voter} last={last}\n"
        )
    };
    for voter in ["S2", "S3"] {
        assert_eq!(gap(&answer("7", "C", "S5", voter, 3)), Vec::<String>::new());
    }
    for step in ["1", "2", "3", "4", "5", "6", "8"] {
        assert_eq!(gap(&answer(step, "C", "S5", "S3", 3)).len(), 1, "{step}");
    }
    for repair in ["A", "B", "D", "E"] {
        assert_eq!(gap(&answer("7", repair, "S5", "S3", 3)).len(), 1, "{repair}");
    }
    // S1 is down, S4 does not hold the entry, and the last entry of S5 is not of the term in which it leads.
    for (elected, voter, last) in
        [("S1", "S3", 3), ("S5", "S4", 3), ("S5", "S1", 3), ("S5", "S3", 5)]
    {
        assert_eq!(
            gap(&answer("7", "C", elected, voter, last)).len(),
            1,
            "{elected} {voter} {last}"
        );
    }
}
