//! Links: to pages, to headings, to files, to functions in them.

use std::collections::BTreeMap;
use std::fs;

use super::none;
use super::page::{Link, Page, all, has_extension, ours, root};

#[test]
fn every_link_leads_somewhere() {
    let pages = all();
    let mut wrong = Vec::new();
    for page in ours() {
        for link in page.links.iter().chain(&page.pictures) {
            if let Err(why) = leads_somewhere(&page, link, &pages) {
                wrong.push(format!("{}: {}: {why}", page.place(link.at), link.target));
            }
        }
    }
    none(&wrong);
}

fn leads_somewhere(page: &Page, link: &Link, pages: &BTreeMap<String, Page>) -> Result<(), String> {
    if link.target.starts_with("https://") || link.target.starts_with("http://") {
        return Ok(());
    }
    let (path, fragment) = match link.target.split_once('#') {
        Some((path, fragment)) => (path, Some(fragment)),
        None => (&*link.target, None),
    };
    let path = if path.is_empty() { page.path.clone() } else { resolved(&page.path, path)? };
    if !root().join(in_reference(&path)).exists() {
        return Err(format!("there is no {path}"));
    }
    let Some(fragment) = fragment else { return Ok(()) };
    if let Some(target) = pages.get(&path) {
        let is_there = target.headings.iter().any(|heading| heading.id == fragment);
        return if is_there { Ok(()) } else { Err(format!("{path} has no such heading")) };
    }
    let text = fs::read_to_string(root().join(in_reference(&path))).unwrap_or_default();
    let lines: Option<Vec<usize>> =
        fragment.split('-').map(|line| line.strip_prefix('L')?.parse().ok()).collect();
    let Some(lines) = lines else { return Err("a line is named like #L12".to_owned()) };
    if lines.iter().all(|line| (1..=text.lines().count()).contains(line)) {
        return Ok(());
    }
    Err(format!("{path} has {} lines", text.lines().count()))
}

/// The path from the root that a link of a page means.
pub(crate) fn resolved(page: &str, link: &str) -> Result<String, String> {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in link.trim_end_matches('/').split('/') {
        match part {
            ".." => parts.pop().map(|_| ()).ok_or("it leads out of the repository")?,
            "." => {}
            name => parts.push(name),
        }
    }
    Ok(parts.join("/"))
}

/// A learner may have changed a module: what is said of its files is held against the reference, which
/// is at the same path.
fn in_reference(path: &str) -> String {
    match path.strip_prefix("modules/") {
        Some(rest) if !rest.starts_with("protocol") => format!("solutions/{rest}"),
        _ => path.to_owned(),
    }
}

#[test]
fn what_a_link_names_is_in_the_file_that_it_leads_to() {
    let mut wrong = Vec::new();
    let mut looked_up = 0;
    for page in ours() {
        let own = page.links.iter().enumerate().filter(|(_, link)| link.is_code);
        let own = own.map(|(number, link)| (number, link.text.clone()));
        for (number, name) in own.chain(page.named.iter().cloned()) {
            let link = &page.links[number];
            let Ok(path) = resolved(&page.path, link.target.split('#').next().unwrap_or_default())
            else {
                continue;
            };
            if !has_extension(&path, "rs") || link.target.contains("://") || !is_name(&name) {
                continue;
            }
            let text = fs::read_to_string(root().join(in_reference(&path))).unwrap_or_default();
            looked_up += 1;
            // `Progress::match_index` is a field of something that is there, too.
            let is_there = |part: &&str| declares(&text, part) || is_module(&path, part);
            for part in name.split("::").filter(|part| !is_there(part)) {
                wrong.push(format!("{}: there is no `{part}` in {path}", page.place(link.at)));
            }
        }
    }
    none(&wrong);
    assert!(looked_up >= 50, "only {looked_up} names were looked up");
}

/// Whether it looks like the name of an item.
fn is_name(text: &str) -> bool {
    let is_name_letter = |c: char| c.is_alphanumeric() || c == '_';
    text.split("::").all(|part| !part.is_empty() && part.chars().all(is_name_letter))
}

/// Whether a file is the module of this name: `log.rs`, or `log/mod.rs`.
fn is_module(path: &str, name: &str) -> bool {
    path.ends_with(&format!("/{name}.rs")) || path.ends_with(&format!("/{name}/mod.rs"))
}

/// Whether a source declares something with this name: an item, a field, a variant.
fn declares(source: &str, name: &str) -> bool {
    const KEYWORDS: [&str; 8] = ["fn", "struct", "enum", "trait", "const", "static", "type", "mod"];
    source.lines().map(str::trim_start).any(|line| {
        let line = line.strip_prefix("pub ").unwrap_or(line);
        let (first, rest) = line.split_once(' ').unwrap_or((line, ""));
        let is_it = |text: &str| {
            let rest = text.strip_prefix(name)?;
            (!rest.starts_with(|c: char| c.is_alphanumeric() || c == '_')).then_some(())
        };
        let item = KEYWORDS.contains(&first) && is_it(rest).is_some();
        let field = first.strip_suffix(':') == Some(name);
        let variant = is_it(line).is_some() && line[name.len()..].starts_with(['{', '(', ',', ' ']);
        item || field || variant
    })
}

#[test]
fn an_item_is_known_by_its_declaration() {
    let source = "/// Calls vote.\npub enum Role {\n    Leader { progress: X },\n}\npub fn vote_for(x: u64) {}\n    pub term: Term,\n";
    for name in ["Role", "Leader", "vote_for", "term"] {
        assert!(declares(source, name), "{name}");
    }
    for name in ["vote", "Lead", "Term", "x"] {
        assert!(!declares(source, name), "{name}");
    }
}
