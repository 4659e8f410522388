//! Storms of the reference that are recorded: a short one for the tests of the page, long ones for its bench.

use std::time::Duration;

use protocol::Config;
use simulator::{
    End, Faults, Heading, Recorder, RecorderOptions, Recording, Source, Timed, TimedOptions,
};

use crate::reference;

/// Five servers that keep their state on disk, before the storm.
pub(crate) fn world() -> Timed {
    let faults = Faults {
        command_every: Some(Duration::from_millis(40)),
        ..Faults::swarm(3).with_crashes(3)
    };
    let options =
        TimedOptions { servers: 5, config: Config::default(), seed: 3, faults, trace: true };
    let mut world = Timed::new(options, reference::servers(reference::LATEST)).unwrap();
    world.cluster.durable = true;
    world
}

/// The recording of a storm with this many events.
pub(crate) fn recorded(events: u64) -> Recording {
    let mut world = world();
    let inspect_from = events.saturating_sub(500);
    world.cluster.start_recording(RecorderOptions { timed: true, inspect_from });
    world.run_events(events).unwrap();
    let recorder = world.cluster.take_recorder().unwrap();
    let source = Source { kind: "storm".to_owned(), seed: 3, ..Source::default() };
    let title = format!("A storm of five servers, {events} events");
    let heading = Heading { title, source, ..Heading::default() };
    recorder.finish(heading, true, |_: &Recorder| End::default())
}
