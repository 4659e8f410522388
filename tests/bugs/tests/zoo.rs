//! The page of the zoo is current: it shows all servers, each step of the paper has a wrong one, and each wrong one has a
//! verdict. Whether the verdicts are true is judged with the servers.

use std::path::Path;
use std::{env, fs};

use bugs::{OtherServer, Zoo};
use open::Habits;

#[allow(dead_code, reason = "the page needs a part of it")]
#[path = "open/variants.rs"]
mod variants;

use variants::{Order, Scenarios, Variant};

#[test]
fn each_step_of_the_paper_has_a_wrong_server() {
    let faults = Zoo::read().unwrap().faults_of_steps();
    assert!(faults.is_empty(), "steps.toml:\n{}", faults.join("\n"));
}

#[test]
fn each_wrong_server_has_a_verdict() {
    let faults = Zoo::read().unwrap().faults_of_verdicts();
    let ask = "`cargo xtask zoo --write` judges them";
    assert!(faults.is_empty(), "zoo.jsonl: {ask}\n{}", faults.join("\n"));
}

#[test]
fn the_page_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/maintainers/zoo.md");
    let others: Vec<OtherServer> = variants::all().iter().map(other).collect();
    let page = Zoo::read().unwrap().page(&others);
    if env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        fs::write(&path, &page).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(found == page, "{} is stale: `cargo xtask bless` writes it", path.display());
}

fn other(variant: &Variant) -> OtherServer {
    let mut habits = if variant.is_drawn {
        vec!["drawn from the seed".to_owned()]
    } else {
        habits(variant.habits)
    };
    match variant.order {
        Order::Forwards => {}
        Order::Backwards => habits.push("requests leave in the opposite order".to_owned()),
        Order::Shuffled => habits.push("requests leave in any order".to_owned()),
    }
    if variant.has_long_timeouts {
        habits.push("election timeouts are from the upper half of their range".to_owned());
    }
    if habits.is_empty() {
        habits.push("the usual ones".to_owned());
    }
    let judged_by = match variant.scenarios {
        Scenarios::All => "all scenarios, storms".to_owned(),
        Scenarios::Except(files) => format!("all scenarios but {}, storms", files.len()),
        Scenarios::WithoutReplies => "scenarios without a reply by hand, storms".to_owned(),
        Scenarios::None => "storms".to_owned(),
    };
    let modules = (*variant.modules.start(), *variant.modules.end());
    OtherServer { name: variant.name.to_owned(), habits, modules, judged_by }
}

/// The habits that are not usual, each as its field.
fn habits(habits: Habits) -> Vec<String> {
    let [own, usual] = [habits, Habits::default()].map(|it| format!("{it:#?}"));
    let usual: Vec<&str> = usual.lines().collect();
    // A value may take several lines, such as `Some(3)`.
    let lines = own.replace("(\n        ", "(").replace(",\n    ),", "),");
    let fields = lines.lines().filter(|line| line.contains(": ") && !usual.contains(line));
    fields.map(|field| format!("`{}`", field.trim().trim_end_matches(','))).collect()
}
