//! Executions that the simulator has recorded, of right servers and of wrong ones. What a learner's
//! function says of them must be what the simulator has said.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use gates::simulator::Property;
use gates::{Check, Context, Failure, RecordedExecution, Verdict};

use super::judge::{Case, judge};
use super::laws::{LAWS, Law};

/// The checks, for each property, on the executions in `folder`.
pub(super) fn checks(folder: &Path) -> Vec<Check> {
    LAWS.iter().flat_map(|law| of(law, folder)).collect()
}

type Takes = fn(Option<Property>, &Law) -> bool;

fn of(law: &'static Law, folder: &Path) -> [Check; 3] {
    let name = law.property;
    let rows: [(String, Takes); 3] = [
        (format!("{name} holds wherever right servers were recorded"), |breach, _| {
            breach.is_none()
        }),
        (
            format!("{name} is found broken wherever wrong servers were recorded breaking it"),
            |breach, law| breach == Some(law.property),
        ),
        (
            format!("{name} is not found broken where wrong servers broke something else"),
            |breach, law| breach.is_some_and(|breach| breach != law.property),
        ),
    ];
    rows.map(|(claim, takes)| {
        let folder: PathBuf = folder.to_path_buf();
        let check = Check::new(law.exercise, claim, law.property.rule(), move |context| {
            all(context, law, &folder, takes)
        });
        check.about(law.function).points(2)
    })
}

/// Judges all that `takes` takes, the shortest first: a failure is best seen in few moments.
fn all(context: &mut Context, law: &Law, folder: &Path, takes: Takes) -> Verdict {
    static ALL: OnceLock<Result<Vec<RecordedExecution>, String>> = OnceLock::new();
    let all = ALL.get_or_init(|| RecordedExecution::read(folder));
    let all =
        all.as_ref().map_err(|error| Failure::new("the recorded executions of the lab", error))?;
    let mut all: Vec<&RecordedExecution> =
        all.iter().filter(|recorded| takes(recorded.breach, law)).collect();
    all.sort_by_key(|recorded| recorded.execution.moments.len());
    context.holds(all.len() >= 3, "recorded executions", format!("there are {}", all.len()))?;
    for RecordedExecution { from, breach, execution } in all {
        judge(context, law, &Case { name: Some(from), execution, breach: *breach, moments: &[] })?;
    }
    Ok(())
}
