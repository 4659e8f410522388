//! Where servers are judged: the modules, with their scenarios and storms.

use std::collections::BTreeSet;
use std::fs;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bugs::seeds;
use gates::scenario::{self, NodeFactories};
use gates::simulator::{NodeFactory, Workload};
use gates::storm::{Goal, hopeless_candidate, old_leader, storms_of};
use gates::{Check, Context, ExerciseId, Outcome, Suite, Verdict, run_here};

use crate::servers::{exercise, servers};
use crate::variants::{Scenarios, Variant};

/// A module, as far as it judges servers as a whole.
pub(crate) struct Module {
    pub(crate) folder: &'static str,
    /// Storms are for servers that know this much.
    whole: ExerciseId,
    goal: Goal,
    workloads: &'static [Workload],
    /// The number of storms for each base seed.
    storms: u64,
    /// From the scenarios of this exercise on, servers also crash at each point of each write.
    crashes_at: Option<ExerciseId>,
}

pub(crate) static ALL: [Module; 6] = [
    Module {
        folder: "02-election",
        whole: exercise(2, 7),
        goal: Goal::StableLeader,
        workloads: &[Workload::Commands],
        storms: 50,
        crashes_at: None,
    },
    Module {
        folder: "03-replication",
        whole: exercise(3, 9),
        goal: Goal::LogsAgree,
        workloads: &[Workload::Commands],
        storms: 20,
        crashes_at: None,
    },
    Module {
        folder: "04-commitment",
        whole: exercise(4, 10),
        goal: Goal::Linearizable,
        workloads: &[Workload::Commands, Workload::Sessions, Workload::Queries],
        storms: 10,
        crashes_at: None,
    },
    Module {
        folder: "05-persistence",
        whole: exercise(5, 6),
        goal: Goal::Durable,
        workloads: &[Workload::Commands, Workload::Sessions, Workload::Queries],
        storms: 10,
        crashes_at: Some(exercise(5, 1)),
    },
    Module {
        folder: "06-snapshots",
        whole: exercise(6, 7),
        goal: Goal::Compacted,
        workloads: &[Workload::Commands, Workload::Sessions, Workload::Queries],
        storms: 10,
        crashes_at: Some(exercise(6, 1)),
    },
    Module {
        folder: "07-membership",
        whole: exercise(7, 11),
        goal: Goal::Reconfigured,
        workloads: &[Workload::Commands, Workload::Sessions, Workload::Queries],
        storms: 10,
        crashes_at: None,
    },
];

impl Module {
    /// Whether it is one of the modules with these numbers.
    pub(crate) fn is_among(&self, numbers: &RangeInclusive<u32>) -> bool {
        numbers.contains(&self.whole.module)
    }

    /// Whether this file is one of its scenarios.
    pub(crate) fn has_scenario(&self, file: &str) -> bool {
        folder("tests", self.folder).join(format!("{file}.scenario")).exists()
    }

    /// Judges servers of this variant.
    pub(crate) fn accepts(&self, variant: &Variant) -> Result<(), String> {
        let mut red = Vec::new();
        for seed in seeds() {
            let variant = &variant.at(seed);
            let mut checks = self.storms(variant);
            checks.extend(self.scenarios(variant));
            // A script draws nothing but timeouts, so one seed is enough for what takes longest.
            checks.extend((seed == 1).then(|| self.crash_points(variant)).flatten());
            // Nothing in an exploration depends on the seed.
            checks
                .retain(|check| seed == 1 || !check.claim.starts_with("In every order of events"));
            let suite = Suite::new(self.folder, folder("solutions", self.folder), checks);
            let reports = suite.checks.iter().map(|check| run_here(&suite, check, seed));
            let reports = reports.filter(|report| report.outcome != Outcome::Passed);
            red.extend(reports.map(|report| format!("base seed {seed}\n{}", report.text)));
        }
        if red.is_empty() { Ok(()) } else { Err(red.join("\n\n")) }
    }

    /// The scenarios that fit the variant.
    fn scenarios(&self, variant: &Variant) -> Vec<Check> {
        let folder = folder("tests", self.folder);
        let except: BTreeSet<String> = match variant.scenarios {
            Scenarios::None => return Vec::new(),
            Scenarios::All => BTreeSet::new(),
            Scenarios::Except(files) => {
                let paths = files.iter().map(|file| folder.join(format!("{file}.scenario")));
                // They are of several modules.
                paths
                    .filter_map(|path| fs::read_to_string(path).ok())
                    .map(|it| claim(&it))
                    .collect()
            }
            Scenarios::WithoutReplies => {
                let files = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
                let scripts = files.filter(|file| file.extension() == Some("scenario".as_ref()));
                let texts = scripts.map(|script| fs::read_to_string(script).unwrap());
                texts.filter(|text| text.contains("\nreply ")).map(|text| claim(&text)).collect()
            }
        };
        let at = variant.clone();
        let factories: NodeFactories = Arc::new(move |exercise| servers(&at, exercise));
        let mut checks = scenario::checks(&folder, &factories);
        checks.retain(|check| !except.contains(&check.claim));
        checks
    }

    /// All scenarios of a module with disks, with a crash at each point of each write, for variants that
    /// scenarios fit.
    fn crash_points(&self, variant: &Variant) -> Option<Check> {
        if matches!(variant.scenarios, Scenarios::None) {
            return None;
        }
        let (since, whole) = (self.crashes_at?, self.whole);
        let (folder, factory) = (folder("tests", self.folder), servers(variant, whole));
        let claim = "A crash at each point of each write";
        let check = Check::new(&whole.to_string(), claim, "Figure 2, State", move |context| {
            scenario::crash_points(context, &folder, &factory, since, (0, 1))
        });
        Some(check.time_limit(Duration::from_mins(2)))
    }

    fn storms(&self, variant: &Variant) -> Vec<Check> {
        let &Module { whole, goal, storms, .. } = self;
        let factory = servers(variant, whole);
        let mut checks = Vec::new();
        for &workload in self.workloads {
            let factory = factory.clone();
            let claim = format!("Storms with {workload:?}");
            let check = Check::new(&whole.to_string(), claim, "Figure 3", move |context| {
                storms_of(context, &factory, goal, workload, 1..=storms)
            });
            checks.push(check.time_limit(Duration::from_mins(2)));
        }
        if goal == Goal::StableLeader {
            let directed: [(&str, Directed); 2] =
                [("An old leader", old_leader), ("A hopeless candidate", hopeless_candidate)];
            for (claim, storm) in directed {
                let factory = factory.clone();
                checks.push(Check::new(&whole.to_string(), claim, "§5.2", move |context| {
                    storm(context, &factory)
                }));
            }
        }
        checks
    }
}

type Directed = fn(&mut Context, &NodeFactory) -> Verdict;

/// A module's folder in a folder of the lab.
fn folder(group: &str, module: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(group).join(module)
}

/// The claim of a scenario: its first paragraph.
fn claim(script: &str) -> String {
    let lines = script.lines().map(|line| line.trim_start_matches('#').trim());
    let claim: Vec<&str> = lines.take_while(|line| !line.is_empty()).collect();
    claim.join(" ").trim_end_matches('.').to_owned()
}
