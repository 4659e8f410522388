//! The subject of the suite: the reference of the open path, with a mistake.

use std::cell::Cell;
use std::sync::Arc;

use gates::protocol::{Node, Setup};
use gates::simulator::NodeFactory;
use open::{Habits, Server};

use crate::wrong::{Mistake, Wrong};

pub(crate) use open::Features;

thread_local! {
    /// The mistake of the servers that this thread makes.
    static MISTAKE: Cell<Option<Mistake>> = const { Cell::new(None) };
}

/// From now on, servers made by this thread have this mistake.
pub(crate) fn make(mistake: Mistake) {
    MISTAKE.set(Some(mistake));
}

pub(crate) fn server(setup: Setup, features: Features) -> Box<dyn Node> {
    match MISTAKE.get() {
        Some(mistake) => Box::new(Wrong::new(setup, features, mistake)),
        None => open::server(setup, features),
    }
}

/// New servers that begin their terms with a no-op, or do not.
pub(crate) fn with_no_op(no_op: bool) -> NodeFactory {
    Arc::new(move |setup, _| Box::new(Server::new(setup, Habits { no_op, ..Habits::default() })))
}
