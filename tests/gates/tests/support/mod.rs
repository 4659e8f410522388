//! Runs this binary as a gate, and checks of a suite.

use std::env;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use gates::{Policy, Report, Suite};

use gates::course::GateEvent;

/// Names the suite of a process that must be a gate.
pub(crate) const AS_GATE: &str = "GATES_TEST_SUITE";

/// The report of one check.
pub(crate) fn report_of(mut suite: Suite, name: &str) -> Report {
    suite.checks.retain(|check| check.name() == name);
    gates::run(&[suite], 1, Policy::KeepGoing).remove(0)
}

/// A command that runs this binary as the gate of a suite.
pub(crate) fn gate_of(suite: &str) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    for variable in ["SELECT", "EVENTS", "SEED", "BLESS", "TIMEOUT_FACTOR"] {
        command.env_remove(format!("RAFT_LAB_{variable}"));
    }
    command.env("RAFT_LAB_COLOR", "never").env(AS_GATE, suite);
    command
}

/// Runs a gate as a test runner does. Returns its exit code and what it prints.
pub(crate) fn gate(
    suite: &str,
    arguments: &[&str],
    environment: &[(&str, &str)],
) -> (Option<i32>, String) {
    let output = gate_of(suite).args(arguments).envs(environment.iter().copied()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code(), text)
}

/// Starts a gate as the runner does. It ends when its standard input is closed.
pub(crate) fn start_gate(suite: &str, environment: &[(&str, &str)]) -> Child {
    let mut command = gate_of(suite);
    command.env("RAFT_LAB_EVENTS", "1").envs(environment.iter().copied());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap()
}

/// Runs a gate as the runner does. Returns its events.
pub(crate) fn events(suite: &str, environment: &[(&str, &str)]) -> Vec<GateEvent> {
    let mut gate = start_gate(suite, environment);
    let _lifeline = gate.stdin.take();
    let lines = BufReader::new(gate.stdout.take().unwrap()).lines();
    let events = lines.map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
    assert!(gate.wait().unwrap().success());
    events
}
