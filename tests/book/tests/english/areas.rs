//! The areas: which files belong to each, what is read in them, and how many matches they may have.

/// What is read in the files of an area.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The prose of Markdown.
    Pages,
    /// Hints, what follows a green check, and questions of one module, by the folder of its suite.
    Exercises,
    /// The comments of Rust, and those of scenarios and proofs.
    Comments,
    /// The strings of Rust that are sentences or parts of sentences.
    Strings,
}

pub(crate) struct Area {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// Files, or folders with all that is in them, from the root.
    pub(crate) paths: &'static [&'static str],
    /// Matches per thousand words; `None` for an area that has been edited.
    pub(crate) limit: Option<f64>,
}

const fn area(
    name: &'static str,
    kind: Kind,
    paths: &'static [&'static str],
    limit: Option<f64>,
) -> Area {
    Area { name, kind, paths, limit }
}

use Kind::{Comments, Exercises, Pages, Strings};

const SUITES: &[&str] = &[
    "tests/00-warm-up",
    "tests/01-data-model",
    "tests/02-election",
    "tests/03-replication",
    "tests/04-commitment",
    "tests/05-persistence",
    "tests/06-snapshots",
    "tests/07-membership",
    "tests/open",
];

/// What is in `docs/reference`, without the page that is made of the solutions' comments.
const REFERENCE: &[&str] = &[
    "docs/reference/debugging.md",
    "docs/reference/environment.md",
    "docs/reference/figure-2.md",
    "docs/reference/glossary.md",
    "docs/reference/keeping-your-work.md",
    "docs/reference/reading-a-failure.md",
    "docs/reference/relatives.md",
    "docs/reference/simulator.md",
    "docs/reference/watching-a-run.md",
];

/// What is in `docs/maintainers`, without the tables that are made of the wrong servers' own words.
const MAINTAINERS: &[&str] = &[
    "docs/maintainers/decisions.md",
    "docs/maintainers/figures.md",
    "docs/maintainers/how-to-add.md",
    "docs/maintainers/situations.md",
    "docs/maintainers/torture.md",
];

#[rustfmt::skip]
pub(crate) const AREAS: &[Area] = &[
    area("README and its neighbours", Pages, &["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "AGENTS.md"], None),
    area("Start here", Pages, &["docs/start-here.md"], None),
    area("The paper in an hour", Pages, &["docs/paper-in-an-hour.md"], None),
    area("Scenarios", Pages, &["docs/first-scenario.md", "docs/scenarios.md"], None),
    area("Architecture", Pages, &["docs/architecture.md"], None),
    area("Performance", Pages, &["docs/performance.md"], None),
    area("Chapter 0", Pages, &["docs/chapters/00-warm-up.md"], None),
    area("Chapter 1", Pages, &["docs/chapters/01-data-model.md"], None),
    area("Chapter 2", Pages, &["docs/chapters/02-election.md"], None),
    area("Chapter 3", Pages, &["docs/chapters/03-replication.md"], None),
    area("Chapter 4", Pages, &["docs/chapters/04-commitment.md"], None),
    area("Chapter 5", Pages, &["docs/chapters/05-persistence.md"], None),
    area("Chapter 6", Pages, &["docs/chapters/06-snapshots.md"], None),
    area("Chapter 7", Pages, &["docs/chapters/07-membership.md"], None),
    area("Out into the world", Pages, &["docs/chapters/out-into-the-world.md"], None),
    area("The open path, and designs before a chapter", Pages, &["docs/chapters/open.md", "docs/design"], None),
    area("Reference pages", Pages, REFERENCE, None),
    area("The assembled server", Pages, &["docs/reference/assembled-server.md"], None),
    area("Figures", Comments, &["docs/figures"], None),
    area("Resources", Pages, &["docs/resources"], None),
    area("Instructors", Pages, &["docs/instructors"], None),
    area("Maintainers", Pages, MAINTAINERS, None),
    area("The tables of the zoo", Pages, &["docs/maintainers/zoo.md", "docs/maintainers/mutants.md"], Some(0.6)),
    area("Hints and questions of module 0", Exercises, &["tests/00-warm-up"], None),
    area("Hints and questions of module 1", Exercises, &["tests/01-data-model"], None),
    area("Hints and questions of module 2", Exercises, &["tests/02-election"], None),
    area("Hints and questions of module 3", Exercises, &["tests/03-replication"], None),
    area("Hints and questions of module 4", Exercises, &["tests/04-commitment"], None),
    area("Hints and questions of module 5", Exercises, &["tests/05-persistence"], None),
    area("Hints and questions of module 6", Exercises, &["tests/06-snapshots"], None),
    area("Hints and questions of module 7", Exercises, &["tests/07-membership"], None),
    area("Stubs and solutions", Comments, &["modules/protocol", "solutions"], Some(1.7)),
    area("Claims and failures of the suites", Strings, SUITES, None),
    area("Scenarios and comments of the suites", Comments, SUITES, None),
    area("Messages of gates and simulator", Strings, &["tests/gates", "tests/simulator", "modules/protocol"], Some(1.1)),
    area("Comments of gates and simulator", Comments, &["tests/gates", "tests/simulator", "tests/course"], Some(1.3)),
    area("Messages of the cluster and of torture", Strings, &["tests/cluster", "tests/torture"], None),
    area("Comments of the cluster and of torture", Comments, &["tests/cluster", "tests/torture"], Some(0.8)),
    area("Messages of the viewer", Strings, &["tests/viewer"], Some(0.7)),
    area("Comments of the viewer", Comments, &["tests/viewer"], None),
    area("Messages of the runner", Strings, &["xtask"], None),
    area("Comments of the runner", Comments, &["xtask"], None),
    area("The book's own code and the wrong servers", Comments, &["tests/book", "tests/bugs"], Some(1.9)),
];
