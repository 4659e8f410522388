//! The wrong servers of module 5 as processes.

#[allow(warnings, clippy::all, clippy::pedantic, reason = "patched copies of a solution")]
mod patched {
    include!(concat!(env!("OUT_DIR"), "/persistence_servers.rs"));
}
#[path = "shared/server.rs"]
mod server;

fn main() -> std::process::ExitCode {
    server::main("5", patched::SERVERS, &persistence::RULES)
}
