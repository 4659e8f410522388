//! `explain`: the text of any check that is red, and not only of the most basic one.

use anyhow::{Result, bail};
use course::{Module, Report};

use super::judge::Judge;
use super::report;
use super::walk::Walk;
use crate::term;
use crate::tree::Course;

/// The variable that keeps a gate from starting a process for each check.
const IN_PLACE: &str = "RAFT_LAB_IN_PLACE";

/// Prints the text of the check that `name` names: by its number in the list of red checks, by its name, or by
/// words of its claim. Without a name, prints the list.
pub(super) fn print(
    course: &Course,
    walk: &Walk<'_>,
    judge: &mut Judge<'_>,
    name: Option<&str>,
) -> Result<()> {
    let red = walk.wrong();
    let Some(name) = name else {
        match red.len() {
            0 => say!("No check of module {} is red.", walk.module.number()),
            _ => report::list(&red),
        }
        return Ok(());
    };
    let all: Vec<&Report> = walk.judged.iter().collect();
    let numbered =
        name.parse::<usize>().ok().map(|number| red.get(number.wrapping_sub(1)).copied());
    match numbered.unwrap_or_else(|| find(&red, name).or_else(|| find(&all, name))) {
        Some(report) if report.passed() => {
            say!("{} {}  {}: it is green.", term::green("✔"), report.exercise, report.claim);
            Ok(())
        }
        Some(report) => {
            say!("{}", report.text.trim_end());
            how_to_run_alone(course, walk.module, report, judge)
        }
        None => bail!(
            "no check of module {} is called `{name}`; `cargo xtask explain` lists those that are red",
            walk.module.number()
        ),
    }
}

/// How to run just this check, by itself and in a debugger.
fn how_to_run_alone(
    course: &Course,
    module: &Module,
    report: &Report,
    judge: &mut Judge<'_>,
) -> Result<()> {
    let name = format!("{}::{}", report.exercise, report.check);
    say!("\n  alone     cargo test -p {} --test gate -- --exact {name}", module.package);
    if let Some(gate) = judge.gate(module)? {
        let path = gate.executable();
        let path = path.strip_prefix(&course.root).unwrap_or(path);
        say!("  debugger  set {IN_PLACE}=1, which keeps the check in one process, and start");
        say!("            {} --test-threads 1 --exact {name}", path.display());
    }
    Ok(())
}

/// The check with this name, or the only one with these words in its claim.
fn find<'a>(reports: &[&'a Report], name: &str) -> Option<&'a Report> {
    let bare = name.split_once("::").map_or(name, |(_, bare)| bare);
    if let Some(report) = reports.iter().find(|report| report.check == bare) {
        return Some(report);
    }
    let words = name.to_lowercase();
    let mut fits = reports.iter().filter(|report| report.claim.to_lowercase().contains(&words));
    fits.next().filter(|_| fits.next().is_none()).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(check: &str, claim: &str) -> Report {
        let text = format!(
            r#"{{"version":1,"module":"","exercise":"2.4","check":"{check}","claim":"{claim}","points":1,
                "outcome":"failed","todo":null,"seed":1,"millis":0,"text":"","show":null}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_check_is_found_by_its_name_and_by_words_of_its_claim() {
        let all =
            [report("a_refusal", "A refusal is no vote"), report("two_votes", "Two votes win")];
        let all: Vec<&Report> = all.iter().collect();
        let found = |name: &str| find(&all, name).map(|report| report.check.as_str());
        assert_eq!(found("two_votes"), Some("two_votes"));
        assert_eq!(found("2.4::two_votes"), Some("two_votes"));
        assert_eq!(found("refusal is"), Some("a_refusal"));
        assert_eq!(found("vote"), None, "two claims have it");
    }
}
