//! What is kept about a cluster in its folder.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::refusal::{Context as _, Outcome};
use crate::core::Batches;

/// A cluster, in its folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct State {
    /// The cluster's number, drawn at random.
    pub(super) cluster: u64,
    /// What its servers are made of.
    pub(super) made_of: String,
    /// Whether they have the paper's election timeout.
    pub(super) paper: bool,
    /// How their drivers hand them batches.
    #[serde(default)]
    pub(super) batches: Batches,
    /// How far the last `up` or `down` has come.
    pub(super) phase: Phase,
    /// The first configuration.
    pub(super) members: Vec<u64>,
    /// The servers, by number.
    pub(super) servers: BTreeMap<u64, Place>,
    /// The number of the next server that is added. A number is never used twice.
    pub(super) next: u64,
    /// The groups that can reach each other, if links are cut.
    pub(super) groups: Option<Vec<Vec<u64>>>,
}

/// How far the last `up` or `down` has come. A cluster that is neither up nor down was left by a command that was
/// itself ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Phase {
    Starting,
    Up,
    Ending,
    Down,
}

/// Where a server is, and whether it began as a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    /// The address for servers.
    pub(super) peer: String,
    /// The address for clients.
    pub(super) client: String,
}

impl State {
    /// Whether its servers keep their state on disk.
    pub(super) fn is_durable(&self) -> bool {
        is_durable(&self.made_of)
    }

    /// The state in a cluster's folder, if there is one.
    pub(super) fn load(dir: &Path) -> Outcome<Option<Self>> {
        let path = file(dir);
        match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            read => {
                let bytes = read.context(|| format!("cannot read {}", path.display()))?;
                let state = serde_json::from_slice(&bytes).map_err(io::Error::other);
                state.map(Some).context(|| {
                    format!(
                        "{} is damaged; remove it, with the folder that it is in",
                        path.display()
                    )
                })
            }
        }
    }

    /// Puts it in the cluster's folder.
    pub(super) fn save(&self, dir: &Path) -> Outcome<()> {
        let path = file(dir);
        let write = || {
            fs::create_dir_all(dir)?;
            let text = serde_json::to_vec_pretty(self).map_err(io::Error::other)?;
            let draft = path.with_extension("new");
            fs::write(&draft, text)?;
            fs::rename(draft, &path)
        };
        write().context(|| format!("cannot write {}", path.display()))
    }
}

/// Whether servers made of this keep their state on disk: from module 5 on.
pub fn is_durable(made_of: &str) -> bool {
    !["4", "reference-4"].contains(&made_of) && !made_of.starts_with("zoo-4:")
}

fn file(dir: &Path) -> PathBuf {
    dir.join("cluster.json")
}

/// The folder of a server.
pub(super) fn folder(dir: &Path, id: u64) -> PathBuf {
    dir.join(format!("S{id}"))
}

/// The file with what a server says.
pub(super) fn log(dir: &Path, id: u64) -> PathBuf {
    dir.join(format!("S{id}.log"))
}
