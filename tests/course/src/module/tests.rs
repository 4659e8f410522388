//! What a valid `exercises.toml` is.

use super::*;

const HEAD: &str =
    "module = \"02-election\"\npackage = \"election\"\ntitle = \"x\"\nsection = \"x\"\n";

fn exercise(id: &str) -> String {
    format!(
        "[[exercise]]\nid = \"{id}\"\ntitle = \"\"\nsection = \"\"\nfile = \"src/a.rs\"\npoints = 1\n\
         minutes = 1\nhints = []\n"
    )
}

#[test]
fn a_module_has_four_names() {
    let module = parse(&format!("{HEAD}{}", exercise("2.1")), "02-election").unwrap();
    for name in ["2", "02", "election", "02-election"] {
        assert!(module.is_called(name), "{name}");
    }
    for name in ["1", "elect", "03-election", ""] {
        assert!(!module.is_called(name), "{name}");
    }
}

#[test]
fn ids_ascend_and_may_have_gaps() {
    let read = |ids: &[&str]| {
        let exercises: String = ids.iter().map(|id| exercise(id)).collect();
        parse(&format!("{HEAD}{exercises}"), "02-election")
    };
    assert_eq!(read(&["2.1", "2.4", "2.10"]).unwrap().exercises.len(), 3);
    for ids in [["2.2", "2.1"], ["2.1", "2.1"], ["2.1", "3.1"]] {
        let error = read(&ids).unwrap_err().to_string();
        assert!(error.contains("out of place"), "{error}");
    }
    let error = parse(&format!("{HEAD}{}", exercise("2.1")), "03-replication").unwrap_err();
    assert!(error.to_string().contains("describes `02-election`"), "{error}");
}
