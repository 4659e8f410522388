//! The recording of a storm, for a page.

use std::time::Duration;

use simulator::{
    End as RecordedEnd, Heading, Moment, Outcome, Recorder, RecorderOptions, Source, Timed,
};

use super::end::End;
use super::setup::Storm;
use crate::kept_runs;

/// Servers' `Debug` output is compared in this many of the last events.
const INSPECTED: u64 = 500;

/// Runs a storm again and keeps the recording, if runs are kept. The storm is run twice, because only a complete run
/// shows which events are the last ones.
pub(super) fn record(
    storm: &Storm<'_>,
    number: u64,
    run: fn(&mut Timed, &Storm<'_>) -> Result<(), End>,
) {
    if !kept_runs::is_on() {
        return;
    }
    let Ok(mut first) = storm.world(false) else { return };
    let _ = run(&mut first, storm);
    let Ok(mut world) = storm.world(true) else { return };
    let inspect_from = first.cluster.events().saturating_sub(INSPECTED);
    world.cluster.start_recording(RecorderOptions { timed: true, inspect_from });
    let ended = run(&mut world, storm);
    let Some(recorder) = world.cluster.take_recorder() else { return };
    let heading = Heading {
        title: format!(
            "Storm {number}: {} servers, faults drawn from seed {}",
            storm.servers, storm.seed
        ),
        source: Source {
            kind: "storm".to_owned(),
            name: number.to_string(),
            seed: storm.seed,
            ..Source::default()
        },
        ..Heading::default()
    };
    let end = |recorder: &Recorder| match &ended {
        Ok(()) => RecordedEnd::default(),
        Err(End::Stopped(stop)) => recorder.end_of(stop),
        Err(end) => missed(end, recorder),
    };
    kept_runs::keep(recorder.finish(heading, world.cluster.durable, end));
}

/// Something that must happen has not. That is a stretch of the run, and not a moment.
fn missed(end: &End, recorder: &Recorder) -> RecordedEnd {
    let failure = end.failure();
    let last = recorder.steps().saturating_sub(1);
    let first = recorder.last_steps_of(end.bound());
    let what = "from here on it should have happened".to_owned();
    RecordedEnd {
        outcome: Outcome::Red,
        expected: failure.expected,
        what: failure.happened,
        rule: failure.why.unwrap_or_default(),
        moments: vec![
            Moment { step: first, server: 0, what },
            Moment { step: last, server: 0, what: "by now it has not".to_owned() },
        ],
        stretch: Some((first, last)),
        ..RecordedEnd::default()
    }
}

impl End {
    /// About how long the storm waited for it, at the end of the run.
    fn bound(&self) -> Duration {
        match self {
            End::Stopped(_) => Duration::ZERO,
            End::NoQuorumLeader { .. }
            | End::NoLeader
            | End::Unanswered(_)
            | End::NoResults
            | End::NothingRead
            | End::StillRepeating => Duration::from_secs(15),
            End::LeaderLost => Duration::from_secs(3),
            End::NoChange(_) => Duration::from_secs(30),
            End::NothingCommitted { .. }
            | End::LogsDiffer(_)
            | End::NoEntries
            | End::NotApplied(_)
            | End::MachinesDiffer(_)
            | End::NotLinearizable(_) => Duration::from_mins(1),
        }
    }
}
