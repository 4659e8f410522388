//! Wrong Rafts that the gates must catch, and right ones that they must accept.
//!
//! A bug is a small patch of a module's solution, described in `patches/`: what the server does wrong,
//! which checks must be red, and what their text must say. The build script makes one source of all
//! patches of a module, in which each can be switched on, and a test binary judges each by the module's
//! suite. Other patches leave the server right; of those no check may be red, whatever the seed.
//!
//! Also judged here: a right server of another architecture, with each of its habits (`tests/open`); that the
//! same seed gives the same run, today and next year (`tests/golden.rs`); and what learners read of some
//! mistakes of different kinds (`kept_text` in `patches/`, `tests/failure_texts`).
//!
//! `RAFT_LAB_TELL=E17 cargo test -p bugs --test data_model` tells which checks are red with the bug E17,
//! and what the first of them says; `RAFT_LAB_TELL=all` tells it of all. `RAFT_LAB_SEEDS=1` judges with one
//! base seed in place of ten. `cargo test -p bugs --test election -- --ignored share` lists the wrong servers that
//! storms and explorations find without direct checks, and those that they miss.

mod around;
mod in_place;
mod judge;
mod kinds;
mod mutants;
mod own;
mod patch;
mod record;
mod replay;
mod share;
mod situations;
mod subject;
mod switch;
mod zoo;
mod zoo_page;

pub use around::{Around, Offers};
pub use judge::{main_of, seeds};
pub use patch::{Bug, Edit, Patches, Right, apply};
pub use record::{keep_recorded, pick};
pub use situations::Situations;
pub use subject::Subject;
pub use switch::{switch_on_everywhere, switched_on};
pub use zoo::{Alone, Verdict};
pub use zoo_page::{OtherServer, Zoo};
