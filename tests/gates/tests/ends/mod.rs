//! How a run ends: when a check does not, and when the runner does.

use std::time::{Duration, Instant};

use gates::course::GateEvent;
use gates::{Check, Context, Outcome, Policy, Suite, Verdict};

use crate::support::{events, gate};

/// The prefix of the suite.
pub(crate) const PREFIX: &str = "endless/";

pub(crate) const TESTS: &[crate::Test] = &[
    ("an_endless_check_ends_the_run", an_endless_check_ends_the_run),
    ("an_endless_check_ends_a_run_of_tests", an_endless_check_ends_a_run_of_tests),
    ("an_endless_check_ends_nothing_if_all_are_wanted", all_run_if_all_are_wanted),
    #[cfg(unix)]
    ("a_gate_and_its_checks_end_with_the_runner", unix::all_end_with_the_runner),
    #[cfg(unix)]
    ("what_a_check_has_started_ends_with_it", unix::what_was_started_ends),
    #[cfg(unix)]
    ("a_stream_that_another_process_keeps_open_is_not_waited_for", unix::streams_are_left_open),
];

/// How many checks come after the endless ones. More than there are processors.
const LATER: usize = 200;

pub(crate) fn suite() -> Suite {
    let check =
        |claim: &str, body: fn(&mut Context) -> Verdict| Check::new("1.4", claim, "none", body);
    let mut checks = vec![
        check("Passes", |_| Ok(())),
        check("Loops", loops).time_limit(Duration::from_millis(400)),
    ];
    // Each of these would take minutes; only stopping them ends the run.
    let later = |at| {
        let claim = format!("Comes later {at}");
        Check::new("1.5", claim, "none", loops).time_limit(Duration::from_mins(1))
    };
    checks.extend((0..LATER).map(later));
    #[cfg(unix)]
    checks.push(Check::new("1.6", "Starts another", "none", unix::starts_another));
    #[cfg(unix)]
    checks.push(
        // Its time limit must not be what ends it.
        Check::new("1.7", "Starts another and waits", "none", unix::starts_and_waits)
            .time_limit(Duration::from_mins(2)),
    );
    #[cfg(unix)]
    checks.push(Check::new("1.8", "Lets another go", "none", unix::lets_another_go));
    Suite::new("01-data-model", env!("CARGO_MANIFEST_DIR"), checks).prefixed(PREFIX)
}

fn loops(_: &mut Context) -> Verdict {
    loop {
        std::thread::sleep(Duration::from_secs(1));
    }
}

fn an_endless_check_ends_the_run() {
    let started = Instant::now();
    let events = events(PREFIX, &[("RAFT_LAB_SELECT", "1.4,1.5")]);
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    let Some(GateEvent::Selected { checks, .. }) = events.first() else { panic!("{events:?}") };
    assert!(checks.len() > LATER);
    let reports: Vec<(&str, Outcome)> = events
        .iter()
        .filter_map(|event| match event {
            GateEvent::Report(report) => Some((report.check.as_str(), report.outcome)),
            _ => None,
        })
        .collect();
    let expected = [("passes", Outcome::Passed), ("loops", Outcome::Stopped)];
    assert_eq!(reports, expected, "those that were running are stopped without a report");
    let Some(GateEvent::Ended { endless: Some(endless) }) = events.last() else {
        panic!("{events:?}");
    };
    assert_eq!(endless.to_string(), "endless/1.4::loops");
}

fn an_endless_check_ends_a_run_of_tests() {
    let started = Instant::now();
    let (code, text) = gate(PREFIX, &[], &[("RAFT_LAB_SELECT", "1.4,1.5")]);
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    assert_eq!(code, Some(1));
    let untried = "not tried, because endless/1.4::loops did not end";
    assert!(text.matches(untried).count() >= LATER, "{text}");
    assert!(text.contains("did not end within 400ms"), "{text}");
}

fn all_run_if_all_are_wanted() {
    let mut suite = suite();
    suite.checks.retain(|check| ["passes", "loops"].contains(&check.name().as_str()));
    suite.checks.reverse();
    let reports = gates::run(&[suite], 1, Policy::KeepGoing);
    let outcomes: Vec<Outcome> = reports.iter().map(|report| report.outcome).collect();
    assert_eq!(outcomes, [Outcome::Stopped, Outcome::Passed]);
}

#[cfg(unix)]
mod unix {
    use std::os::unix::process::CommandExt as _;
    use std::process::Command;
    use std::thread;
    use std::time::{Duration, Instant};
    use std::{env, fs};

    use gates::course::GateEvent;
    use gates::{Context, Verdict};
    use rustix::process::{Pid, Signal, kill_process};

    use super::PREFIX;
    use crate::support::{events, start_gate};

    /// Names the file for the ids of processes.
    const IDS: &str = "GATES_TEST_IDS";

    /// Snapshots are written without a sandbox, so that a check can start a program and write a file.
    const OPEN: (&str, &str) = ("RAFT_LAB_BLESS", "1");

    /// Starts a program that keeps the streams open, and says which.
    pub(super) fn starts_another(check: &mut Context) -> Verdict {
        starts(Command::new("sleep").arg("120"), check)
    }

    /// Starts a program that is not killed with the check.
    pub(super) fn lets_another_go(check: &mut Context) -> Verdict {
        starts(Command::new("sleep").arg("120").process_group(0), check)
    }

    fn starts(another: &mut Command, check: &mut Context) -> Verdict {
        #[expect(clippy::zombie_processes, reason = "that is what is judged")]
        let another = another.spawn().expect("it can be started");
        check.show(another.id().to_string());
        check.holds(is_running(another.id()), "it runs", "it has ended")
    }

    pub(super) fn starts_and_waits(check: &mut Context) -> Verdict {
        let mut another = Command::new("sleep").arg("120").spawn().expect("it can be started");
        let file = env::var(IDS).expect("the test names a file");
        let ids = format!("{} {}", std::process::id(), another.id());
        fs::write(format!("{file}.new"), ids)
            .and_then(|()| fs::rename(format!("{file}.new"), file))
            .expect("the file can be written");
        let ended = another.wait();
        check.holds(false, "the test ends this process", format!("the other one did: {ended:?}"))
    }

    pub(super) fn what_was_started_ends() {
        wait_for_the_end_of(&[started_by("1.6")]);
    }

    pub(super) fn streams_are_left_open() {
        let id = started_by("1.8");
        assert!(is_running(id), "it has kept the streams open all the time");
        let id = Pid::from_raw(id.cast_signed()).unwrap();
        kill_process(id, Signal::KILL).unwrap();
    }

    /// Runs the check of an exercise. Returns the id of the process that it has started.
    fn started_by(exercise: &str) -> u32 {
        let started = Instant::now();
        let events = events(PREFIX, &[OPEN, ("RAFT_LAB_SELECT", exercise)]);
        assert!(started.elapsed() < Duration::from_mins(1), "its streams are not waited for");
        let show = events.iter().find_map(|event| match event {
            GateEvent::Report(report) => report.show.clone(),
            _ => None,
        });
        show.expect("it has passed").parse().unwrap()
    }

    /// However the runner ends: the gate notices that its standard input is closed, and the checks that the gate
    /// is gone.
    pub(super) fn all_end_with_the_runner() {
        for kills_the_gate in [false, true] {
            let name = format!("gates-{}-{kills_the_gate}", std::process::id());
            let file = env::temp_dir().join(name);
            let path = file.to_str().expect("a temporary folder with a plain name");
            let mut gate = start_gate(PREFIX, &[OPEN, ("RAFT_LAB_SELECT", "1.7"), (IDS, path)]);
            let ids = wait_until("the check has started", || fs::read_to_string(&file).ok());
            let ids: Vec<u32> = ids.split(' ').map(|id| id.parse().unwrap()).collect();
            assert!(ids.iter().all(|id| is_running(*id)), "{ids:?}");
            if kills_the_gate {
                kill_process(Pid::from_child(&gate), Signal::KILL).unwrap();
            } else {
                drop(gate.stdin.take());
            }
            wait_until("the gate has ended", || gate.try_wait().unwrap());
            wait_for_the_end_of(&ids);
            fs::remove_file(&file).unwrap();
        }
    }

    fn wait_for_the_end_of(ids: &[u32]) {
        for id in ids {
            wait_until("a process has ended", || (!is_running(*id)).then_some(()));
        }
    }

    fn wait_until<T>(what: &str, mut is_true: impl FnMut() -> Option<T>) -> T {
        let started = Instant::now();
        loop {
            if let Some(value) = is_true() {
                return value;
            }
            assert!(started.elapsed() < Duration::from_mins(1), "waiting until {what}");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Whether a process is there. One that has ended and was not waited for is not.
    fn is_running(id: u32) -> bool {
        if cfg!(target_os = "linux") {
            let status = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
            let state = status.rsplit(") ").next().and_then(|rest| rest.chars().next());
            return state.is_some_and(|state| state != 'Z' && state != 'X');
        }
        let output = Command::new("ps").args(["-o", "stat=", "-p", &id.to_string()]).output();
        let state = String::from_utf8(output.expect("ps can be run").stdout).unwrap();
        !state.trim().is_empty() && !state.starts_with('Z')
    }
}
