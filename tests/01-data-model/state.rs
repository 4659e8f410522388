//! Exercise 1.3: the learner's own `State`, compared with the box "State" of Figure 2.
//!
//! Names are free, so a variable is recognized by its name if it has the figure's, and otherwise by its type and
//! place. Afterwards the learner sees how each variable was read, and can disagree.

use std::path::Path;
use std::sync::Arc;

use gates::{Check, Context, Failure, Verdict};

use super::figure_2::{Row, STATE};
use super::own_state::{Field, read};

const FIGURE_2: &str = "Figure 2, State";

pub(super) fn checks(manifest_dir: &str) -> Vec<Check> {
    let path = Arc::new(Path::new(manifest_dir).join("src/state.answer"));
    let check = |claim: &str, judge: fn(&mut Context, &[Field]) -> Verdict| {
        let path = Arc::clone(&path);
        Check::new("1.3", claim, FIGURE_2, move |context| {
            context.step("compare src/state.answer with Figure 2");
            judge(context, &read(&path)?)
        })
    };
    vec![
        check("Your state answers every question that Figure 2's answers", nothing_is_missing),
        check("Each variable of your state can hold what Figure 2 keeps there", types),
        check("On disk is what a server must not forget, and no more", places),
        check("Each variable is kept by the servers that need it", owners),
    ]
}

/// For each variable of the figure, the learner's that was recognized. First by name, then by everything else, and at
/// last by the type alone.
fn recognized(fields: &[Field]) -> Vec<Option<&Field>> {
    let mut found: Vec<Option<&Field>> = vec![None; STATE.len()];
    let tests: [fn(&Field, &Row) -> bool; 3] = [
        |field, row| field.is_called(row.paper),
        |field, row| is_kind(field, row) && field.place == row.place && field.who == row.who,
        is_kind,
    ];
    for is_it in tests {
        for (at, row) in STATE.iter().enumerate() {
            let is_free = |field: &&Field| !found.iter().flatten().any(|it| it.line == field.line);
            if found[at].is_none() {
                found[at] = fields.iter().filter(is_free).find(|field| is_it(field, row));
            }
        }
    }
    found
}

fn is_kind(field: &Field, row: &Row) -> bool {
    field.kind.can_hold(row.kind)
}

/// The pairs of the figure's variables and the learner's.
fn pairs(fields: &[Field]) -> Vec<(&'static Row, &Field)> {
    let found = recognized(fields);
    STATE.iter().zip(found).filter_map(|(row, field)| Some((row, field?))).collect()
}

fn nothing_is_missing(context: &mut Context, fields: &[Field]) -> Verdict {
    let found = recognized(fields);
    let missing: Vec<&Row> =
        STATE.iter().zip(&found).filter(|(_, field)| field.is_none()).map(|(row, _)| row).collect();
    let Some(first) = missing.first() else {
        context.show(beside(fields));
        return Ok(());
    };
    let expected = format!("a variable that answers: {}", first.open);
    let happened = format!("none of your {} variables can", fields.len());
    let mut failure = context.failure(expected, happened);
    if missing.len() > 1 {
        failure = failure.note(format!("{} questions are open in all.", missing.len()));
    }
    Err(failure.note(
        "If one of yours is meant to answer it, look at its type, or give it the name that it has in Figure 2.",
    ))
}

fn types(context: &mut Context, fields: &[Field]) -> Verdict {
    for (row, field) in pairs(fields) {
        let expected = format!("`{}` has a type like {}", field.name, row.kind);
        let happened = format!("line {}: it is {}", field.line, field.type_);
        context.holds(is_kind(field, row), expected, happened).map_err(|it| of_figure(it, row))?;
    }
    Ok(())
}

fn places(context: &mut Context, fields: &[Field]) -> Verdict {
    for (row, field) in pairs(fields) {
        let expected = format!("`{}` is kept in this place: {}", field.name, row.place.word());
        let happened = format!("line {}: {}", field.line, field.place.word());
        let holds = context.holds(field.place == row.place, expected, happened);
        holds.map_err(|failure| of_figure(failure, row).note(row.place_matters))?;
    }
    Ok(())
}

fn owners(context: &mut Context, fields: &[Field]) -> Verdict {
    for (row, field) in pairs(fields) {
        let expected = format!("`{}` is kept by these servers: {}", field.name, row.who.word());
        let happened = format!("line {}: {}", field.line, field.who.word());
        let holds = context.holds(field.who == row.who, expected, happened);
        holds.map_err(|failure| of_figure(failure, row).note(row.who_matters))?;
    }
    Ok(())
}

fn of_figure(failure: Box<Failure>, row: &Row) -> Box<Failure> {
    failure.note(format!("The lab read it as {} of Figure 2.", row.paper))
}

/// The learner's state beside the figure's and the lab's.
fn beside(fields: &[Field]) -> String {
    let pairs = pairs(fields);
    let line = |(row, field): &(&Row, &Field)| {
        format!("  {:<16} {:<12} {}\n", field.name, row.paper, row.given)
    };
    let lines: Vec<String> = pairs.iter().map(line).collect();
    let own = fields.iter().filter(|field| !pairs.iter().any(|(_, it)| it.line == field.line));
    let own: Vec<&str> = own.map(|field| &*field.name).collect();
    let more = if own.is_empty() {
        String::new()
    } else {
        format!("\nFigure 2's box does not have: {}.\n", own.join(", "))
    };
    let lines = lines.concat();
    format!(
        "Your state, Figure 2's, and the one in src/node.rs:\n\n{lines}{more}\nNames were free, so the lab has gone by \
         types and places. Has it understood you?\nWhat does the lab's server keep in `Role`, and what can therefore never \
         be forgotten to be cleared?\n"
    )
}
