//! Every exercise has its place in the book: a heading in the chapter of its module.

use std::collections::BTreeMap;

use gates::course::{self, Module};

use super::links::resolved;
use super::none;
use super::page::{Heading, Page, all, root};

/// The headings of exercises on a page, `### Exercise 2.3: Title`: the exercise, its title, the heading.
fn headings(page: &Page) -> Vec<(&str, &str, &Heading)> {
    let mut headings = Vec::new();
    for heading in &page.headings {
        let exercise = heading.text.strip_prefix("Exercise ");
        if let Some((id, title)) = exercise.and_then(|exercise| exercise.split_once(": ")) {
            headings.push((id, title, heading));
        }
    }
    headings
}

fn modules() -> Vec<Module> {
    course::read_modules(&root()).unwrap_or_else(|why| panic!("{why}"))
}

#[test]
fn every_exercise_stands_in_exactly_one_chapter() {
    let pages = all();
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for page in pages.values() {
        for (id, ..) in headings(page) {
            found.entry(id.to_owned()).or_default().push(page.path.clone());
        }
    }
    let mut wrong = Vec::new();
    for module in modules() {
        let chapter = format!("docs/chapters/{}.md", module.dir);
        for exercise in &module.exercises {
            match found.remove(&exercise.id.to_string()).unwrap_or_default().as_slice() {
                [page] if *page == chapter => {}
                [] => wrong.push(format!("{chapter} has no `### Exercise {}: …`", exercise.id)),
                pages => {
                    let pages = pages.join(", ");
                    wrong.push(format!(
                        "exercise {} stands in {pages}, not once in {chapter}",
                        exercise.id
                    ));
                }
            }
        }
    }
    // A chapter may be written before its module.
    let is_written =
        |id: &str| modules().iter().any(|module| id.starts_with(&format!("{}.", module.number())));
    for (id, pages) in found.into_iter().filter(|(id, _)| is_written(id)) {
        wrong.push(format!("{}: there is no exercise {id}", pages.join(", ")));
    }
    none(&wrong);
}

#[test]
fn an_exercise_has_the_same_title_file_and_functions_in_its_chapter() {
    let pages = all();
    let mut wrong = Vec::new();
    for module in modules() {
        let Some(page) = pages.get(&format!("docs/chapters/{}.md", module.dir)) else {
            continue;
        };
        for (id, title, heading) in headings(page) {
            let exercise = module.exercises.iter().find(|exercise| exercise.id.to_string() == id);
            let Some(exercise) = exercise else { continue };
            let mut fault =
                |what: String| wrong.push(format!("{}: {what}", page.place(heading.at)));
            if exercise.title != title {
                fault(format!("exercise {id} is called `{}`", exercise.title));
            }
            let section = page.section(heading);
            let file = format!("modules/{}/{}", module.dir, exercise.file);
            let links = page.links.iter().filter(|link| section.contains(&link.at));
            let mut files = links.filter_map(|link| resolved(&page.path, &link.target).ok());
            if !files.any(|link| link == file) {
                fault(format!("exercise {id} stands in {file}, and no link leads there"));
            }
            let is_named = |name: &&String| {
                let mut code = page.code.iter().filter(|(at, _)| section.contains(at));
                code.any(|(_, word)| word.ends_with(name.as_str()))
            };
            for name in exercise.functions.iter().filter(|name| !is_named(name)) {
                fault(format!("exercise {id} asks for `{name}`, which is not named"));
            }
        }
    }
    none(&wrong);
}
