//! Exercise 4.9 (bonus): what clients see when they repeat a command after its execution.
//!
//! A leader may answer such a command at once, or append it once more and answer when it is applied, so no transcript
//! of logs is the same for both. These runs compare what the client gets, and what the state machines hold.

use std::collections::BTreeMap;

use gates::simulator::{ClientAnswer, ScriptError, Scripted, Selector, Stop};
use gates::{Check, Context, Failure, Scope, Verdict};

use super::subject::protocol::{
    ClientError, ClientId, ClientRequest, Command, Config, RequestId, ServerId, Session, Timer,
};
use super::{servers_with, table};

const RETRY: &str = "§8: \"if the leader crashes after committing the log entry but before responding to the client, the \
     client will retry the command with a new leader, causing it to be executed a second time\", if nothing is done \
     about it.";
const ALL: &str = "§8: it is \"the state machine\" that tracks the serial numbers, so each server's does, by the entries \
     that it applies.";

const EXPIRED: &str = "Dissertation §6.3, Figure 6.1, ClientRequest RPC: without a record of the client, its command may have been \
     executed before, and must not be executed now.";
const LATE: &str = "§8: the serial number \"has already been executed\", or its client has given it up. The response that is \
     kept is that of another command.";
const LEAST: &str = "Dissertation §6.3: servers must agree on when a session ends, or their state machines could diverge. \
     They have only the log in common.";

const S1: ServerId = ServerId(1);
const S2: ServerId = ServerId(2);
const S3: ServerId = ServerId(3);

pub(super) fn checks() -> Vec<Check> {
    let at_new_leader = "A command that a client repeats at a new leader is executed once, and gives the same result";
    let everywhere = "Every server remembers what was executed: a new leader knows it too";
    let expired = "A command of a session that does not exist changes nothing, whoever leads";
    let late =
        "A late copy of an older command is not executed, and never answered with a newer result";
    let least = "At the limit, the session that ends is the same on every server";
    let check = |claim, why, function, body: fn(&mut Context) -> Verdict| {
        Check::new("4.9", claim, why, body).about(function).scope(Scope::Scenario)
    };
    vec![
        check(at_new_leader, RETRY, "answer_without_executing", repeated),
        check(everywhere, ALL, "remember", remembered),
        check(expired, EXPIRED, "answer_without_executing", strangers),
        check(late, LATE, "answer_without_executing", late_copy),
        check(least, LEAST, "open_session", least_recently_used),
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
        Story::with(check, Config::default())
    }

    fn with(check: &'a mut Context, config: Config) -> Told<Self> {
        let boot = servers_with(table(9));
        let world = Scripted::new(3, config, check.seed(), boot, &BTreeMap::new());
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

    fn crash(&mut self, server: ServerId) -> Told<()> {
        self.tell(&format!("{server} crashes"));
        let crashed = self.world.crash(server);
        self.ran(crashed)
    }

    fn settle(&mut self) -> Told<()> {
        let settled = self.world.settle();
        self.ran(settled)
    }

    /// A client registers. Returns its id.
    fn register(&mut self, to: ServerId) -> Told<u64> {
        let registered = self.world.client(to, ClientRequest::Register, "register");
        let request = self.ran(registered)?;
        self.settle()?;
        let answers = self.answers(request);
        let result = answers.first().and_then(|answer| answer.as_ref().ok().cloned());
        let id = result.and_then(|result| String::from_utf8_lossy(&result).parse().ok());
        self.tell(&format!("a client registers at {to}"));
        id.ok_or_else(|| {
            let happened = format!("it is told {}", gates::clients::all_in_words(&answers));
            self.check.failure(
                "the client learns its id, the index of its registration (`client_request`, exercise 4.6, passes it \
                 to `register`)",
                happened,
            )
        })
    }

    fn answers(&self, request: RequestId) -> Vec<ClientAnswer> {
        let answers = self.world.answers().iter().filter(|(id, ..)| *id == request);
        answers.map(|(_, _, answer)| answer.clone()).collect()
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
        self.ends(to, of, command, &Ok(result.to_owned().into()))
    }

    /// A client sends a command, which must end with this answer.
    fn ends(
        &mut self,
        to: ServerId,
        of: (u64, u64),
        command: &str,
        answer: &ClientAnswer,
    ) -> Told<()> {
        let request = self.send(to, of, command)?;
        self.settle()?;
        let happened = gates::clients::all_in_words(&self.answers(request));
        let expected = gates::clients::in_words(answer);
        self.check.same_text(
            "the client",
            &format!("it is told {happened}"),
            &format!("it is told “{expected}”"),
        )
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
    let client = story.register(S1)?;
    story.send(S1, (client, 1), "append x a")?;
    story.tell("S2 and S3 store it, and S1 is cut off before it hears of that");
    let beat = story.world.fire(S1, Timer::Heartbeat);
    story.ran(beat)?;
    let delivered = story.world.deliver(&Selector::default());
    story.ran(delivered)?;
    story.world.partition(&[vec![S2, S3]]);
    story.elect(S2)?;
    story.holds(&[S2, S3], "a")?;
    story.gives(S2, (client, 1), "append x a", "a")?;
    story.holds(&[S2, S3], "a")?;
    story.gives(S2, (client, 2), "append x b", "ab")?;
    story.holds(&[S2, S3], "ab")
}

fn remembered(check: &mut Context) -> Verdict {
    let mut story = Story::begin(check)?;
    let (one, other) = (story.register(S1)?, story.register(S1)?);
    story.gives(S1, (one, 1), "append x a", "a")?;
    story.gives(S1, (other, 1), "append x b", "ab")?;
    story.crash(S1)?;
    story.elect(S3)?;
    story.gives(S3, (one, 1), "append x a", "a")?;
    story.gives(S3, (other, 1), "append x b", "ab")?;
    story.holds(&[S2, S3], "ab")?;
    story.gives(S3, (one, 2), "append x c", "abc")?;
    story.holds(&[S2, S3], "abc")
}

fn strangers(check: &mut Context) -> Verdict {
    let mut story = Story::begin(check)?;
    let client = story.register(S1)?;
    story.gives(S1, (client, 1), "append x a", "a")?;
    // No entry has this index yet.
    let stranger = client + 100;
    for leader in [S1, S3] {
        if leader != S1 {
            story.crash(S1)?;
            story.elect(leader)?;
        }
        let expired = Err(ClientError::SessionExpired);
        story.ends(leader, (stranger, 1), "append x b", &expired)?;
        story.holds(&[S2, S3], "a")?;
    }
    story.gives(S3, (client, 2), "append x c", "ac")
}

fn late_copy(check: &mut Context) -> Verdict {
    let mut story = Story::begin(check)?;
    let client = story.register(S1)?;
    story.gives(S1, (client, 1), "append x a", "a")?;
    story.gives(S1, (client, 2), "append x b", "ab")?;
    story.tell("now a late copy of its command 1 arrives");
    story.ends(S1, (client, 1), "append x a", &Err(ClientError::Unknown))?;
    story.holds(&[S1, S2, S3], "ab")
}

fn least_recently_used(check: &mut Context) -> Verdict {
    let mut story = Story::with(check, Config { max_sessions: 2, ..Config::default() })?;
    story.tell("two sessions are the limit");
    let (one, other) = (story.register(S1)?, story.register(S1)?);
    story.gives(S1, (one, 1), "append x a", "a")?;
    let third = story.register(S1)?;
    story.tell("so the session of the second client ends");
    story.crash(S1)?;
    story.elect(S3)?;
    story.gives(S3, (one, 1), "append x a", "a")?;
    story.gives(S3, (third, 1), "append x c", "ac")?;
    let expired = Err(ClientError::SessionExpired);
    story.ends(S3, (other, 1), "append x b", &expired)?;
    story.holds(&[S2, S3], "ac")
}
