//! What an outline of a Rust file is: its items, one after another.

use std::ops::Range;

use crate::id::ExerciseId;

/// The items of a file, in order, and what is wrong with its brackets.
#[derive(Clone, Debug)]
pub struct Outline {
    /// The items. If there is a fault, some may be missing or too long.
    pub items: Vec<Item>,
    /// The first bracket without a partner.
    pub fault: Option<Fault>,
}

/// A bracket without a partner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its line, from 1.
    pub line: usize,
    /// What is wrong with it, in a few words.
    pub what: String,
}

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemKind {
    /// A function or method.
    Fn,
    /// An enum or a struct.
    Type,
    /// A constant, a static or a type alias.
    Const,
    /// An implementation, a trait or a module.
    Container,
    /// An import, a macro, or anything else. It has no name.
    Other,
}

/// An item of a file.
#[derive(Clone, Debug)]
pub struct Item {
    /// What it is.
    pub kind: ItemKind,
    /// Its name, after those of the items around it: `Log::last_index`.
    pub path: String,
    /// All of it, from the comment directly above it on. In bytes, like all ranges here.
    pub whole: Range<usize>,
    /// Where its declaration begins, after comments and attributes.
    pub declared: usize,
    /// From its `{` to its `}`, both included.
    pub body: Option<Range<usize>>,
    /// What it becomes in a stub.
    pub mark: Option<Mark>,
}

/// What a comment says that becomes of an item in a stub.
#[derive(Clone, Debug)]
pub enum Mark {
    /// A function with `// Exercise 2.3: …` in front of its first statement.
    Body {
        /// The exercise.
        id: ExerciseId,
        /// The contract: that comment up to `// Approach: …`, with its line ends.
        comment: Range<usize>,
        /// What the stub does instead, if not `todo!`: `// Until then: None`.
        until_then: Option<String>,
    },
    /// Anything with `// Exercise 1.1: …` above it, which is meant for types.
    Above(ExerciseId),
    /// `// Solution only`: the stub leaves it out.
    SolutionOnly,
}

impl Item {
    /// `last_index` of `Log::last_index`.
    pub fn name(&self) -> &str {
        self.path.rsplit("::").next().unwrap_or_default()
    }

    /// The exercise that it is marked with.
    pub fn exercise(&self) -> Option<ExerciseId> {
        match &self.mark {
            Some(Mark::Body { id, .. } | Mark::Above(id)) => Some(*id),
            Some(Mark::SolutionOnly) | None => None,
        }
    }

    /// The first sentence of its doc comment.
    pub fn first_sentence(&self, text: &str) -> String {
        let docs = text[self.whole.start..self.declared].lines();
        let docs: Vec<&str> =
            docs.filter_map(|line| line.trim_start().strip_prefix("///")).map(str::trim).collect();
        let paragraph: Vec<&str> = docs.into_iter().take_while(|line| !line.is_empty()).collect();
        let paragraph = paragraph.join(" ");
        paragraph.split_once(". ").map_or(paragraph.clone(), |(first, _)| format!("{first}."))
    }
}
