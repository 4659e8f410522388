//! Exercise 4.9 (bonus): what clients see when they repeat a command after its execution.
//!
//! A leader may answer such a command at once, or append it once more and answer when it is applied, so no transcript
//! of logs is the same for both. These runs compare what the client is told, and what the state machines hold.

use std::collections::BTreeMap;

use gates::simulator::{ScriptError, Scripted, Selector, Stop};
use gates::{Check, Context, Failure, Scope, Verdict};

use super::subject::protocol::{
    ClientId, ClientRequest, Command, Config, RequestId, ServerId, Session, Timer,
};
use super::{servers_with, table};

const RETRY: &str = "§8: \"if the leader crashes after committing the log entry but before responding to the client, the \
     client will retry the command with a new leader, causing it to be executed a second time\", if nothing is done \
     about it.";
const ALL: &str = "§8: it is \"the state machine\" that tracks the serial numbers, so each server's does, by the entries \
     that it applies.";

const S1: ServerId = ServerId(1);
const S2: ServerId = ServerId(2);
const S3: ServerId = ServerId(3);

pub(super) fn checks() -> Vec<Check> {
    let at_new_leader = "A command that a client repeats at a new leader is executed once, and gives the same result";
    let everywhere = "What was executed, every server remembers: a new leader knows it too";
    let check = |claim, why, function, body: fn(&mut Context) -> Verdict| {
        Check::new("4.9", claim, why, body).about(function).scope(Scope::Scenario)
    };
    vec![
        check(at_new_leader, RETRY, "result_of", repeated),
        check(everywhere, ALL, "remember", remembered),
    ]
}

/// Three servers, of which S1 leads.
struct Story<'a> {
    check: &'a mut Context,
    world: Scripted,
    told: String,
}

type Told<T> = Result<T, Box<Failure>>;

impl<'a> Story<'a> {
    fn begin(check: &'a mut Context) -> Told<Self> {
        let boot = servers_with(table(9));
        let world = Scripted::new(3, Config::default(), check.seed(), boot, &BTreeMap::new());
        let world = world.map_err(|error| ended(check, &error))?;
        let mut story = Story { check, world, told: String::new() };
        story.elect(S1)?;
        Ok(story)
    }

    /// Adds to the step that the learner reads.
    fn tell(&mut self, what: &str) {
        let separator = if self.told.is_empty() { "" } else { "; " };
        self.told = format!("{}{separator}{what}", self.told);
        self.check.step(&*self.told);
    }

    fn ran<T>(&self, result: Result<T, ScriptError>) -> Told<T> {
        result.map_err(|error| ended(self.check, &error))
    }

    fn elect(&mut self, leader: ServerId) -> Told<()> {
        self.tell(&format!("{leader} is elected"));
        let fired = self.world.fire(leader, Timer::Election);
        self.ran(fired)?;
        self.settle()
    }

    fn settle(&mut self) -> Told<()> {
        let settled = self.world.settle();
        self.ran(settled)
    }

    /// A client sends a command.
    fn send(
        &mut self,
        to: ServerId,
        (client, serial): (u64, u64),
        command: &str,
    ) -> Told<RequestId> {
        self.tell(&format!("client {client} sends {to} its command {serial}, `{command}`"));
        let session = Some(Session { client: ClientId(client), serial });
        let request = ClientRequest::Command(Command { session, ..command.into() });
        let sent = self.world.client(to, request, command);
        self.ran(sent)
    }

    /// A client sends a command, which must give this result.
    fn gives(&mut self, to: ServerId, of: (u64, u64), command: &str, result: &str) -> Told<()> {
        let request = self.send(to, of, command)?;
        self.settle()?;
        let answers = self.world.answers().iter().filter(|(id, ..)| *id == request);
        let answers: Vec<_> = answers.map(|(_, _, answer)| answer.clone()).collect();
        let happened = format!("it is told {}", gates::clients::all_in_words(&answers));
        let expected = format!("it is told “{result}”");
        self.check.same_text("the client", &happened, &expected)
    }

    /// The state machines of these servers must hold this value of x.
    fn holds(&self, servers: &[ServerId], value: &str) -> Verdict {
        for &id in servers {
            let found = self.world.query_machine(id, "get x").unwrap_or_default();
            let what = format!("x in {id}'s state machine");
            self.check.same_text(&what, &String::from_utf8_lossy(&found), value)?;
        }
        Ok(())
    }
}

/// A run that ended early, as a failure.
fn ended(check: &Context, error: &ScriptError) -> Box<Failure> {
    match error {
        ScriptError::Stop(Stop::Panic { panicked, .. }) if panicked.todo.is_some() => {
            Failure::todo(panicked.todo.clone().unwrap_or_default())
        }
        _ => check.failure("the run goes on", error.to_string()),
    }
}

fn repeated(check: &mut Context) -> Verdict {
    let mut story = Story::begin(check)?;
    story.send(S1, (7, 1), "append x a")?;
    story.tell("S2 and S3 store it, and S1 is cut off before it hears of that");
    let beat = story.world.fire(S1, Timer::Heartbeat);
    story.ran(beat)?;
    let delivered = story.world.deliver(&Selector::default());
    story.ran(delivered)?;
    story.world.partition(&[vec![S2, S3]]);
    story.elect(S2)?;
    story.holds(&[S2, S3], "a")?;
    story.gives(S2, (7, 1), "append x a", "a")?;
    story.holds(&[S2, S3], "a")?;
    story.gives(S2, (7, 2), "append x b", "ab")?;
    story.holds(&[S2, S3], "ab")
}

fn remembered(check: &mut Context) -> Verdict {
    let mut story = Story::begin(check)?;
    story.gives(S1, (7, 1), "append x a", "a")?;
    story.gives(S1, (8, 1), "append x b", "ab")?;
    story.tell("S1 crashes");
    let crashed = story.world.crash(S1);
    story.ran(crashed)?;
    story.elect(S3)?;
    story.gives(S3, (7, 1), "append x a", "a")?;
    story.gives(S3, (8, 1), "append x b", "ab")?;
    story.holds(&[S2, S3], "ab")?;
    story.gives(S3, (7, 2), "append x c", "abc")?;
    story.holds(&[S2, S3], "abc")
}
