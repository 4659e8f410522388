//! Puts what a learner wrote into a file of the newer course.

use std::collections::BTreeMap;
use std::ops::Range;

use course::source::{Parts, are_same, are_same_code, line_start};

use super::imports;
use super::source::Source;
use super::work::{Added, Work, Written, take_lines};

/// Something of the learner's that has no place in the newer course.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Misfit {
    /// What it is: the name of a function, for example.
    pub(super) what: String,
    /// Why it has no place.
    pub(super) why: String,
    /// The learner's text; empty if it is a whole file.
    pub(super) text: String,
}

impl Misfit {
    pub(super) fn new(what: impl Into<String>, why: impl Into<String>, text: &str) -> Self {
        Misfit { what: what.into(), why: why.into(), text: text.to_owned() }
    }

    /// A whole file.
    pub(super) fn file(why: &str) -> Self {
        Misfit::new("the file", why, "")
    }
}

/// A file of the newer course, with what the learner wrote.
#[derive(Debug)]
pub(super) struct Merge<'a> {
    new: Source<'a>,
    /// What replaces a part of it.
    replaced: Vec<(Range<usize>, String)>,
    /// What goes into a place of it, in order.
    inserted: BTreeMap<usize, String>,
}

impl<'a> Merge<'a> {
    pub(super) fn into(new: Source<'a>) -> Self {
        Merge { new, replaced: Vec::new(), inserted: BTreeMap::new() }
    }

    /// Puts a function into the place that it has here. If its signature has changed, says so.
    pub(super) fn put(&mut self, written: &Written<'_>) -> Result<(), &'static str> {
        let item = self.new.items.iter().find(|item| item.path == written.path);
        let item = item.ok_or("the new course has no such exercise")?;
        let new = Parts::of(self.new.text, item).ok_or("the new course declares it differently")?;
        if item.exercise().is_none() {
            return Err("the new course gives this code, so it is no exercise any more");
        }
        if self.replaced.iter().any(|(place, _)| *place == item.whole) {
            return Err("another function of yours has its place in the new course");
        }
        let text = merged(&written.base, &written.mine, &new)?;
        self.replaced.push((item.whole.clone(), text));
        Ok(())
    }

    /// Puts the rest of what the learner wrote in a file into the same file here. Returns what has no place.
    pub(super) fn put_rest(&mut self, work: &Work<'_>) -> Vec<Misfit> {
        let mut misfits = Vec::new();
        for added in &work.added {
            if let Err(why) = self.add(added) {
                misfits.push(Misfit::new(format!("`{}`", added.name), why, added.text));
            }
        }
        for import in &work.imports {
            if let Err(why) = self.import(import) {
                let text = format!("use {import};");
                misfits.push(Misfit::new(format!("`{text}`"), why, &text));
            }
        }
        for edited in &work.edited {
            let new = self.new.find(&edited.key).map(|item| self.new.whole(item));
            if !new.is_some_and(|new| are_same(new, edited.text)) {
                let why =
                    "it is given code that you have changed, and the new course's replaces it";
                misfits.push(Misfit::new(format!("`{}`", edited.key), why, edited.text));
            }
        }
        misfits
    }

    /// Adds an item after the one that it comes after in the learner's file.
    fn add(&mut self, added: &Added<'_>) -> Result<(), String> {
        if let Some(there) = self.new.find(&added.key) {
            return if are_same(self.new.whole(there), added.text) {
                Ok(())
            } else {
                Err("the new course has something else of this name".to_owned())
            };
        }
        let parent = match &added.parent {
            Some(key) => Some(self.new.find(key).ok_or_else(|| {
                format!("the new course has no `{}` for it to be in", key.replace("for", " for "))
            })?),
            None => None,
        };
        let is_sibling = |key: &String| {
            let item = self.new.find(key)?;
            let place = self.new.parent(item).map(|item| item.declared);
            (place == parent.map(|parent| parent.declared)).then_some(item)
        };
        let body = parent.and_then(|parent| parent.body.clone());
        let limit = body.as_ref().map_or(self.new.text.len(), |body| body.end - 1);
        let text = added.text.trim_end();
        let is_line = |text: &str| !text.contains('\n') && text.ends_with(';');
        match added.before.iter().find_map(is_sibling) {
            Some(item) => {
                let gap = is_line(text) && is_line(self.new.whole(item));
                let place = line_end(self.new.text, item.whole.end, limit);
                self.insert(place, &format!("{}{text}", if gap { "\n" } else { "\n\n" }));
            }
            None if body.is_some() => {
                let start = body.map_or(0, |body| body.start + 1);
                self.insert(start, &format!("\n{text}\n"));
            }
            None => {
                let end = self.new.text.trim_end().len();
                self.insert(end, &format!("\n\n{text}"));
            }
        }
        Ok(())
    }

    /// Adds an import after those that are here.
    fn import(&mut self, import: &str) -> Result<(), &'static str> {
        let there = imports::of(&self.new);
        let name = imports::name(import);
        if there.contains(import) {
            return Ok(());
        }
        let is_named = self.new.items.iter().any(|item| item.path == name);
        if name != "*" && (is_named || there.iter().any(|other| imports::name(other) == name)) {
            return Err("the new course means something else by this name");
        }
        let last = self.new.items.iter().rfind(|item| imports::is_plain(&self.new, item));
        match (last, self.new.items.first()) {
            (Some(last), _) => {
                let place = line_end(self.new.text, last.whole.end, self.new.text.len());
                self.insert(place, &format!("\nuse {import};"));
            }
            // Attributes of the whole file come before everything else.
            (None, Some(first)) if self.new.whole(first).contains("#![") => {
                self.insert(first.declared, &format!("use {import};\n"));
            }
            (None, Some(first)) => {
                self.insert(
                    line_start(self.new.text, first.whole.start),
                    &format!("use {import};\n"),
                );
            }
            (None, None) => self.insert(self.new.text.len(), &format!("use {import};\n")),
        }
        Ok(())
    }

    fn insert(&mut self, place: usize, text: &str) {
        self.inserted.entry(place).or_default().push_str(text);
    }

    /// The text of the file.
    pub(super) fn text(&self) -> String {
        let mut edits = self.replaced.clone();
        edits.extend(self.inserted.iter().map(|(&place, text)| (place..place, text.clone())));
        // From the end to the beginning, so that the other places stay valid. What is inserted at the end of a part
        // comes before the part itself.
        edits.sort_by_key(|(place, _)| std::cmp::Reverse((place.start, place.end)));
        let mut text = self.new.text.to_owned();
        for (place, new) in edits {
            text.replace_range(place, &new);
        }
        text
    }
}

/// The end of the line that `place` is in, if that is before `limit`.
fn line_end(text: &str, place: usize, limit: usize) -> usize {
    let end = text[place..].find('\n').map_or(text.len(), |end| place + end);
    if end <= limit { end } else { place }
}

/// A function as the new course has it, with what the learner wrote of it.
fn merged(base: &Parts<'_>, mine: &Parts<'_>, new: &Parts<'_>) -> Result<String, &'static str> {
    let is_written = !are_same(base.rest, mine.rest);
    let signature = if are_same_code(mine.signature, new.signature) || !is_written {
        new.signature
    } else if are_same_code(base.signature, new.signature) {
        mine.signature
    } else {
        return Err("its signature has changed");
    };
    let above = comment(base.above, mine.above, new.above).unwrap_or(new.above.to_owned());
    let opening = comment(base.opening, mine.opening, new.opening);
    let opening = opening.unwrap_or(mine.opening.to_owned());
    let rest = if is_written { mine.rest } else { new.rest };
    Ok(above + signature + &opening + rest)
}

/// A given comment, with what the learner has added before or after it; `None` if both have changed it.
fn comment(base: &str, mine: &str, new: &str) -> Option<String> {
    if are_same(mine, base) || are_same(mine, new) {
        return Some(new.to_owned());
    }
    if are_same(base, new) {
        return Some(mine.to_owned());
    }
    let after = mine.strip_prefix(base).map(|own| format!("{new}{own}"));
    after.or_else(|| mine.strip_suffix(base).map(|own| format!("{own}{new}")))
}

/// What of the learner's lines is neither in a text nor in what has no place.
pub(super) fn other_lines(work: &Work<'_>, text: &str, misfits: &[Misfit]) -> Option<Misfit> {
    let mut lines = work.lines.clone();
    take_lines(&mut lines, text);
    for misfit in misfits {
        take_lines(&mut lines, &misfit.text);
    }
    lines.retain(|line, _| line.chars().any(char::is_alphanumeric));
    if lines.is_empty() {
        return None;
    }
    let left = work.text.lines().filter(|line| lines.contains_key(line.trim()));
    let text: Vec<&str> = left.collect();
    Some(Misfit::new("other lines", "they are outside the part that moves", &text.join("\n")))
}
