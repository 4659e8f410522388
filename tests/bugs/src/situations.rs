//! Situations that a suite for Raft must know, and which checks cover each: `situations.toml`, and the page that is
//! made of it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use gates::Suite;
use libtest_mimic::Failed;
use serde::Deserialize;

/// All situations, in the order of the modules.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Situations {
    situation: Vec<Situation>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Situation {
    /// The folder of the module whose code it judges.
    module: String,
    /// What happens, and what must hold.
    says: String,
    /// Beginnings of the names of checks, like `2.3::a_granted_vote`.
    checks: Vec<String>,
}

impl Situations {
    /// Reads them.
    ///
    /// # Errors
    /// If the file cannot be read or is not as it should be: where, and what is wrong.
    pub fn read() -> Result<Self, String> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("situations.toml");
        let text = fs::read_to_string(&path)
            .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        toml_edit::de::from_str(&text).map_err(|error| format!("in {}: {error}", path.display()))
    }

    /// The page of the book.
    pub fn page(&self) -> String {
        let mut page = HEAD.to_owned();
        let mut module = "";
        for situation in &self.situation {
            if situation.module != module {
                module = &situation.module;
                let _ = write!(page, "\n## {module}\n\n| situation | checks |\n|---|---|\n");
            }
            let checks: Vec<String> =
                situation.checks.iter().map(|check| format!("`{check}…`")).collect();
            let _ = writeln!(page, "| {} | {} |", situation.says, checks.join("<br>"));
        }
        page
    }
}

const HEAD: &str = "# Situations and the checks that cover them

<!-- Written by `cargo xtask bless` from `tests/bugs/situations.toml`. -->

Situations that a suite for Raft must know, merged from what public suites test and from mistakes that people really made.
For each, the checks of the module's gate that cover it, as the beginnings of their names. A test sees to it that these
checks exist.
";

/// Each check that a situation of this module names is in its suite.
pub(crate) fn are_covered(module: &str, suite: &Suite) -> Result<(), Failed> {
    let all = Situations::read()?.situation;
    for situation in all.iter().filter(|situation| situation.module == module) {
        for expected in &situation.checks {
            let name = |check: &gates::Check| format!("{}::{}", check.exercise, check.name());
            if !suite.checks.iter().any(|check| name(check).starts_with(expected)) {
                let says = &situation.says;
                let why = format!(
                    "situations.toml: no check begins with `{expected}`. It is to cover: {says}"
                );
                return Err(why.into());
            }
        }
    }
    Ok(())
}
