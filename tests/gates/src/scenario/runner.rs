//! The state of a script that is being run: its servers, and what has been shown of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use goldenscript::Command;
use protocol::execution::Execution;
use protocol::{Config, RequestId, ServerId, Setup};
use simulator::{
    ClientAnswer, CommandOutcome, Conduct, InitialState, NodeFactory, Recorder, Scripted, Stop,
};

use super::lens::Lens;
use super::transcript;
use super::words::Fault;
use crate::{ExerciseId, Failure, clients, kept_runs};

pub(crate) const NO_CLUSTER: &str = "a scenario begins with `cluster` and the number of servers";

/// Carries out a command of a script, and returns what it shows.
pub(crate) type CarryOut = fn(&mut ScenarioRunner, &Command) -> Result<String, Fault>;

/// What an exploration has found, as the end of a script.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) lines: Vec<String>,
    /// The number of events on the way.
    pub(crate) events: usize,
}

/// A script that is being run, with its servers.
pub(crate) struct ScenarioRunner {
    factory: NodeFactory,
    seed: u64,
    /// Whether a restart must bring back what was on disk.
    durable: bool,
    /// The number of servers, once the script has said it.
    pub(crate) count: Option<u64>,
    pub(crate) config: Config,
    /// How much of the servers' conduct is judged.
    pub(crate) conduct: Option<Conduct>,
    /// The limits of single servers.
    pub(crate) own_limits: BTreeMap<ServerId, Limits>,
    /// The states of the servers that do not begin as new ones.
    pub(crate) given: BTreeMap<ServerId, InitialState>,
    pub(crate) world: Option<Scripted>,
    /// The line that was last shown of each server.
    pub(crate) shown: BTreeMap<ServerId, String>,
    /// The servers of which the end of the block shows how far their logs are compacted.
    pub(crate) show_base: BTreeSet<ServerId>,
    /// The number of client answers that were shown.
    answers_shown: usize,
    /// For some requests, the result that the client must not hear. No other outcome of such a request is shown: a
    /// read may be served or rejected, as long as it is not stale.
    pub(crate) forbidden: BTreeMap<RequestId, String>,
    /// The commands that were carried out, one by one: what `repeat` and explorations do again.
    pub(crate) done: Vec<Command>,
    /// The number of commands that were begun.
    pub(crate) commands: usize,
    /// For each command that was begun, the number of steps that were recorded before it.
    pub(crate) commands_began: Vec<u64>,
    /// What each command has done, if somebody is playing with the script.
    pub(crate) outcomes: Option<Vec<CommandOutcome>>,
    /// What was recorded of servers that could not be started.
    recorded: Option<Box<Recorder>>,
    /// For each block, the length of the trace at its beginning.
    pub(crate) blocks_began: Vec<usize>,
    /// The exercise that the script is about, which says what its servers can do.
    pub(crate) exercise: Option<ExerciseId>,
    /// What is left out of what is shown of the servers.
    pub(crate) lens: Lens,
    /// Whether explorations are carried out: not when the run itself is what matters.
    pub(crate) explores: bool,
    /// How far each exploration came.
    pub(crate) explored: Vec<String>,
    /// What an exploration has found, if it has ended the script.
    pub(crate) found: Option<Found>,
    /// Carries out a command. It is a parameter because the commands themselves depend on the runner.
    pub(crate) carry_out: CarryOut,
    /// Receives the progress of an exploration.
    pub(crate) report: Option<fn(&str)>,
    /// Whether the script has sent a message in a server's name.
    pub(crate) made_up: bool,
    /// Why the script ended early, if it did.
    pub(crate) fault: Option<Fault>,
}

/// Limits that a script sets. What is `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Limits {
    pub(crate) snapshot: Option<usize>,
    pub(crate) tail: Option<usize>,
    pub(crate) chunk: Option<usize>,
    pub(crate) batch: Option<usize>,
    pub(crate) sessions: Option<usize>,
}

impl Limits {
    pub(crate) fn apply(&self, config: &mut Config) {
        config.snapshot_entries = self.snapshot.unwrap_or(config.snapshot_entries);
        config.snapshot_tail = self.tail.unwrap_or(config.snapshot_tail);
        config.snapshot_chunk = self.chunk.unwrap_or(config.snapshot_chunk);
        config.max_entries = self.batch.unwrap_or(config.max_entries);
        config.max_sessions = self.sessions.unwrap_or(config.max_sessions);
    }
}

impl ScenarioRunner {
    pub(crate) fn new(factory: NodeFactory, seed: u64, durable: bool) -> Self {
        ScenarioRunner {
            factory,
            seed,
            durable,
            count: None,
            config: Config::default(),
            conduct: None,
            own_limits: BTreeMap::new(),
            given: BTreeMap::new(),
            world: None,
            shown: BTreeMap::new(),
            show_base: BTreeSet::new(),
            answers_shown: 0,
            forbidden: BTreeMap::new(),
            done: Vec::new(),
            commands: 0,
            commands_began: Vec::new(),
            outcomes: None,
            recorded: None,
            blocks_began: Vec::new(),
            exercise: None,
            lens: Lens::default(),
            explores: true,
            explored: Vec::new(),
            found: None,
            carry_out: |_, _| Ok(String::new()),
            report: None,
            made_up: false,
            fault: None,
        }
    }

    /// For another run of the same kind. It explores nothing: that was done the first time.
    pub(crate) fn fresh(&self) -> Self {
        let fresh = ScenarioRunner::new(self.factory.clone(), self.seed, self.durable);
        ScenarioRunner { exercise: self.exercise, lens: self.lens, explores: false, ..fresh }
    }

    /// Checks that the cluster has this server.
    pub(crate) fn check_exists(&self, id: ServerId) -> Result<(), Fault> {
        match self.count {
            None => Err(Fault::Script(NO_CLUSTER.to_owned())),
            Some(count) if id.0 > count => {
                let why = format!("there is no server {id}; this cluster has S1 to S{count}");
                Err(Fault::Script(why))
            }
            Some(_) => Ok(()),
        }
    }

    /// The world, which is made when the first command needs it: until then, servers can be given states.
    pub(crate) fn world(&mut self) -> Result<&mut Scripted, Fault> {
        if self.world.is_none() {
            let Some(count) = self.count else {
                return Err(Fault::Script(NO_CLUSTER.to_owned()));
            };
            let (config, factory) = (self.config.clone(), self.with_limits());
            let made = Scripted::recorded(
                count,
                config,
                self.seed,
                factory,
                &self.given,
                kept_runs::is_on(),
            );
            let mut world = made.map_err(|(error, recorder)| {
                self.recorded = recorder;
                error
            })?;
            // The beginning is a step of its own, before the command that needs the servers.
            if let Some(began) = self.commands_began.last_mut() {
                *began = world.cluster.recorder().map_or(0, Recorder::steps);
            }
            world.cluster.durable = self.durable;
            world.cluster.conduct = self.conduct;
            // Before servers commit entries, only this shows that one was lost.
            world.cluster.acknowledgements =
                self.exercise.is_some_and(|it| matches!(it.module, 3 | 4));
            self.world = Some(world);
        }
        match &mut self.world {
            Some(world) => Ok(world),
            None => Err(Fault::Script("there is no cluster".to_owned())),
        }
    }

    /// What makes servers: each with its own limits, if the script gives it any.
    fn with_limits(&self) -> NodeFactory {
        if self.own_limits.is_empty() {
            return self.factory.clone();
        }
        let (factory, own) = (self.factory.clone(), self.own_limits.clone());
        Arc::new(move |mut setup: Setup, given| {
            if let Some(limits) = own.get(&setup.id) {
                limits.apply(&mut setup.config);
            }
            factory(setup, given)
        })
    }

    /// A command begins.
    pub(crate) fn command_begins(&mut self) {
        self.commands += 1;
        let recorder = self.world.as_ref().and_then(|world| world.cluster.recorder());
        self.commands_began.push(recorder.map_or(0, Recorder::steps));
    }

    /// Notes that a command has been carried out, and what it has shown.
    pub(crate) fn note_outcome(&mut self, output: &str) {
        let Some(mut outcomes) = self.outcomes.take() else { return };
        let mut outcome = CommandOutcome { output: output.to_owned(), ..CommandOutcome::default() };
        if let Some(world) = &self.world {
            let line = |&id| transcript::server(&world.cluster, id, self.lens);
            outcome.servers = world.cluster.servers().iter().map(line).collect();
            let heard = outcomes.iter().map(|it| it.answers.len()).sum::<usize>();
            let new = world.answers().iter().skip(heard);
            outcome.answers = new.map(|answer| self.answer_line(world, answer)).collect();
        }
        outcomes.push(outcome);
        self.outcomes = Some(outcomes);
    }

    /// An answer to a client, as a transcript has it.
    fn answer_line(
        &self,
        world: &Scripted,
        (id, server, answer): &(RequestId, ServerId, ClientAnswer),
    ) -> String {
        let words = world.asked().get(id).map_or("", |(_, words)| words);
        let answer = self.lens.answer(answer);
        let heard = answer.as_ref().map_or("an answer".to_owned(), clients::in_words);
        format!("client {words:?} at {server}: {heard}")
    }

    /// What was recorded, if the run is.
    pub(crate) fn take_recorder(&mut self) -> Option<Box<Recorder>> {
        let recorder = self.world.as_mut().and_then(|world| world.cluster.take_recorder());
        recorder.or_else(|| self.recorded.take())
    }

    /// The servers whose line has changed, and new answers to clients.
    pub(crate) fn show_changes(&mut self) -> Result<String, Fault> {
        let Some(world) = &self.world else { return Ok(String::new()) };
        let mut text = String::new();
        for &id in world.cluster.servers() {
            let line = transcript::server(&world.cluster, id, self.lens);
            if self.shown.get(&id) != Some(&line) {
                let base =
                    self.show_base.contains(&id).then(|| transcript::base(&world.cluster, id));
                let _ = writeln!(text, "{line}{}", base.unwrap_or_default());
                self.shown.insert(id, line);
            }
        }
        self.show_base.clear();
        // The order in which a server answers several clients is not determined.
        let mut answers: Vec<_> = world.answers()[self.answers_shown..].iter().collect();
        answers.sort_by_key(|(id, ..)| *id);
        for (id, server, answer) in answers {
            let Some(answer) = &self.lens.answer(answer) else { continue };
            let words = world.asked().get(id).map_or("", |(_, words)| words);
            let asked = format!("client {words:?} at {server}");
            match self.forbidden.get(id) {
                None => {
                    let _ = writeln!(text, "{asked}: {}", clients::in_words(answer));
                }
                Some(result) if clients::in_words(answer) == *result => {
                    let expected = format!("{asked}: any answer but {result}");
                    let happened = format!("{asked}: {result}");
                    return Err(Fault::Subject(Failure::new(expected, happened)));
                }
                Some(_) => {}
            }
        }
        self.answers_shown = world.answers().len();
        if text.is_empty() {
            text.push_str("nothing has changed\n");
        }
        Ok(text)
    }

    /// The length of the trace at the beginning of the current block.
    pub(crate) fn block_began(&self) -> usize {
        self.blocks_began.last().copied().unwrap_or_default()
    }

    /// What the servers did, and how the run ended. `None` if the script gave servers a state or spoke in the
    /// name of one: what they did then is no execution of a cluster.
    pub(crate) fn execution(&self) -> Option<(Execution, Result<(), &Stop>)> {
        let world = self.world.as_ref().filter(|_| self.given.is_empty() && !self.made_up)?;
        let ended = match &self.fault {
            Some(Fault::Stopped(stop)) => Err(stop),
            _ => Ok(()),
        };
        Some((simulator::execution(&world.cluster)?, ended))
    }

    /// The trace so far.
    pub(crate) fn trace(&self) -> &[simulator::TraceRecord] {
        self.world.as_ref().and_then(|world| world.cluster.trace.as_deref()).unwrap_or_default()
    }
}
