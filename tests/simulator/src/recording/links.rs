//! Links that are cut, in words.

use std::collections::{BTreeMap, BTreeSet};

use protocol::ServerId;

/// Which links of a cluster of this many servers are cut.
pub fn links(servers: usize, cut: &BTreeSet<(ServerId, ServerId)>) -> String {
    let both_ways = cut.iter().all(|&(from, to)| cut.contains(&(to, from)));
    if !both_ways {
        let ways: Vec<String> = cut.iter().map(|(from, to)| format!("{from} to {to}")).collect();
        return format!("cut: {}", ways.join(", "));
    }
    let ids: Vec<ServerId> = (1..).map(ServerId).take(servers).collect();
    partition(&ids, cut).unwrap_or_else(|| open_links(&ids, cut))
}

/// The groups of a partition; `None` if some server reaches others that do not reach each other.
fn partition(ids: &[ServerId], cut: &BTreeSet<(ServerId, ServerId)>) -> Option<String> {
    // The servers of a group are cut off from the same others.
    let mut groups: BTreeMap<Vec<bool>, Vec<String>> = BTreeMap::new();
    for &id in ids {
        let unreachable: Vec<bool> = ids.iter().map(|&other| cut.contains(&(id, other))).collect();
        groups.entry(unreachable).or_default().push(id.to_string());
    }
    let reached = |unreachable: &[bool]| unreachable.iter().filter(|&&cut| !cut).count();
    if groups.iter().any(|(unreachable, group)| reached(unreachable) != group.len()) {
        return None;
    }
    let mut groups: Vec<String> = groups.into_values().map(|group| group.join(" ")).collect();
    groups.sort();
    Some(format!("partition: {}", groups.join(" | ")))
}

fn open_links(ids: &[ServerId], cut: &BTreeSet<(ServerId, ServerId)>) -> String {
    let mut open = Vec::new();
    for &one in ids {
        for &other in ids.iter().filter(|&&other| other > one) {
            if !cut.contains(&(one, other)) {
                open.push(format!("{one}–{other}"));
            }
        }
    }
    format!("open links: {}", open.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In both directions.
    fn cut(pairs: &[(u64, u64)]) -> BTreeSet<(ServerId, ServerId)> {
        let both = |&(a, b): &(u64, u64)| [(ServerId(a), ServerId(b)), (ServerId(b), ServerId(a))];
        pairs.iter().flat_map(both).collect()
    }

    #[test]
    fn links_are_told_as_groups_or_one_by_one() {
        assert_eq!(links(3, &cut(&[(1, 2), (1, 3)])), "partition: S1 | S2 S3");
        assert_eq!(links(3, &cut(&[(1, 3)])), "open links: S1–S2, S2–S3");
        let one_way = BTreeSet::from([(ServerId(1), ServerId(2))]);
        assert_eq!(links(2, &one_way), "cut: S1 to S2");
    }
}
