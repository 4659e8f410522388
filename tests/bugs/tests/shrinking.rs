//! What storms find is shrunk to a script that is hardly longer than the shortest one known.

mod seeded;

use seeded::{SEEDED, length_of_shortest};

/// How many storms there are for each mistake.
const STORMS: usize = 10;

#[test]
fn a_storm_is_shrunk_to_at_most_twice_the_shortest_script_known() {
    for seeded in &SEEDED {
        let name = seeded.name;
        let shortest = length_of_shortest(seeded);
        let shortest =
            shortest.unwrap_or_else(|| panic!("the script for “{name}” does not show it"));
        let mut storms = 0;
        for failed in seeded.failed().take(STORMS) {
            let seed = failed.seed;
            let shrunk = seeded.shrunk(&failed);
            let shrunk = shrunk.unwrap_or_else(|| panic!("{name}: storm {seed} makes no script"));
            let length = shrunk.actions.len();
            assert!(
                length <= 2 * shortest,
                "{name}: storm {seed} with {} servers is shrunk to {length} actions of {} servers, and \
                 {shortest} will do: {:#?}",
                failed.servers,
                shrunk.servers,
                shrunk.actions
            );
            storms += 1;
        }
        assert_eq!(storms, STORMS, "{name}: not enough storms show it");
    }
}
