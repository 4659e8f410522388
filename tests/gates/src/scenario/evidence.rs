//! What a script that failed has shown, block by block. `cargo xtask explain` puts it beside what it should have
//! shown.

use course::{Evidence, EvidenceBlock};

use super::runner::ScenarioRunner;
use super::script::{Block, Script};
use super::{snapshot, transcript};

/// For a script that has run to its end, if a block has shown something other than its snapshot. `again` runs the
/// script once more up to there: by now, its servers have moved on.
pub(super) fn of_difference(
    script: &Script,
    transcript: &str,
    mut again: ScenarioRunner,
) -> Option<Evidence> {
    let expected = snapshot::expected(script)?;
    let happened = snapshot::outcomes(transcript);
    let count = script.blocks.len();
    let failed = (0..count).find(|&at| expected.get(at) != happened.get(at))?;
    let block = script.blocks.get(failed)?;
    // It did not fail before, so it does not fail now.
    let _ = goldenscript::generate(&mut again, &script.through(block));
    let line = block.commands.first().map_or(0, |&(line, _)| line);
    Some(evidence(script, failed, line, Some(&expected), &happened, &again))
}

/// For a script that ended at a line.
pub(super) fn of_fault(
    script: &Script,
    block: &Block,
    line: usize,
    runner: &ScenarioRunner,
) -> Evidence {
    let first = |block: &Block| block.commands.first().map(|&(line, _)| line);
    let failed = script.blocks.iter().position(|other| first(other) == first(block));
    let failed = failed.unwrap_or_default();
    let before = goldenscript::generate(&mut runner.fresh(), &script.before(block));
    let happened = before.map(|before| snapshot::outcomes(&before)).unwrap_or_default();
    let expected = snapshot::expected(script).filter(|_| !script.is_own);
    let mut evidence = evidence(script, failed, line, expected.as_deref(), &happened, runner);
    if let Some(block) = evidence.blocks.last_mut() {
        block.commands.retain(|&(number, _)| number <= line);
    }
    evidence
}

/// The servers as they are, one line each; empty if the script has not started them.
pub(super) fn servers(runner: &ScenarioRunner) -> Vec<String> {
    let Some(world) = &runner.world else { return Vec::new() };
    let cluster = &world.cluster;
    let line = |&id| transcript::server(cluster, id, runner.lens);
    cluster.servers().iter().map(line).collect()
}

fn evidence(
    script: &Script,
    failed: usize,
    line: usize,
    expected: Option<&[String]>,
    happened: &[String],
    runner: &ScenarioRunner,
) -> Evidence {
    let block = |(at, block): (usize, &Block)| EvidenceBlock {
        reason: block.reason.clone(),
        commands: block.commands.clone(),
        expected: expected.and_then(|expected| expected.get(at).cloned()),
        happened: happened.get(at).cloned(),
    };
    Evidence {
        script: script.shown.clone(),
        line,
        blocks: script.blocks.iter().enumerate().take(failed + 1).map(block).collect(),
        servers: servers(runner),
    }
}
