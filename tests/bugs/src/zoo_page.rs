//! The page `docs/maintainers/zoo.md`: the steps of the paper with wrong servers for each, and all servers with what the
//! gates make of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::patch::{Bug, Patches, Right};
use crate::zoo::{Alone, Verdict, by_name};

/// The folders of the modules that have patches, in order.
const MODULES: [&str; 8] = [
    "00-warm-up",
    "01-data-model",
    "02-election",
    "03-replication",
    "04-commitment",
    "05-persistence",
    "06-snapshots",
    "07-membership",
];

/// A right server of another architecture.
#[derive(Clone, Debug)]
pub struct OtherServer {
    /// Its name.
    pub name: String,
    /// What it does otherwise than the usual one, in words.
    pub habits: Vec<String>,
    /// The modules that judge it: the first and the last.
    pub modules: (u32, u32),
    /// By what it is judged.
    pub judged_by: String,
}

/// What the page is made of.
#[derive(Debug)]
pub struct Zoo {
    modules: Vec<(String, Patches)>,
    parts: Vec<Part>,
    verdicts: BTreeMap<(String, String), Verdict>,
}

#[derive(Debug, Deserialize)]
struct Steps {
    part: Vec<Part>,
}

/// A figure or a section.
#[derive(Debug, Deserialize)]
struct Part {
    title: String,
    /// A step in our words, and the names of wrong servers that do not follow it.
    steps: Vec<(String, Vec<String>)>,
}

impl Zoo {
    /// Reads patches, steps and verdicts.
    ///
    /// # Errors
    /// If a file cannot be read or understood.
    pub fn read() -> Result<Self, String> {
        let own = Path::new(env!("CARGO_MANIFEST_DIR"));
        let patches = |module: &str| {
            let path = own.join("patches").join(format!("{module}.toml"));
            Ok::<_, String>((module.to_owned(), Patches::read(&path)?))
        };
        let path = own.join("steps.toml");
        let text = fs::read_to_string(&path)
            .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        let steps: Steps = toml_edit::de::from_str(&text)
            .map_err(|error| format!("in {}: {error}", path.display()))?;
        Ok(Zoo {
            modules: MODULES.into_iter().map(patches).collect::<Result<_, _>>()?,
            parts: steps.part,
            verdicts: by_name(Verdict::kept()?),
        })
    }

    /// What is wrong with the steps: a step without a wrong server, or a server that does not exist.
    pub fn faults_of_steps(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for Part { title, steps } in &self.parts {
            for (step, servers) in steps {
                if servers.is_empty() {
                    faults.push(format!("{title}: no wrong server for “{step}”"));
                }
                for server in servers {
                    let found = self.named(server).len();
                    if found != 1 {
                        faults
                            .push(format!("{title}: {found} wrong servers are called `{server}`"));
                    }
                }
            }
        }
        faults
    }

    /// What is wrong with the verdicts: one is missing, or its server is.
    pub fn faults_of_verdicts(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut left = self.verdicts.clone();
        for (module, patches) in &self.modules {
            for bug in &patches.bug {
                if left.remove(&(module.clone(), bug.id.clone())).is_none() {
                    faults.push(format!("{module}: {} has no verdict", bug.id));
                }
            }
        }
        faults.extend(left.keys().map(|(module, id)| format!("{module} has no server {id}")));
        faults
    }

    /// The modules of the wrong servers that `name` may mean: `E3`, or `02-election/E3`.
    fn named(&self, name: &str) -> Vec<&str> {
        let (module, id) = name.split_once('/').map_or((None, name), |(it, id)| (Some(it), id));
        let has = |patches: &Patches| patches.bug.iter().any(|bug| bug.id == id);
        let found = self.modules.iter().filter(|(folder, patches)| {
            module.is_none_or(|module| module == folder) && has(patches)
        });
        found.map(|(folder, _)| folder.as_str()).collect()
    }

    /// The page.
    pub fn page(&self, others: &[OtherServer]) -> String {
        let wrong: usize = self.modules.iter().map(|(_, patches)| patches.bug.len()).sum();
        let right: usize = self.modules.iter().map(|(_, patches)| patches.right.len()).sum();
        let all_right = right + others.len();
        let mut page = HEAD.replace("WRONG", &wrong.to_string());
        page = page.replace("RIGHT", &all_right.to_string());
        self.write_shares(&mut page);
        page += STEPS;
        for Part { title, steps } in &self.parts {
            let _ = write!(page, "\n### {title}\n\n| step | wrong servers |\n|---|---|\n");
            for (step, servers) in steps {
                let names = servers.iter().map(|server| format!("`{server}`"));
                let _ = writeln!(page, "| {step} | {} |", names.collect::<Vec<_>>().join(", "));
            }
        }
        for (module, patches) in &self.modules {
            let _ = write!(page, "\n## {module}: wrong servers\n\n{COLUMNS}");
            for bug in &patches.bug {
                self.write_wrong(&mut page, module, bug);
            }
            let _ = write!(page, "\n## {module}: right servers\n\n{RIGHT}");
            for right in &patches.right {
                write_right(&mut page, right);
            }
        }
        page += OTHERS;
        for other in others {
            let (first, last) = other.modules;
            let (name, judged_by) = (&other.name, &other.judged_by);
            let habits = other.habits.join("<br>");
            let _ = writeln!(page, "| `{name}` | {habits} | {first} to {last} | {judged_by} |");
        }
        page
    }

    /// How many wrong servers storms and explorations find.
    fn write_shares(&self, page: &mut String) {
        for (module, patches) in &self.modules {
            let rows = || patches.bug.iter().filter_map(|bug| self.verdict(module, bug));
            let alone = || rows().filter_map(|row| row.alone.as_ref());
            let count = |is_one: fn(&Alone) -> bool| alone().filter(|it| is_one(it)).count();
            let _ = writeln!(
                page,
                "| {module} | {} | {} | {} | {} | {} | {} |",
                patches.bug.len(),
                rows().count(),
                alone().count(),
                count(|it| it.storms.is_some()),
                count(|it| it.explorations.is_some()),
                count(|it| it.storms.is_some() || it.explorations.is_some())
            );
        }
    }

    fn write_wrong(&self, page: &mut String, module: &str, bug: &Bug) {
        let Some(row) = self.verdict(module, bug) else { return };
        let found = |of: fn(&Alone) -> &Option<String>| match &row.alone {
            None => "not run",
            Some(alone) => of(alone).as_ref().map_or("–", |_| "yes"),
        };
        let _ = writeln!(
            page,
            "| `{}` | {} | `{}` | {} | {} | {} | {} |",
            bug.id,
            bug.title.replace('|', "\\|"),
            shortened(&row.check),
            row.blames,
            row.rule.replace('|', "\\|"),
            found(|alone| &alone.storms),
            found(|alone| &alone.explorations)
        );
    }

    fn verdict(&self, module: &str, bug: &Bug) -> Option<&Verdict> {
        self.verdicts.get(&(module.to_owned(), bug.id.clone()))
    }
}

fn write_right(page: &mut String, right: &Right) {
    let Right { id, title, because, leaves_out, .. } = right;
    let left = leaves_out.iter().map(|it| format!("`{}`", shortened(it))).collect::<Vec<_>>();
    let left = if left.is_empty() { "–".to_owned() } else { left.join(", ") };
    let _ = writeln!(page, "| `{id}` | {title} | {because} | {left} |");
}

/// The beginning of a check's name, long enough to find it.
fn shortened(check: &str) -> String {
    const LENGTH: usize = 56;
    match check.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("{}…", &check[..end]),
        None => check.to_owned(),
    }
}

const HEAD: &str = "# The zoo

<!-- Written by `cargo xtask zoo --write` from tests/bugs: patches, steps.toml and zoo.jsonl. -->

WRONG wrong servers, which the gate of their module rejects, and RIGHT right ones, which every gate accepts.
`cargo xtask zoo` judges the wrong ones again and prints this table with the time that each took; `cargo xtask zoo E3 C1`
judges some, and `--write` keeps the verdicts.

Tests keep the page current. When a wrong server is judged, its first red check and the exercise that this check blames are
compared with the kept verdict; the text of the page is compared with its sources. Whether storms and explorations would find
a server without the other checks is recorded with `--write`, for base seed 1, and no test compares that: those columns are
as old as the last `--write`. They are not recorded for servers on which checks may not end, nor with `--quick`.

| module | wrong servers | found by its gate | run alone | storms find | explorations find | either finds |
|---|---|---|---|---|---|---|
";

const STEPS: &str = "
## Steps and rules

For each numbered step and rule, wrong servers that do not follow it.
";

const COLUMNS: &str =
    "| server | what it does | first red check | blames | its rule | storms | explorations |
|---|---|---|---|---|---|---|
";

const RIGHT: &str = "| server | what it does | why it may | not for it |
|---|---|---|---|
";

const OTHERS: &str = "
## Right servers of another architecture

`solutions/open` with habits that differ from its usual ones. The modules judge it by their scenarios and storms.

| server | habits | modules | judged by |
|---|---|---|---|
";
