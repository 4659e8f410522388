//! The page of situations is the one that `situations.toml` makes.

use std::path::Path;
use std::{env, fs};

use bugs::Situations;

#[test]
fn the_page_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/maintainers/situations.md");
    let page = Situations::read().unwrap().page();
    if env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        fs::write(&path, &page).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(found == page, "{} is stale: `cargo xtask bless` writes it", path.display());
}
