//! One source that holds many patches, each switched on by its number.
//!
//! A copy of the whole solution for each patch, with a copy of the suite beside it, took two seconds
//! of compiling each. Nearly all patches change the bodies of functions alone. So a function that some
//! patches change becomes one that asks which of them is switched on, and has the body of each:
//!
//! ```text
//! pub fn peers(&self) -> Vec<ServerId> { match ::bugs::switched_on() {
//!     27 => { … the body as patch 27 has it … }
//!     _ => { … the solution's … }
//! } }
//! ```

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

use syn::{Block, ImplItem, Item, TraitItem};

/// The files of a solution, in which patches are collected.
pub(crate) struct Merged {
    files: BTreeMap<String, Bodies>,
}

/// A file, taken apart.
struct Bodies {
    text: String,
    /// Where the bodies of its functions stand, in order.
    ranges: Vec<Range<usize>>,
    /// Of each function that is patched: number of the patch, and body.
    patched: BTreeMap<usize, Vec<(usize, String)>>,
}

impl Merged {
    /// Nothing is patched yet.
    pub(crate) fn new(files: &BTreeMap<String, String>) -> Result<Self, String> {
        let apart = |(name, text): (&String, &String)| Ok((name.clone(), Bodies::of(text)?));
        Ok(Merged { files: files.iter().map(apart).collect::<Result<_, String>>()? })
    }

    /// Takes in the patch with this number; false if it changes more than the bodies of functions.
    pub(crate) fn take(
        &mut self,
        number: usize,
        patched: &BTreeMap<String, String>,
    ) -> Result<bool, String> {
        let mut changed = Vec::new();
        for (name, text) in patched {
            if self.files[name].text != *text {
                let bodies = Bodies::of(text).map_err(|error| format!("{name}: {error}"))?;
                if bodies.outside() != self.files[name].outside() {
                    return Ok(false);
                }
                changed.push((name, bodies));
            }
        }
        for (name, bodies) in changed {
            let Some(file) = self.files.get_mut(name) else { continue };
            for (function, range) in bodies.ranges.iter().enumerate() {
                let body = &bodies.text[range.clone()];
                if *body != file.text[file.ranges[function].clone()] {
                    file.patched.entry(function).or_default().push((number, body.to_owned()));
                }
            }
        }
        Ok(true)
    }

    /// The files with all that was taken in.
    pub(crate) fn files(&self) -> BTreeMap<String, String> {
        self.files.iter().map(|(name, bodies)| (name.clone(), bodies.merged())).collect()
    }
}

impl Bodies {
    fn of(text: &str) -> Result<Self, String> {
        let file = syn::parse_file(text).map_err(|error| error.to_string())?;
        let mut ranges = Vec::new();
        let range = |block: &Block| block.brace_token.span.join().byte_range();
        for item in &file.items {
            match item {
                Item::Fn(function) => ranges.push(range(&function.block)),
                Item::Impl(block) => ranges.extend(block.items.iter().filter_map(|item| {
                    if let ImplItem::Fn(function) = item {
                        Some(range(&function.block))
                    } else {
                        None
                    }
                })),
                Item::Trait(declared) => ranges.extend(declared.items.iter().filter_map(|item| {
                    if let TraitItem::Fn(function) = item {
                        function.default.as_ref().map(range)
                    } else {
                        None
                    }
                })),
                _ => {}
            }
        }
        Ok(Bodies { text: text.to_owned(), ranges, patched: BTreeMap::new() })
    }

    /// What is not in the body of a function.
    fn outside(&self) -> Vec<&str> {
        let starts = [0].into_iter().chain(self.ranges.iter().map(|range| range.end));
        let ends = self.ranges.iter().map(|range| range.start).chain([self.text.len()]);
        starts.zip(ends).map(|(start, end)| &self.text[start..end]).collect()
    }

    fn merged(&self) -> String {
        let mut merged = String::new();
        for (function, outside) in self.outside().into_iter().enumerate() {
            merged += outside;
            let Some(range) = self.ranges.get(function) else { continue };
            let own = &self.text[range.clone()];
            match self.patched.get(&function) {
                None => merged += own,
                Some(patched) => {
                    merged += "{ match ::bugs::switched_on() {\n";
                    for (number, body) in patched {
                        let _ = writeln!(merged, "{number} => {body}");
                    }
                    let _ = write!(merged, "_ => {own}\n}} }}");
                }
            }
        }
        merged
    }
}
