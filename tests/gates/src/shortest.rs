//! The shortest script to a mistake: an exercise with `cargo xtask explore`.
//!
//! One row of the learner's own finished module is wrong. The learner explores those servers, chooses the bounds, and
//! hands in a script that leads to a breach of Figure 3. It is compared with what an exploration finds here, on the
//! same servers. So the number of events is not fixed: it may depend on how the learner's servers send.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use simulator::{NodeFactory, TraceEvent, TraceRecord};

use crate::scenario::{self, Run};
use crate::{Check, Context, ExerciseId, Failure, Verdict};

const OWN: &str = "Your servers have passed the checks of this module. If the script fails on them, it expects something \
     that the paper does not promise.";
const BREACH: &str = "Figure 3 holds after every event, in whatever order events come. One script in which it does not is \
     a proof that the servers are wrong.";
const SHORTEST: &str =
    "In a shortest script, every event is necessary. So each of them is a part of the explanation.";

/// An exploration of some ten thousand states takes a few seconds on a busy machine.
const TIME_LIMIT: Duration = Duration::from_mins(1);

/// The file, below `src`.
const FILE: &str = "explored.scenario";

/// Servers with a wrong row, and what is known of them.
pub struct Shortest<Rules: 'static> {
    /// The exercise.
    pub exercise: &'static str,
    /// Makes servers with a table.
    pub servers_with: fn(&'static Rules) -> NodeFactory,
    /// The learner's own table.
    pub own: &'static Rules,
    /// The same with the wrong row.
    pub wrong: &'static Rules,
    /// What is wrong: shown once the script has exposed it.
    pub was: &'static str,
    /// A script that finds it by exploring, from a new cluster.
    pub search: &'static str,
}

/// What the checks share.
struct Task<Rules: 'static> {
    exercise: ExerciseId,
    file: PathBuf,
    given: Shortest<Rules>,
}

impl<Rules: Sync> Shortest<Rules> {
    /// The checks for `src/explored.scenario` of the package in `manifest_dir`.
    ///
    /// # Panics
    /// If `exercise` is not an exercise's number: that is a mistake in a suite.
    pub fn checks(self, manifest_dir: &str) -> Vec<Check> {
        let id = self.exercise;
        let exercise = id.parse().unwrap_or_else(|error: course::Error| panic!("{error}"));
        let file = Path::new(manifest_dir).join("src").join(FILE);
        let task = Arc::new(Task { exercise, file, given: self });
        let check = |claim: &str, why: &str, judge: fn(&Task<Rules>, &mut Context) -> Verdict| {
            let task = Arc::clone(&task);
            Check::new(id, claim, why, move |context| judge(&task, context)).time_limit(TIME_LIMIT)
        };
        vec![
            check("Your script holds on your own servers", OWN, |task, context| {
                task.on_own_servers(context).map(|_| ())
            }),
            check(
                "On the wrong servers, your script leads to a breach of Figure 3",
                BREACH,
                Task::breaks,
            ),
            check("No script leads there with fewer events", SHORTEST, Task::is_shortest),
        ]
    }
}

impl<Rules> Task<Rules> {
    fn run(&self, context: &Context, rules: &'static Rules) -> Result<Run, Box<Failure>> {
        let servers = (self.given.servers_with)(rules);
        scenario::run(&self.file, self.exercise, servers, context.seed())
    }

    fn on_own_servers(&self, context: &mut Context) -> Result<Run, Box<Failure>> {
        context.step(format!("run src/{FILE} on your own servers"));
        let run = self.run(context, self.given.own)?;
        let is_new = run.given.is_empty() && !run.made_up;
        let expected =
            "a script that begins with a new cluster, and in which only its servers speak";
        let happened = "it gives servers a state, or sends a message in the name of one";
        context.holds(is_new, expected, happened).map_err(|failure| failure.because(""))?;
        Ok(run)
    }

    fn breaks(&self, context: &mut Context) -> Verdict {
        self.on_own_servers(context)?;
        context.step(format!("run src/{FILE} on the wrong servers"));
        let exercise = self.exercise;
        let Err(failure) = self.run(context, self.given.wrong) else {
            let failure = context.failure("Figure 3 is broken", "nothing is wrong at the end");
            return Err(failure.note(format!(
                "`cargo xtask explore {exercise}` looks for such a script on these servers. If it finds none, widen its \
                 bounds: what the answer calls complete is complete only within them."
            )));
        };
        if failure.broken.is_none() {
            let happened = format!("it ends for another reason: {}", failure.happened);
            let failure = context.failure("Figure 3 is broken", happened);
            return Err(failure.note("Leave `expect` out: the breach itself ends the script."));
        }
        context.show(format!(
            "What was wrong with the servers of exercise {exercise}: {}",
            self.given.was
        ));
        Ok(())
    }

    fn is_shortest(&self, context: &mut Context) -> Verdict {
        let run = self.on_own_servers(context)?;
        self.breaks(context)?;
        context.step(format!("count the events of src/{FILE}"));
        let own = events(&run.trace) - self.events_of_the_beginning(context, run.servers)?;
        context.step("explore the wrong servers");
        let servers = (self.given.servers_with)(self.given.wrong);
        let search = self.given.search;
        let shortest = scenario::shortest_way(search, self.exercise, servers, context.seed());
        let Some(shortest) = shortest else {
            return Err(context.failure("the exploration finds the mistake", "it does not"));
        };
        let expected = format!("at most {shortest} events, and that is possible");
        context.holds(own <= shortest, expected, format!("your script has {own}")).map_err(|failure| {
            failure.note(
                "Each timer that fires, each request of a client and each message that arrives is an event. `settle` \
                 delivers many.",
            )
        })
    }

    /// The events of servers that only start.
    fn events_of_the_beginning(
        &self,
        context: &Context,
        servers: u64,
    ) -> Result<usize, Box<Failure>> {
        let nothing = format!("cluster {servers}\nshow\n---\n");
        let factory = (self.given.servers_with)(self.given.own);
        let run = scenario::run_text(&nothing, self.exercise, factory, context.seed())?;
        Ok(events(&run.trace))
    }
}

fn events(trace: &[TraceRecord]) -> usize {
    trace.iter().filter(|record| matches!(record.what, TraceEvent::Event { .. })).count()
}
