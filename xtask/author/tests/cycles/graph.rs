//! Which file of a crate uses which.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::path::Path;

use crate::sources::{self, ModulePath, Source};

/// The files of a crate and their uses.
pub(crate) struct Graph {
    names: BTreeMap<ModulePath, String>,
    edges: BTreeMap<ModulePath, BTreeMap<ModulePath, Use>>,
}

/// The first place where a file uses another.
#[derive(Clone)]
struct Use {
    line: usize,
    path: String,
}

/// Files that use each other in a circle.
pub(crate) struct Cycle {
    /// Each file with its use of the next one. The last one uses the first.
    steps: Vec<(String, Use)>,
    /// All files that are in a circle with these.
    files: BTreeSet<String>,
}

impl Cycle {
    /// All files that are in a circle with each other.
    pub(crate) fn files(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(String::as_str)
    }
}

impl fmt::Display for Cycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let next = self.steps.iter().cycle().skip(1);
        for ((name, Use { line, path }), (used, _)) in self.steps.iter().zip(next) {
            writeln!(f, "  {name}:{line} uses {used} (`{path}`)")?;
        }
        if self.files.len() > self.steps.len() {
            let files: Vec<&str> = self.files().collect();
            writeln!(f, "  All files that use each other: {}", files.join(", "))?;
        }
        Ok(())
    }
}

impl Graph {
    /// Reads a folder of sources.
    pub(crate) fn read(folder: &Path) -> Self {
        let sources = sources::read(folder);
        let mut edges = BTreeMap::new();
        for (module, source) in &sources {
            let mut used: BTreeMap<ModulePath, Use> = BTreeMap::new();
            for named in &source.uses {
                let target = resolve(&sources, module, &named.parts, 0);
                if let Some(target) = target.filter(|target| target != module) {
                    let path = named.parts.join("::");
                    used.entry(target).or_insert(Use { line: named.line, path });
                }
            }
            edges.insert(module.clone(), used);
        }
        let names = sources.into_iter().map(|(module, source)| (module, source.name)).collect();
        Graph { names, edges }
    }

    /// A shortest cycle of each group of files that use each other.
    pub(crate) fn cycles(&self) -> Vec<Cycle> {
        let mut cycles = Vec::new();
        let mut seen: BTreeSet<&ModulePath> = BTreeSet::new();
        for module in self.edges.keys() {
            let group: Vec<&ModulePath> = self
                .edges
                .keys()
                .filter(|m| self.reaches(module, m) && self.reaches(m, module))
                .collect();
            if group.is_empty() || !seen.insert(module) {
                continue;
            }
            seen.extend(group.iter().copied());
            let shortest = group.iter().filter_map(|m| self.way(m, m)).min_by_key(Vec::len);
            let steps = shortest.unwrap_or_default();
            let files = group.into_iter().map(|module| self.names[module].clone()).collect();
            cycles.push(Cycle { steps, files });
        }
        cycles
    }

    fn reaches(&self, from: &ModulePath, to: &ModulePath) -> bool {
        self.way(from, to).is_some()
    }

    /// A shortest way from a file to another, or back to itself: each file with its use of the next.
    fn way(&self, from: &ModulePath, to: &ModulePath) -> Option<Vec<(String, Use)>> {
        let mut before: BTreeMap<&ModulePath, &ModulePath> = BTreeMap::new();
        let mut open = VecDeque::from([from]);
        while let Some(module) = open.pop_front() {
            for used in self.edges[module].keys().filter(|used| self.edges.contains_key(*used)) {
                if before.contains_key(used) {
                    continue;
                }
                before.insert(used, module);
                open.push_back(used);
            }
        }
        let mut way = Vec::new();
        let mut at = to;
        loop {
            let user = before.get(at)?;
            way.push((self.names[*user].clone(), self.edges[*user][at].clone()));
            at = user;
            if at == from {
                way.reverse();
                return Some(way);
            }
        }
    }
}

/// The file that has what a path names in the file of a module; `None` if it is in another crate.
fn resolve(
    sources: &BTreeMap<ModulePath, Source>,
    module: &ModulePath,
    parts: &[String],
    depth: usize,
) -> Option<ModulePath> {
    let mut parts = parts.iter().map(String::as_str).peekable();
    let mut at = match parts.peek().copied()? {
        "crate" => {
            parts.next();
            ModulePath::new()
        }
        "self" => {
            parts.next();
            module.clone()
        }
        "super" => {
            let mut above = module.clone();
            while parts.peek() == Some(&"super") {
                parts.next();
                above.pop()?;
            }
            above
        }
        first => {
            let mut child = module.clone();
            child.push(first.to_owned());
            if !sources.contains_key(&child) {
                return None;
            }
            module.clone()
        }
    };
    while let Some(part) = parts.next() {
        let mut child = at.clone();
        child.push(part.to_owned());
        if sources.contains_key(&child) {
            at = child;
            continue;
        }
        let source = sources.get(&at)?;
        if let Some(imported) = source.imports.get(part).filter(|_| depth < 8) {
            let path: Vec<String> =
                imported.iter().cloned().chain(parts.map(str::to_owned)).collect();
            return resolve(sources, &at, &path, depth + 1);
        }
        let is_here = part == "*" || source.items.iter().any(|item| item == part);
        return is_here.then_some(at);
    }
    sources.contains_key(&at).then_some(at)
}
