//! A Rust file, and what is where in it.

use course::source::{Item, ItemKind, Outline};

/// A text and its items.
#[derive(Clone, Debug)]
pub(super) struct Source<'a> {
    pub(super) text: &'a str,
    pub(super) items: Vec<Item>,
}

impl<'a> Source<'a> {
    pub(super) fn read(text: &'a str) -> Self {
        Source { text, items: Outline::read(text).items }
    }

    pub(super) fn whole(&self, item: &Item) -> &'a str {
        &self.text[item.whole.clone()]
    }

    /// What identifies an item in each version of its file. An implementation has no name, so it is its header.
    pub(super) fn key(&self, item: &Item) -> String {
        let squeezed = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        if !item.path.is_empty() {
            return item.path.clone();
        }
        match (item.kind, &item.body) {
            (ItemKind::Container, Some(body)) => squeezed(&self.text[item.declared..body.start]),
            _ => squeezed(&self.text[item.declared..item.whole.end]),
        }
    }

    pub(super) fn find(&self, key: &str) -> Option<&Item> {
        self.items.iter().find(|item| self.key(item) == key)
    }

    /// The innermost container around an item.
    pub(super) fn parent(&self, item: &Item) -> Option<&Item> {
        let is_around = |other: &&Item| {
            other.kind == ItemKind::Container
                && other
                    .body
                    .as_ref()
                    .is_some_and(|body| body.start < item.whole.start && item.whole.end < body.end)
        };
        self.items.iter().rfind(is_around)
    }
}
