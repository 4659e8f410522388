//! The learner's modules in the newer course.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use course::OPEN_DIR;
use course::source::{Parts, are_same_code, stub};

use super::listing::Listing;
use super::merge::{Merge, Misfit, other_lines};
use super::scenario;
use super::source::Source;
use super::work::{Work, Written};
use crate::files::{self, Tree};
use crate::{line_endings, reset};

/// The files of all modules in three versions, by their path from the root.
#[derive(Debug)]
pub(super) struct Versions {
    /// As they were handed out to the learner.
    pub(super) base: Tree,
    /// As they are.
    pub(super) mine: Tree,
    /// As the newer course hands them out.
    pub(super) new: Tree,
}

/// What becomes of the learner's files.
#[derive(Debug, Default)]
pub(super) struct Moves {
    /// New contents; `None` for a file to remove.
    pub(super) changes: BTreeMap<PathBuf, Option<Vec<u8>>>,
    /// What moves, by the file that it moves to.
    pub(super) moved: BTreeMap<PathBuf, Vec<String>>,
    /// What has no place, by the file that it is in now.
    pub(super) misfits: BTreeMap<PathBuf, Vec<Misfit>>,
}

/// Files with `\n` at the end of each line.
type Texts = BTreeMap<PathBuf, String>;

/// Decides what becomes of each file of the modules.
///
/// # Errors
/// If a file that the learner has changed cannot be taken apart.
pub(super) fn moves(versions: &Versions, old: &Listing, new: &Listing) -> Result<Moves> {
    let Versions { base, mine, new: stubs } = versions;
    let mut moves = Moves::default();
    for (path, bytes) in stubs {
        let is_same = |mine: &Vec<u8>| line_endings::are_same(mine, bytes);
        if !mine.get(path).is_some_and(is_same) {
            let text = mine.get(path).map_or(bytes.clone(), |mine| like(mine, bytes));
            moves.changes.insert(path.clone(), Some(text));
        }
    }
    let mut changed = Tree::new();
    for (path, bytes) in mine {
        let stub = base.get(path);
        if is_of_open_path(path) && stub.is_none_or(|stub| !line_endings::are_same(stub, bytes)) {
            // All of it is the learner's design, so there is nothing to move it into.
            moves.changes.remove(path);
        } else if stub.is_some_and(|stub| !line_endings::are_same(stub, bytes)) {
            changed.insert(path.clone(), bytes.clone());
        } else if let Some(why) = not_kept(path, stub.is_some(), bytes, stubs) {
            if stub.is_none() {
                moves.misfit(path, Misfit::file(&why));
            }
            if !stubs.contains_key(path) {
                moves.changes.insert(path.clone(), None);
            }
        }
    }
    let (sources, others): (Tree, Tree) =
        changed.into_iter().partition(|(path, _)| path.extension().is_some_and(|end| end == "rs"));
    moves.sources(&Three::read(base, &sources, stubs)?, &sources);
    for (path, bytes) in &others {
        moves.other(path, bytes, versions, (old, new));
    }
    Ok(moves)
}

/// Why a file that was not changed, or is no file of the course, does not stay where it is.
fn not_kept(path: &Path, is_given: bool, bytes: &[u8], stubs: &Tree) -> Option<String> {
    let is_in_course = stubs.keys().any(|stub| module_of(stub) == module_of(path));
    match stubs.get(path) {
        Some(stub) if is_given || line_endings::are_same(stub, bytes) => None,
        Some(_) => Some("the new course has a file of this name".to_owned()),
        None if is_given => Some(String::new()),
        None if !is_in_course => Some("the new course has no such module".to_owned()),
        None => None,
    }
}

/// Whether a file is part of a server of the learner's own design.
fn is_of_open_path(path: &Path) -> bool {
    path.starts_with(Path::new("modules").join(OPEN_DIR))
}

/// `modules/02-election` of a path in it.
fn module_of(path: &Path) -> PathBuf {
    path.iter().take(2).collect()
}

/// The new bytes of a file, with the line endings that it has.
fn like(file: &[u8], new: &[u8]) -> Vec<u8> {
    match (std::str::from_utf8(file), std::str::from_utf8(new)) {
        (Ok(file), Ok(new)) => line_endings::like(file, new).into_bytes(),
        _ => new.to_vec(),
    }
}

/// The Rust files of the modules in three versions.
struct Three {
    base: Texts,
    mine: Texts,
    new: Texts,
}

impl Three {
    fn read(base: &Tree, mine: &Tree, new: &Tree) -> Result<Self> {
        let given = |tree: &Tree| -> Texts {
            let files =
                tree.iter().filter(|(path, _)| path.extension().is_some_and(|end| end == "rs"));
            files
                .map(|(path, bytes)| (path.clone(), unified(&String::from_utf8_lossy(bytes))))
                .collect()
        };
        let mut texts = Texts::new();
        for (path, bytes) in mine {
            let text = reset::text_of(bytes).map(unified);
            let whole = text.and_then(|text| Ok(stub::items(&text).map(|_| text)?));
            match whole {
                Ok(text) => texts.insert(path.clone(), text),
                Err(error) => bail!(
                    "{}, {error:#}. Until that is repaired, nobody can tell where your functions end; repair it and \
                     try again. Nothing was changed",
                    files::shown(path)
                ),
            };
        }
        Ok(Three { base: given(base), mine: texts, new: given(new) })
    }
}

const BYTE_ORDER_MARK: char = '\u{feff}';

/// The text without a byte order mark, with `\n` at the end of each line.
fn unified(text: &str) -> String {
    line_endings::unified(text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text))
}

impl Moves {
    fn misfit(&mut self, path: &Path, misfit: Misfit) {
        self.misfits.entry(path.to_path_buf()).or_default().push(misfit);
    }

    /// Moves what the learner wrote in Rust files.
    fn sources(&mut self, three: &Three, bytes: &Tree) {
        let places = Places { base: sources_of(&three.base), new: sources_of(&three.new) };
        let works: BTreeMap<&Path, Work<'_>> = three
            .mine
            .iter()
            .map(|(path, text)| {
                (path.as_path(), Work::read(&places.base[path], &Source::read(text)))
            })
            .collect();
        let mut merges: BTreeMap<&Path, Merge<'_>> = BTreeMap::new();
        // The files in which something of a file is now.
        let mut targets: BTreeMap<&Path, BTreeSet<&Path>> = BTreeMap::new();
        for (path, work) in &works {
            for written in &work.written {
                match places.put(&mut merges, path, written) {
                    Ok(target) => {
                        targets.entry(path).or_default().insert(target);
                        let name = format!("`{}`", written.path);
                        self.moved.entry(target.to_path_buf()).or_default().push(name);
                    }
                    Err(why) => {
                        let what = format!("`{}`", written.path);
                        self.misfit(path, Misfit::new(what, why, written.whole));
                    }
                }
            }
        }
        for (path, work) in &works {
            let misfits = match places.new.get_key_value(*path) {
                Some((place, new)) => {
                    targets.entry(path).or_default().insert(place);
                    merges.entry(place).or_insert_with(|| Merge::into(new.clone())).put_rest(work)
                }
                None => rest_of_gone_file(work),
            };
            for misfit in misfits {
                self.misfit(path, misfit);
            }
        }
        let texts: BTreeMap<&Path, String> =
            merges.iter().map(|(path, merge)| (*path, merge.text())).collect();
        for (path, work) in &works {
            let places = targets.get(path).into_iter().flatten();
            let all: String = places.map(|place| texts[place].as_str()).collect();
            let misfits = self.misfits.get(*path).map_or(&[][..], Vec::as_slice);
            if let Some(other) = other_lines(work, &all, misfits) {
                self.misfit(path, other);
            }
        }
        self.write(&texts, bytes, three);
    }

    /// Notes the new texts of files.
    fn write(&mut self, texts: &BTreeMap<&Path, String>, bytes: &Tree, three: &Three) {
        for (path, text) in texts {
            let old = bytes.get(*path).map(|old| String::from_utf8_lossy(old).into_owned());
            let new = old.as_ref().map_or(text.clone(), |old| line_endings::like(old, text));
            let is_same = old.is_some_and(|old| unified(&old) == *text);
            if is_same {
                self.changes.remove(*path);
            } else {
                self.changes.insert(path.to_path_buf(), Some(new.into_bytes()));
            }
        }
        let gone = three.mine.keys().filter(|path| !three.new.contains_key(*path));
        self.changes.extend(gone.map(|path| (path.clone(), None)));
    }

    /// Moves a file that is not Rust.
    fn other(
        &mut self,
        path: &Path,
        bytes: &[u8],
        versions: &Versions,
        (old, new): (&Listing, &Listing),
    ) {
        let text = String::from_utf8_lossy(bytes);
        let base = String::from_utf8_lossy(&versions.base[path]);
        let own = scenario::Own { base: unified(&base), mine: unified(&text) };
        let place =
            scenario::is_one(path).then(|| own.place(path, &versions.new, old, new)).flatten();
        let Some((target, stub)) = place else {
            let why = "the new course has no exercise for it";
            self.misfit(path, Misfit::file(why));
            if !versions.new.contains_key(path) {
                self.changes.insert(path.to_path_buf(), None);
            }
            return;
        };
        let (merged, misfit) = own.in_new(&unified(&String::from_utf8_lossy(stub)));
        if let Some(misfit) = misfit {
            self.misfit(path, misfit);
        }
        let merged = line_endings::like(&text, &merged);
        let is_same = versions.mine.get(target).is_some_and(|mine| mine == merged.as_bytes());
        if is_same {
            self.changes.remove(target);
        } else {
            self.changes.insert(target.to_path_buf(), Some(merged.into_bytes()));
        }
        if target != path && !versions.new.contains_key(path) {
            self.changes.insert(path.to_path_buf(), None);
        }
        self.moved.entry(target.to_path_buf()).or_default().push(scenario::name(path));
    }
}

/// What has no place because its file has none.
fn rest_of_gone_file(work: &Work<'_>) -> Vec<Misfit> {
    let why = "the new course has no such file";
    let added =
        work.added.iter().map(|item| Misfit::new(format!("`{}`", item.name), why, item.text));
    let edited =
        work.edited.iter().map(|item| Misfit::new(format!("`{}`", item.key), why, item.text));
    added.chain(edited).collect()
}

/// Where functions are.
struct Places<'a> {
    base: BTreeMap<PathBuf, Source<'a>>,
    new: BTreeMap<PathBuf, Source<'a>>,
}

fn sources_of(texts: &Texts) -> BTreeMap<PathBuf, Source<'_>> {
    texts.iter().map(|(path, text)| (path.clone(), Source::read(text))).collect()
}

impl<'a> Places<'a> {
    /// Puts a function into its place in the new course. Returns the file, or why it has none.
    fn put<'b>(
        &'b self,
        merges: &mut BTreeMap<&'b Path, Merge<'a>>,
        path: &Path,
        written: &Written<'_>,
    ) -> Result<&'b Path, String> {
        let target = self.target(path, written).ok_or_else(|| self.why_gone(path, written))?;
        let merge = merges.entry(target).or_insert_with(|| Merge::into(self.new[target].clone()));
        merge.put(written).map(|()| target).map_err(str::to_owned)
    }

    /// The file of the new course that has a function of this name and signature: the same file, or one that has it
    /// since. The latter must be unambiguous.
    fn target(&self, path: &Path, written: &Written<'_>) -> Option<&Path> {
        if self.has(path, written) {
            return self.new.get_key_value(path).map(|(path, _)| path.as_path());
        }
        let is_new = |place: &&PathBuf| {
            self.base.get(*place).is_none_or(|base| base.find(&written.path).is_none())
                && self.fits(place, written)
        };
        let candidates: BTreeSet<&PathBuf> = self.new.keys().filter(is_new).collect();
        let in_module: Vec<&&PathBuf> =
            candidates.iter().filter(|place| module_of(place) == module_of(path)).collect();
        let same_name: Vec<&&PathBuf> =
            candidates.iter().filter(|place| place.file_name() == path.file_name()).collect();
        match (&in_module[..], &same_name[..]) {
            ([one], _) | ([], [one]) => Some(one.as_path()),
            _ => None,
        }
    }

    fn has(&self, place: &Path, written: &Written<'_>) -> bool {
        self.new.get(place).is_some_and(|new| new.find(&written.path).is_some())
    }

    /// Whether a file of the new course has an exercise of the same name and signature.
    fn fits(&self, place: &Path, written: &Written<'_>) -> bool {
        let Some(new) = self.new.get(place) else { return false };
        let item = new.find(&written.path).filter(|item| item.exercise().is_some());
        let parts = item.and_then(|item| Parts::of(new.text, item));
        parts.is_some_and(|parts| are_same_code(parts.signature, written.base.signature))
    }

    /// Why a function has no place. If another one looks like it, the learner may want to know.
    fn why_gone(&self, path: &Path, written: &Written<'_>) -> String {
        let Some(new) = self.new.get(path) else {
            return "the new course has no such file".to_owned();
        };
        let name = written.path.rsplit("::").next().unwrap_or_default();
        let base = &self.base[path];
        let is_alike = |item: &&course::source::Item| {
            let parts = Parts::of(new.text, item);
            let renamed = parts.map(|parts| parts.signature.replacen(item.name(), name, 1));
            item.exercise().is_some()
                && base.find(&item.path).is_none()
                && renamed.is_some_and(|renamed| are_same_code(&renamed, written.base.signature))
        };
        let alike: Vec<_> = new.items.iter().filter(is_alike).collect();
        match alike[..] {
            [item] => format!(
                "the new course has no exercise of this name; `{}` has the same signature",
                item.path
            ),
            _ => "the new course has no exercise of this name".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
