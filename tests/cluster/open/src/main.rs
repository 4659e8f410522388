//! A server of the open path as a process. It is a package of its own, because a course may hand out the modules
//! without the open path.

use std::process::ExitCode;

use cluster::server::{self, Kind};
use open::Features;

/// A server that does not have one of these yet ignores its switch.
const FEATURES: Features = Features { check_quorum: true, pre_vote: true };

fn main() -> ExitCode {
    let make = |setup| open::server(setup, FEATURES);
    server::main(Kind { name: "open", durable: true, make }, std::env::args().skip(1))
}
