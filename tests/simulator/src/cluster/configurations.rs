//! The configurations by which servers may count votes and copies (§6).

use protocol::{Entry, Index, Members, Payload, ServerId};

use super::Cluster;

impl Cluster {
    /// The last configuration that is committed, and every later one in some log: until one of those is
    /// committed, any of them may decide an election.
    fn configurations(&self) -> Vec<&Members> {
        let mut committed = self.invariants.committed_entries().rev();
        let last = committed.find_map(|(index, entry)| Some((index, members(entry)?)));
        let (from, last) = last.unwrap_or((Index(0), &self.first_members));
        let mut all = vec![last];
        for &id in self.servers() {
            let later = (1..).map(Index).zip(self.log(id)).filter(|&(index, _)| index > from);
            all.extend(later.filter_map(|(_, entry)| members(entry)));
        }
        all
    }

    /// Whether these servers contain a majority of every configuration that may decide. Only servers that are
    /// in all of these configurations are counted: one that is being added or removed may not vote.
    pub fn is_quorum(&self, servers: &Members) -> bool {
        let configurations = self.configurations();
        let counts = |id: &&ServerId| {
            servers.contains(*id) && configurations.iter().all(|members| members.contains(*id))
        };
        configurations
            .iter()
            .all(|members| 2 * members.iter().filter(counts).count() > members.len())
    }
}

fn members(entry: &Entry) -> Option<&Members> {
    match &entry.payload {
        Payload::Members(members) => Some(members),
        _ => None,
    }
}
