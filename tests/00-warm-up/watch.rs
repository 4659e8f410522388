//! What the learner's functions say of the learner's own servers: executions that the checks of a later
//! module have left in a folder, in a file with the module's name. The simulator has found nothing
//! wrong with them.

use std::path::{Path, PathBuf};

use gates::{Check, Context, Failure, RecordedExecution, Verdict};

use super::judge::{Case, judge};
use super::laws::{LAWS, Law};

pub(super) fn checks(folder: &Path) -> Vec<Check> {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut modules: Vec<PathBuf> = files.map(|file| file.path()).collect();
    modules.sort();
    modules.iter().flat_map(|file| LAWS.iter().map(|law| check(law, file))).collect()
}

fn check(law: &'static Law, file: &Path) -> Check {
    let module = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let claim = format!("{} holds of your own servers, of module {module}", law.property);
    let file = file.to_path_buf();
    let check =
        Check::new(law.exercise, claim, law.property.rule(), move |check| all(check, law, &file));
    check.about(law.function).again(format!("cargo xtask check {module}"))
}

fn all(context: &mut Context, law: &Law, file: &Path) -> Verdict {
    let all = RecordedExecution::read_file(file)
        .map_err(|error| Failure::new("what the checks have seen", error))?;
    let mut all: Vec<_> = all.into_iter().filter(|recorded| recorded.breach.is_none()).collect();
    all.sort_by_key(|recorded| recorded.execution.moments.len());
    for RecordedExecution { from, execution, .. } in &all {
        judge(context, law, &Case { name: Some(from), execution, breach: None, moments: &[] })
            .map_err(|failure| failure.note(WHOSE_FAULT))?;
    }
    context.show(all.len().to_string());
    Ok(())
}

const WHOSE_FAULT: &str = "The lab has looked at the same servers and seen no breach. Read what they did, \
     and decide who is right. If it is not your function, it is your servers and the lab: please tell \
     those who keep it.";
