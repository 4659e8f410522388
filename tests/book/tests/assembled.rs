//! The page about the assembled server lists what the sources of the reference say.
//!
//! `cargo xtask bless book` writes it (with `RAFT_LAB_BLESS`).

use std::env;
use std::fs;
use std::path::Path;

use book::assembled;
use gates::course;

#[test]
fn the_page_lists_the_layers_of_the_reference() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("it has a root");
    let modules = course::read_modules(root).unwrap_or_else(|why| panic!("{why}"));
    let expected = assembled::page(root, &modules).unwrap_or_else(|why| panic!("{why}"));
    let path = root.join(assembled::PAGE);
    if env::var_os("RAFT_LAB_BLESS").is_some() {
        fs::write(&path, &expected).expect("the page can be written");
    }
    let page = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(page == expected, "{} is stale: `cargo xtask bless book` writes it", assembled::PAGE);
}

/// Every row that a module's exercises fill has a layer, so the page has not lost the thread.
#[test]
fn rows_of_figure_2_have_layers_in_several_modules() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("it has a root");
    let modules = course::read_modules(root).unwrap_or_else(|why| panic!("{why}"));
    let rows = course::layers::rows(root, &modules, course::Module::solution);
    let rows = rows.unwrap_or_else(|why| panic!("{why}"));
    let filled = rows.iter().filter(|row| !row.layers.is_empty()).count();
    assert!(filled * 4 >= rows.len() * 3, "only {filled} of {} rows have a layer", rows.len());
    let deepest = rows.iter().map(|row| row.layers.len()).max().unwrap_or_default();
    assert!(deepest >= 4, "no row leads through more than {deepest} functions");
}
