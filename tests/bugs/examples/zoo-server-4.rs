//! The wrong servers of module 4 as processes.

#[allow(warnings, clippy::all, clippy::pedantic, reason = "patched copies of a solution")]
mod patched {
    include!(concat!(env!("OUT_DIR"), "/commitment_servers.rs"));
}
#[path = "shared/server.rs"]
mod server;

fn main() -> std::process::ExitCode {
    server::main("4", patched::SERVERS, &commitment::RULES)
}
