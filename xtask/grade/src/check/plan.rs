//! Plans: which exercises are due in which week.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use course::{Exercise, ExerciseId, Module};
use xtask::say;
use xtask::tree::{Course, Way};

use super::Part;
use super::hours::{cells, in_words};

/// The page with the plans, and the heading and last module of each.
const PAGE: &str = "docs/instructors/course-plan.md";
const PLANS: [(&str, u32); 2] = [("## Six weeks", 5), ("## Twelve weeks", 7)];

/// By how many minutes the weeks of a plan may differ.
const MOST_DIFFERENCE: u32 = 45;

/// The core exercises up to a module, in the order in which they are due.
fn due(course: &Course, last: u32) -> Vec<&Exercise> {
    let modules = course.modules.iter().filter(|module| module.number() <= last);
    let mut all: Vec<&Exercise> = modules.flat_map(Module::core).collect();
    all.sort_by_key(|exercise| (exercise.due(), exercise.id));
    all
}

/// Spreads exercises over weeks, in their order, so that the fullest week is as short as possible.
///
/// # Errors
/// If there are fewer exercises than weeks.
fn spread<'a>(exercises: &[&'a Exercise], weeks: usize) -> Result<Vec<Vec<&'a Exercise>>> {
    ensure!(
        (1..=exercises.len()).contains(&weeks),
        "{} exercises cannot be spread over {weeks} weeks",
        exercises.len()
    );
    let sum: u32 = exercises.iter().map(|exercise| exercise.minutes).sum();
    let longest = exercises.iter().map(|exercise| exercise.minutes).max().unwrap_or_default();
    let fits = |limit: u32| filled(exercises, limit).len() <= weeks;
    let limit = (longest..=sum).find(|limit| fits(*limit)).unwrap_or(sum);
    let mut plan = filled(exercises, limit);
    // Exercises may fit into fewer weeks. Then the fullest week that has several is split.
    while plan.len() < weeks {
        let several = plan.iter().enumerate().filter(|(_, week)| week.len() > 1);
        let (place, _) = several
            .max_by_key(|(_, week)| week.iter().map(|exercise| exercise.minutes).sum::<u32>())
            .context("a week has more than one exercise")?;
        let half = plan[place].len() / 2;
        let rest = plan[place].split_off(half);
        plan.insert(place + 1, rest);
    }
    Ok(plan)
}

/// Weeks that are filled one after the other, each up to the limit.
fn filled<'a>(exercises: &[&'a Exercise], limit: u32) -> Vec<Vec<&'a Exercise>> {
    let mut plan: Vec<Vec<&Exercise>> = Vec::new();
    let mut minutes = 0;
    for exercise in exercises {
        if plan.is_empty() || minutes + exercise.minutes > limit {
            plan.push(Vec::new());
            minutes = 0;
        }
        minutes += exercise.minutes;
        if let Some(week) = plan.last_mut() {
            week.push(exercise);
        }
    }
    plan
}

/// Prints a plan as a table.
///
/// # Errors
/// If there are fewer exercises than weeks.
pub(super) fn print(course: &Course, weeks: usize, last: u32) -> Result<()> {
    let plan = spread(&due(course, last), weeks)?;
    say!("| week | exercises | hours | points |\n|---|---|---|---|");
    for (number, week) in (1..).zip(&plan) {
        let minutes = week.iter().map(|exercise| exercise.minutes).sum();
        let points: u32 = week.iter().map(|exercise| exercise.points).sum();
        let ids: Vec<ExerciseId> = week.iter().map(|exercise| exercise.id).collect();
        say!("| {number} | {} | {} | {points} |", in_order(&ids), in_words(minutes));
    }
    Ok(())
}

/// `0.1 to 0.3, 0.6`.
fn in_order(ids: &[ExerciseId]) -> String {
    let mut runs: Vec<(ExerciseId, ExerciseId)> = Vec::new();
    for id in ids {
        match runs.last_mut() {
            Some((_, last)) if last.module == id.module && last.number + 1 == id.number => {
                *last = *id;
            }
            _ => runs.push((*id, *id)),
        }
    }
    let words = runs.into_iter().map(|(first, last)| match last.number - first.number {
        0 => first.to_string(),
        1 => format!("{first}, {last}"),
        _ => format!("{first} to {last}"),
    });
    words.collect::<Vec<_>>().join(", ")
}

/// Each plan has every core exercise once, with the hours of its week, and no week is much fuller than another one.
pub(super) fn plans(course: &Course) -> Result<Part> {
    let path = course.root.join(PAGE);
    let text =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Part {
        name: "the plans have every exercise once, and even weeks",
        faults: faults_of_plans(&course.on(Way::Modules)?, &text),
    })
}

fn faults_of_plans(course: &Course, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for (heading, last) in PLANS {
        let Some((_, plan)) = text.split_once(heading) else {
            faults.push(format!("{PAGE} has no plan `{heading}`"));
            continue;
        };
        let exercises = due(course, last);
        let rows = plan.lines().skip_while(|line| !line.starts_with("|---")).skip(1);
        let mut found: Vec<ExerciseId> = Vec::new();
        let mut weeks: Vec<u32> = Vec::new();
        for row in rows.take_while(|line| line.starts_with('|')).map(cells) {
            let [week, _, cell, hours] = row[..] else {
                faults.push(format!("{PAGE}: a week has {} cells", row.len()));
                continue;
            };
            let ids = named(cell, &exercises);
            for id in ids.iter().filter(|id| !exercises.iter().any(|it| it.id == **id)) {
                faults.push(format!("{PAGE}: {id} is no core exercise of `{heading}`"));
            }
            let in_week = exercises.iter().filter(|exercise| ids.contains(&exercise.id));
            let minutes: u32 = in_week.map(|exercise| exercise.minutes).sum();
            if hours != in_words(minutes) {
                faults.push(format!("{PAGE}: week {week} takes {} hours", in_words(minutes)));
            }
            found.extend(ids);
            weeks.push(minutes);
        }
        for exercise in &exercises {
            match found.iter().filter(|id| **id == exercise.id).count() {
                1 => {}
                0 => faults.push(format!("{PAGE}: `{heading}` lacks exercise {}", exercise.id)),
                _ => faults.push(format!("{PAGE}: `{heading}` has {} twice", exercise.id)),
            }
        }
        let difference = weeks.iter().max().unwrap_or(&0) - weeks.iter().min().unwrap_or(&0);
        if difference > MOST_DIFFERENCE {
            faults.push(format!("{PAGE}: the weeks of `{heading}` differ by {difference} minutes"));
        }
    }
    faults
}

/// The exercises that a cell names: `0.1 to 0.3; 1.5 and 1.6`, up to the word `optional`.
fn named(cell: &str, exercises: &[&Exercise]) -> Vec<ExerciseId> {
    let cell = cell.split("optional").next().unwrap_or_default();
    let id =
        |word: &str| word.trim_matches(|it: char| !it.is_ascii_digit()).parse::<ExerciseId>().ok();
    let words: Vec<&str> = cell.split_whitespace().collect();
    let mut all = Vec::new();
    for (place, word) in words.iter().enumerate() {
        let Some(last) = id(word) else { continue };
        let from = place.checked_sub(2).filter(|_| words[place - 1] == "to");
        match from.and_then(|from| id(words[from])) {
            Some(first) => {
                let within = |it: &&&Exercise| it.id > first && it.id <= last;
                all.extend(exercises.iter().filter(within).map(|exercise| exercise.id));
            }
            None => all.push(last),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn course() -> Course {
        Course::load(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).unwrap()
    }

    #[test]
    fn every_exercise_is_in_one_week_and_no_other_spread_has_a_shorter_longest_one() {
        let course = course();
        for (weeks, last) in [(6, 5), (12, 7), (10, 6), (1, 0)] {
            let all = due(&course, last);
            let plan = spread(&all, weeks).unwrap();
            assert_eq!(plan.len(), weeks);
            let ids: Vec<ExerciseId> = plan.iter().flatten().map(|exercise| exercise.id).collect();
            assert_eq!(ids, all.iter().map(|exercise| exercise.id).collect::<Vec<_>>());
            let minutes = |week: &Vec<&Exercise>| week.iter().map(|it| it.minutes).sum::<u32>();
            let longest = plan.iter().map(minutes).max().unwrap();
            assert!(filled(&all, longest - 1).len() > weeks, "{weeks} weeks: {longest}");
        }
        assert!(spread(&due(&course, 0), 30).is_err());
    }

    #[test]
    fn the_plans_of_the_page_fit_the_exercises_and_others_do_not() {
        let course = course();
        let text = fs::read_to_string(course.root.join(PAGE)).unwrap();
        assert_eq!(faults_of_plans(&course, &text), [""; 0]);
        for (from, to, said) in [
            ("2.5 to 2.8;", "2.6 to 2.8;", "`## Six weeks` lacks exercise 2.5"),
            ("2.5 to 2.8;", "2.4 to 2.8;", "`## Six weeks` has 2.4 twice"),
            ("2.5 to 2.8;", "2.5 to 2.8, 2.9;", "2.9 is no core exercise of `## Six weeks`"),
            ("| 3¾ |", "| 4 |", "takes 3¾ hours"),
            ("## Twelve weeks", "## Ten weeks", "has no plan `## Twelve weeks`"),
        ] {
            assert!(text.contains(from), "{from}");
            let faults = faults_of_plans(&course, &text.replacen(from, to, 1));
            assert!(faults.iter().any(|fault| fault.contains(said)), "{to}: {faults:?}");
        }
    }

    #[test]
    fn ids_in_a_row_are_shortened() {
        let ids = ["0.1", "0.2", "0.3", "0.6", "1.1", "1.2"].map(|id| id.parse().unwrap());
        assert_eq!(in_order(&ids), "0.1 to 0.3, 0.6, 1.1, 1.2");
    }
}
