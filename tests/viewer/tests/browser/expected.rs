//! What the page must show at a step, worked out from the recording in another way than the page does: every change
//! is applied in turn. This does not use the states of the figures (`src/figure/state.rs`) either, so that a mistake
//! in reading the columns shows.

use serde_json::{Value, json};
use simulator::Recording;

/// One server.
#[derive(Clone, Debug, Default)]
struct Server {
    role: u64,
    term: u64,
    vote: u64,
    commit: u64,
    applied: u64,
    log: Vec<u64>,
}

/// The servers after each step, as the page is asked for them: role, term, vote, commit, applied, and the terms of the
/// last entries.
pub(crate) fn servers(run: &Recording, shown: usize) -> Vec<Value> {
    let c = &run.columns;
    let count = usize::try_from(run.servers).unwrap();
    let mut servers = vec![Server { role: 3, ..Server::default() }; count];
    let (mut change, mut entry) = (0, 0);
    let mut all = Vec::new();
    for step in 0..run.steps() {
        while c.change_step.get(change).is_some_and(|&at| at == step) {
            let server = &mut servers[usize::try_from(c.change_server[change] - 1).unwrap()];
            server.role = c.change_role[change];
            server.term = c.change_term[change];
            server.vote = c.change_vote[change];
            server.commit = c.change_commit[change];
            server.applied = c.change_applied[change];
            if c.change_log_from[change] > 0 {
                let keep = usize::try_from(c.change_log_from[change] - 1).unwrap();
                let more = usize::try_from(c.change_log_count[change]).unwrap();
                server.log.truncate(keep);
                server.log.extend(&c.entry_term[entry..entry + more]);
                entry += more;
            }
            assert_eq!(server.log.len() as u64, c.change_last[change], "step {step}");
            change += 1;
        }
        all.push(servers.iter().map(|server| of(server, shown)).collect());
    }
    all
}

fn of(server: &Server, shown: usize) -> Value {
    let role = ["follower", "candidate", "leader", "down"][usize::try_from(server.role).unwrap()];
    let vote = if server.vote == 0 { "–".to_owned() } else { format!("S{}", server.vote) };
    let last = &server.log[server.log.len().saturating_sub(shown)..];
    json!([
        role,
        server.term.to_string(),
        vote,
        server.commit.to_string(),
        server.applied.to_string(),
        last
    ])
}
