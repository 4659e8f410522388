//! A scenario with a crash at every point of every write: before and after each byte that a server writes.
//!
//! First the script is run as it is, and at each point a second server is started from what a crash there would
//! leave. Then, for one point of each kind, the script is run with that crash: the server is started again, and
//! the script goes on as far as it still applies. Its `expect` may no longer hold; the properties must.

use std::error::Error;
use std::path::Path;

use goldenscript::{Command, Context as Line, Runner};
use protocol::{RoleName, ServerId, Timer};
use simulator::{CrashPoint, CrashPoints, NodeFactory, ScriptError, Scripted, Stop, Trouble};

use super::commands;
use super::judge::DURABLE;
use super::runner::ScenarioRunner;
use super::script::{Script, file_name, paths_in};
use super::transcript;
use super::words::Fault;
use crate::{Context, ExerciseId, Failure, Verdict};

/// Servers that write only when something has changed need half of this in the longest scenario.
const MOST_WRITES: u64 = 130;

/// Once all links are open, some server is elected within this many tries: the first candidate may lack entries, and
/// the next may lack a vote that the first one has.
const TRIES: usize = 12;

/// How much was tried.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    scenarios: u64,
    points: u64,
    runs: u64,
}

/// Tries every crash point of the scenarios in `folder` that belong to exercises from `since` up to that of the
/// check. `share` is (part, parts): only every `parts`-th scenario is tried, beginning with number `part`.
///
/// # Errors
/// The first point after which something does not hold.
pub fn crash_points(
    context: &mut Context,
    folder: &Path,
    factory: &NodeFactory,
    since: ExerciseId,
    share: (usize, usize),
) -> Verdict {
    try_folder(context, folder, factory, since, share, |_| true)
}

/// The same for servers that are complete: it tries the scenarios that need nothing of a server but
/// [`Node`](protocol::Node).
///
/// # Errors
/// As [`crash_points`].
pub fn crash_points_of_whole_servers(
    context: &mut Context,
    folder: &Path,
    factory: &NodeFactory,
    share: (usize, usize),
) -> Verdict {
    let fits = |script: &Script| script.internals().is_none();
    try_folder(context, folder, factory, DURABLE, share, fits)
}

fn try_folder(
    context: &mut Context,
    folder: &Path,
    factory: &NodeFactory,
    since: ExerciseId,
    share: (usize, usize),
    fits: impl Fn(&Script) -> bool,
) -> Verdict {
    let (part, parts) = share;
    let paths = paths_in(folder).map_err(|error| {
        Failure::new("a folder with scenarios", format!("{}: {error}", folder.display()))
    })?;
    let scripts = paths.iter().map(|path| Script::read(path)).collect::<Result<Vec<_>, _>>();
    let mut scripts =
        scripts.map_err(|fault| Failure::new("a scenario that can be read", fault))?;
    // Scenarios of later exercises need rules that are not written yet.
    let last = context.exercise();
    scripts.retain(|script| {
        let exercise = script.header.exercise;
        let is_due = exercise >= since.max(DURABLE) && last.is_none_or(|last| exercise <= last);
        is_due && fits(script)
    });
    let mut tried = Tally::default();
    for script in scripts.iter().skip(part).step_by(parts) {
        try_script(context, script, factory, &mut tried)?;
    }
    let Tally { scenarios, points, runs } = tried;
    let enough = points > 0 && runs > 0;
    context.holds(enough, "servers that write to their disks", "nothing was written")?;
    context.show(format!(
        "{points} points at which a crash could come were tried in {scenarios} scenarios; at {runs} of them, one \
         of each kind, the scenario went on after the crash."
    ));
    Ok(())
}

fn try_script(
    context: &mut Context,
    script: &Script,
    factory: &NodeFactory,
    tried: &mut Tally,
) -> Verdict {
    let name = file_name(&script.path);
    context.step(format!(
        "run {name}, and start a server from what a crash at each point of it leaves"
    ));
    let mut run = CrashRun::new(factory.clone(), context.seed(), None);
    run.through(script).map_err(|stop| told(context, &stop))?;
    let found = run.found();
    let writes = format!("{} writes", found.writes);
    let expected =
        format!("servers write only when something has changed: at most {MOST_WRITES} times");
    context.holds(found.writes <= MOST_WRITES, expected, writes)?;
    tried.scenarios += 1;
    tried.points += found.tried;
    for point in found.kinds {
        tried.runs += 1;
        let CrashPoint { server, write, torn } = point;
        context.step(format!(
            "run {name}, and let {server} crash inside its write number {}, of which {torn} bytes reach the \
             disk; start it again, and go on",
            write + 1
        ));
        let mut run = CrashRun::new(factory.clone(), context.seed(), Some(point));
        run.through(script).map_err(|stop| told(context, &stop))?;
        run.recovers().map_err(|stop| told(context, &stop))?.map_err(|problem| {
            context.failure("all servers are up again, one leads, and all have its log", problem)
        })?;
    }
    Ok(())
}

fn told(context: &Context, stop: &Stop) -> Box<Failure> {
    let mut failure = transcript::stopped(stop);
    context.current_step().clone_into(&mut failure.step);
    failure
}

/// A run of a script in which commands may no longer apply.
struct CrashRun {
    script: ScenarioRunner,
    /// The point at which a server crashes. If it is `None`, no server does, and every point is tried.
    point: Option<CrashPoint>,
    begun: bool,
    back: bool,
    over: Option<Stop>,
}

impl CrashRun {
    fn new(factory: NodeFactory, seed: u64, point: Option<CrashPoint>) -> Self {
        let mut script = ScenarioRunner::new(factory, seed, true);
        script.explores = false;
        CrashRun { script, point, begun: false, back: false, over: None }
    }

    /// Runs a script to its end, and then compares everything with what must hold.
    fn through(&mut self, script: &Script) -> Result<(), Stop> {
        // Whether a script can be read is another check's business.
        let _ = goldenscript::generate(self, &script.text);
        if let Some(stop) = self.over.take() {
            return Err(stop);
        }
        let Some(world) = &mut self.script.world else { return Ok(()) };
        world.cluster.test_promises()?;
        world.cluster.audit()
    }

    fn found(&self) -> CrashPoints {
        let world = self.script.world.as_ref();
        world.and_then(|world| world.cluster.crash_points()).cloned().unwrap_or_default()
    }

    /// Makes the world, and plans the crash or switches on the search for crash points.
    fn begin(&mut self) -> Result<(), Fault> {
        let point = self.point;
        let world = self.script.world()?;
        if std::mem::replace(&mut self.begun, true) {
            return Ok(());
        }
        world.cluster.trace = None;
        match point.and_then(|point| Some((point, world.cluster.disk(point.server)?))) {
            None => world.cluster.find_crash_points(MOST_WRITES),
            Some((CrashPoint { write, torn, .. }, disk)) => {
                disk.trouble_after(Trouble::Crash { torn }, write - disk.writes());
            }
        }
        Ok(())
    }

    /// Starts the server again once it has crashed at the planned point.
    fn come_back(&mut self) -> Result<(), Fault> {
        let Some(CrashPoint { server, .. }) = self.point.filter(|_| !self.back) else {
            return Ok(());
        };
        let world = self.script.world()?;
        if world.cluster.disk(server).is_some_and(simulator::SimulatedDisk::is_down) {
            self.back = true;
            self.script.world()?.restart(server)?;
        }
        Ok(())
    }

    fn step(&mut self, command: &Command) -> Result<(), Fault> {
        // These commands come before the servers are started, and so before any write.
        if !matches!(command.name.as_str(), "cluster" | "config" | "given") {
            self.begin()?;
        }
        let done = commands::run(&mut self.script, command).map(|_| ());
        if let Err(Fault::Stopped(_)) = done {
            return done;
        }
        self.come_back()
    }

    /// Whether the cluster recovers once nothing fails anymore, or why it does not.
    fn recovers(&mut self) -> Result<Result<(), String>, Stop> {
        let Some(world) = &mut self.script.world else { return Ok(Ok(())) };
        match recover(world) {
            Ok(verdict) => Ok(verdict),
            Err(ScriptError::Stop(stop)) => Err(stop),
            Err(other) => Ok(Err(other.to_string())),
        }
    }
}

impl Runner for CrashRun {
    type Command = Command;

    fn run(&mut self, command: &Command, _line: &Line) -> Result<String, Box<dyn Error>> {
        match self.step(command) {
            Err(Fault::Stopped(stop)) => {
                self.over = Some(stop);
                Err("the run is over".into())
            }
            _ => Ok(String::new()),
        }
    }
}

/// Repairs everything, and restarts all servers whose disks are not damaged. If they are a quorum, one of them must
/// become leader, and all must receive its log.
fn recover(world: &mut Scripted) -> Result<Result<(), String>, ScriptError> {
    world.heal();
    world.hold(&simulator::Selector::default(), false);
    let servers: Vec<ServerId> = world.cluster.servers().iter().copied().collect();
    for &id in &servers {
        world.cluster.repair(id);
        let is_damaged = world.cluster.disk(id).is_some_and(simulator::SimulatedDisk::is_damaged);
        if !world.cluster.is_up(id) && !is_damaged {
            world.restart(id)?;
        }
    }
    let up: Vec<ServerId> = servers.iter().copied().filter(|&id| world.cluster.is_up(id)).collect();
    if up.len() * 2 <= servers.len() {
        return Ok(Ok(()));
    }
    world.settle()?;
    let mut next = up.iter().copied().cycle();
    for _ in 0..TRIES {
        if world.leaders().len() == 1 {
            break;
        }
        let Some(id) = next.next() else { break };
        if world.is_armed(id, Timer::Election) {
            world.fire(id, Timer::Election)?;
        }
        world.settle()?;
    }
    let [leader] = world.in_role(RoleName::Leader)[..] else {
        return Ok(Err(format!("no server is elected in {TRIES} tries")));
    };
    let differs = up.iter().find(|&&id| world.cluster.log(id) != world.cluster.log(leader));
    Ok(match differs {
        Some(id) => Err(format!("{leader} leads, but {id} has another log")),
        None => Ok(()),
    })
}
