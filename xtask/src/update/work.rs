//! What a learner wrote in a Rust file: the difference between the file as it was handed out and as it is, item by
//! item.

use std::collections::{BTreeMap, BTreeSet};

use course::source::{Item, ItemKind, Parts, are_same};

use super::imports;
use super::source::Source;

/// A function or type of an exercise that the learner has changed.
#[derive(Clone, Debug)]
pub(super) struct Written<'a> {
    pub(super) path: String,
    pub(super) base: Parts<'a>,
    pub(super) mine: Parts<'a>,
    /// All of it.
    pub(super) whole: &'a str,
}

/// An item that the learner has added.
#[derive(Clone, Debug)]
pub(super) struct Added<'a> {
    pub(super) key: String,
    pub(super) name: String,
    pub(super) text: &'a str,
    /// The key of the container that it is in.
    pub(super) parent: Option<String>,
    /// The keys of the items before it in the same container, the nearest first.
    pub(super) before: Vec<String>,
}

/// Given code that the learner has changed.
#[derive(Clone, Debug)]
pub(super) struct Edited<'a> {
    pub(super) key: String,
    pub(super) text: &'a str,
}

/// What a learner wrote in a file.
#[derive(Clone, Debug, Default)]
pub(super) struct Work<'a> {
    pub(super) written: Vec<Written<'a>>,
    pub(super) added: Vec<Added<'a>>,
    /// Single imports, such as `protocol::Term`.
    pub(super) imports: BTreeSet<String>,
    pub(super) edited: Vec<Edited<'a>>,
    /// Every line that the stub does not have, trimmed, and how often it is there. Imports are left out.
    pub(super) lines: BTreeMap<&'a str, usize>,
    /// All of the file.
    pub(super) text: &'a str,
}

impl<'a> Work<'a> {
    /// Compares a file with its stub.
    pub(super) fn read(base: &Source<'a>, mine: &Source<'a>) -> Self {
        let mut work = Work {
            imports: &imports::of(mine) - &imports::of(base),
            lines: lines_without(mine.text, base.text),
            text: mine.text,
            ..Work::default()
        };
        for item in mine.items.iter().filter(|item| imports::is_plain(mine, item)) {
            take_lines(&mut work.lines, mine.whole(item));
        }
        let known: BTreeSet<String> = base.items.iter().map(|item| base.key(item)).collect();
        // What is in an added container goes with it.
        let mut copied = 0;
        for item in mine.items.iter().filter(|item| !imports::is_plain(mine, item)) {
            if item.whole.start < copied {
                continue;
            }
            let key = mine.key(item);
            if !known.contains(&key) {
                copied = item.whole.end;
                work.added.push(added(mine, item, key));
            } else if let Some(old) = base.find(&key) {
                work.compare(base, old, mine, item);
            }
        }
        work
    }

    fn compare(&mut self, base: &Source<'a>, old: &Item, mine: &Source<'a>, item: &Item) {
        let text = mine.whole(item);
        let is_unchanged = are_same(base.whole(old), text);
        if old.kind == ItemKind::Container && old.exercise().is_none() || is_unchanged {
            return;
        }
        match (Parts::of(base.text, old), Parts::of(mine.text, item)) {
            (Some(old_parts), Some(parts)) if old.exercise().is_some() => {
                let path = item.path.clone();
                self.written.push(Written { path, base: old_parts, mine: parts, whole: text });
            }
            _ => self.edited.push(Edited { key: mine.key(item), text }),
        }
    }
}

fn added<'a>(mine: &Source<'a>, item: &Item, key: String) -> Added<'a> {
    let parent = mine.parent(item);
    let is_sibling = |other: &&Item| {
        other.whole.end <= item.whole.start
            && mine.parent(other).map(|other| other.declared) == parent.map(|p| p.declared)
    };
    let before = mine.items.iter().rev().filter(is_sibling).map(|other| mine.key(other)).collect();
    let text = mine.whole(item);
    let declared = mine.text[item.declared..].lines().next().unwrap_or_default();
    let is_named = !item.path.is_empty();
    let name =
        if is_named { item.path.clone() } else { declared.trim_end_matches(" {").to_owned() };
    Added { key, name, text, parent: parent.map(|parent| mine.key(parent)), before }
}

/// The lines of a text that another does not have, trimmed, each with how often it is there.
fn lines_without<'a>(text: &'a str, other: &str) -> BTreeMap<&'a str, usize> {
    let mut lines = BTreeMap::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        *lines.entry(line).or_insert(0) += 1;
    }
    take_lines(&mut lines, other);
    lines
}

/// Removes the lines of a text, each as often as it is there.
pub(super) fn take_lines(lines: &mut BTreeMap<&str, usize>, text: &str) {
    for line in text.lines().map(str::trim) {
        if let Some(count) = lines.get_mut(line) {
            *count -= 1;
            if *count == 0 {
                lines.remove(line);
            }
        }
    }
}
