//! Counters: every increment is positive, and no amount occurs twice.
//!
//! - An answer is at least the sum of all increments that were over before it was asked for, and at most the sum of all
//!   that had begun before it came.
//! - Answers do not decrease from one operation to a later one.
//! - An increment by `a` that got `v` took the counter from `v - a` to `v`, and no two did so over the same amounts.
//! - What no known increment explains, those of unknown outcome must: together they are as large.

use super::finding::{Finding, OnKey, list, span};
use crate::history::{Operation, Outcome};

/// Judges the operations on one counter.
pub(super) fn judge(key: &str, operations: &OnKey<'_>) -> Option<Finding> {
    let mut steps = Vec::new();
    for &(place, operation) in operations {
        let Ok(step) = Step::of(place, operation) else {
            return Some(finding(key, "an answer that is no number", &[place], operations, ""));
        };
        steps.extend(step);
    }
    let found = bounds(&steps).or_else(|| order(&steps)).or_else(|| intervals(&steps))?;
    Some(finding(key, found.title, &found.places, operations, &found.words))
}

/// An operation, as far as it counts.
#[derive(Clone, Copy, Debug)]
struct Step {
    place: usize,
    called: u64,
    returned: Option<u64>,
    /// What it adds: 0 for a read.
    by: i128,
    /// The answer, if it is known.
    value: Option<i128>,
}

impl Step {
    fn of(place: usize, operation: &Operation) -> Result<Option<Self>, ()> {
        let is_read = operation.call.name == "get";
        let is_done = operation.outcome == Outcome::Done;
        if is_read && !is_done {
            return Ok(None);
        }
        let number = |text: Option<&String>| match text {
            None => Ok(0),
            Some(text) => text.parse::<i128>().map_err(|_| ()),
        };
        let by = if is_read { 0 } else { number(operation.call.arguments.first())? };
        let value = if is_done { Some(number(operation.answer.as_ref())?) } else { None };
        let (called, returned) = (operation.called, operation.returned);
        Ok(Some(Step { place, called, returned, by, value }))
    }
}

struct Found {
    title: &'static str,
    places: Vec<usize>,
    words: String,
}

/// Sums of increments until a time.
struct Sums(Vec<(u64, i128)>);

impl Sums {
    fn new(mut increments: Vec<(u64, i128)>) -> Self {
        increments.sort_unstable();
        let mut sum = 0;
        for (_, by) in &mut increments {
            sum += *by;
            *by = sum;
        }
        Sums(increments)
    }

    /// The sum of those before this time.
    fn before(&self, time: u64) -> i128 {
        let count = self.0.partition_point(|(at, _)| *at < time);
        count.checked_sub(1).map_or(0, |last| self.0[last].1)
    }
}

fn bounds(steps: &[Step]) -> Option<Found> {
    let over = steps.iter().filter(|step| step.value.is_some());
    let over = Sums::new(over.filter_map(|step| Some((step.returned?, step.by))).collect());
    let begun = Sums::new(steps.iter().map(|step| (step.called, step.by)).collect());
    for step in steps {
        let (Some(value), Some(returned)) = (step.value, step.returned) else { continue };
        let (least, most) = (over.before(step.called) + step.by, begun.before(returned));
        if value < least {
            // The largest answer before it shows best what it has not seen.
            let earlier =
                steps.iter().filter(|it| it.returned.is_some_and(|end| end < step.called));
            let largest = earlier.filter(|it| it.value.is_some()).max_by_key(|it| it.value);
            let places = largest.map(|it| it.place).into_iter().chain([step.place]).collect();
            let words = format!(
                "When the last of these was asked, increments of together {} had been acknowledged; it lacks {} of them.",
                least - step.by,
                least - value
            );
            return Some(Found { title: "an acknowledged increment is missing", places, words });
        }
        if value > most {
            let excess = value - most;
            let twice = steps.iter().find(|it| it.by == excess);
            let places = twice.map(|it| it.place).into_iter().chain([step.place]).collect();
            let words = format!(
                "All increments that had begun until then make {most}, and the answer is {excess} more{}.",
                if twice.is_some() {
                    ": just as much as one of them, which was executed twice"
                } else {
                    ""
                }
            );
            let title = if twice.is_some() {
                "an increment was executed twice"
            } else {
                "an answer is larger than all increments together"
            };
            return Some(Found { title, places, words });
        }
    }
    None
}

/// Whether a later operation got less than an earlier one.
fn order(steps: &[Step]) -> Option<Found> {
    let known = || steps.iter().filter(|step| step.value.is_some());
    let mut ends: Vec<&Step> = known().filter(|step| step.returned.is_some()).collect();
    ends.sort_by_key(|step| step.returned);
    let mut begins: Vec<&Step> = known().collect();
    begins.sort_by_key(|step| step.called);
    let mut ends = ends.into_iter().peekable();
    let mut largest: Option<&Step> = None;
    for step in begins {
        while let Some(end) = ends.next_if(|end| end.returned < Some(step.called)) {
            if largest.is_none_or(|it| it.value < end.value) {
                largest = Some(end);
            }
        }
        if let Some(largest) =
            largest.filter(|it| it.value > step.value.map(|value| value - step.by))
        {
            let places = vec![largest.place, step.place];
            let words = "The second began after the first was over, and saw less.".to_owned();
            return Some(Found { title: "a counter went back", places, words });
        }
    }
    None
}

/// Whether increments overlap, or leave more out than others explain.
fn intervals(steps: &[Step]) -> Option<Found> {
    let mut known: Vec<(i128, &Step)> = steps
        .iter()
        .filter(|step| step.by > 0)
        .filter_map(|step| Some((step.value?, step)))
        .collect();
    known.sort_by_key(|(value, _)| *value);
    let unknown = steps.iter().filter(|step| step.value.is_none());
    let mut unexplained: i128 = unknown.map(|step| step.by).sum();
    let mut before: (i128, Option<&Step>) = (0, None);
    for (value, step) in known {
        let from = value - step.by;
        let places = || before.1.map(|it| it.place).into_iter().chain([step.place]).collect();
        if from < before.0 {
            let words = "Both took the counter over the same amounts.".to_owned();
            return Some(Found { title: "an increment was lost", places: places(), words });
        }
        unexplained -= from - before.0;
        if unexplained < 0 {
            let words = "Until the last of these, the counter had grown by more than the known increments and all those of \
                         unknown outcome together."
                .to_owned();
            let title = "the counter grew by more than its increments";
            return Some(Found { title, places: places(), words });
        }
        before = (value, Some(step));
    }
    None
}

fn finding(
    key: &str,
    title: &str,
    places: &[usize],
    operations: &OnKey<'_>,
    words: &str,
) -> Finding {
    let list = list(places, operations);
    Finding {
        title: format!("{key}: {title}"),
        words: format!("{list}{words}"),
        operations: places.to_vec(),
        span: span(places, operations),
    }
}
