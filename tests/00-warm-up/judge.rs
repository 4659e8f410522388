//! Holds what a learner's function says of an execution against the truth.

use gates::simulator::Property;
use gates::{Context, Failure, Verdict};

use super::laws::{Law, Shown};
use super::subject::protocol::execution::Execution;

/// So long a transcript is shown as a whole.
const LINES: usize = 60;

/// An execution, and the truth.
pub(super) struct Case<'a> {
    /// Names it, in a few words; nothing, if the check is about it alone.
    pub(super) name: Option<&'a str>,
    pub(super) execution: &'a Execution,
    /// The one property that it breaks, if it breaks one.
    pub(super) breach: Option<Property>,
    /// The moments at which one sees that, if they are known.
    pub(super) moments: &'a [usize],
}

/// Lets the learner's function judge an execution.
pub(super) fn judge(context: &mut Context, law: &Law, case: &Case<'_>) -> Verdict {
    let moments = case.execution.moments.len();
    let name = case.name.map_or_else(String::new, |name| format!(": {name}"));
    context.step(format!("{} judges an execution of {moments} moments{name}", law.function));
    match ((law.judge)(case.execution), case.breach == Some(law.property)) {
        (Ok(()), false) | (Err(Shown { untrue: None, .. }), true) => Ok(()),
        (Ok(()), true) => Err(overlooked(context, law, case)),
        (Err(shown), breaks) => Err(misjudged(context, law, case, &shown, breaks)),
    }
}

fn overlooked(context: &Context, law: &Law, case: &Case<'_>) -> Box<Failure> {
    let expected = format!("Err({} {{ … }}): this execution breaks {}", law.evidence, law.property);
    let failure = context.failure(expected, "Ok(())");
    let where_to_look = match case.moments {
        [moment] => format!("Moment {moment} shows it."),
        [one, other] => format!("Moments {one} and {other} show it."),
        _ => {
            "The simulator ended the run when it saw the breach: it is seen at the end.".to_owned()
        }
    };
    failure.note(where_to_look).note(transcript(case, case.moments))
}

fn misjudged(
    context: &Context,
    law: &Law,
    case: &Case<'_>,
    shown: &Shown,
    breaks: bool,
) -> Box<Failure> {
    let expected = if breaks {
        format!(
            "Err({} {{ … }}) with moments that show how {} is broken",
            law.evidence, law.property
        )
    } else {
        format!("Ok(()): {} holds in this execution", law.property)
    };
    let mut failure = context.failure(expected, format!("Err({})", shown.text));
    if let Some(untrue) = &shown.untrue {
        failure = failure.note(format!("This is no evidence: {untrue}."));
    }
    failure.note(transcript(case, &shown.moments))
}

/// The execution as a note. Of a very long one, what is marked and what is around it.
fn transcript(case: &Case<'_>, marked: &[usize]) -> String {
    let text = case.execution.transcript(marked);
    let lines: Vec<&str> = text.lines().collect();
    let mut note = format!("What {} servers did:", case.execution.servers);
    let near = |number: usize| marked.iter().any(|&mark| mark.abs_diff(number) <= LINES / 10);
    let mut left_out = false;
    for (line, number) in lines.iter().zip(1..) {
        if lines.len() <= LINES || near(number) {
            note = note + "\n " + line;
            left_out = false;
        } else if !left_out {
            note += "\n   …";
            left_out = true;
        }
    }
    note
}
