//! The wrong servers of module 6 as processes.

#[allow(warnings, clippy::all, clippy::pedantic, reason = "patched copies of a solution")]
mod patched {
    include!(concat!(env!("OUT_DIR"), "/snapshots_servers.rs"));
}
#[path = "shared/server.rs"]
mod server;

fn main() -> std::process::ExitCode {
    server::main("6", patched::SERVERS, &snapshots::RULES)
}
