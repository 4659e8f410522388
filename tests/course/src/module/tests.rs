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

#[test]
fn hints_are_for_the_whole_exercise_or_for_each_of_its_functions() {
    let read = |hints: &str| {
        let exercise = exercise("2.1")
            .replace("points = 1", "functions = [\"a\", \"b\"]\npoints = 1")
            .replace("hints = []\n", hints);
        parse(&format!("{HEAD}{exercise}"), "02-election")
    };
    let part = |functions: &str| {
        format!(
            "[[exercise.hints]]\nfunctions = {functions}\nlevels = [\"?\", \"with\", \"how\"]\n"
        )
    };
    let whole = read("hints = [\"?\", \"with\", \"how\"]\n").unwrap();
    assert_eq!(whole.exercises[0].hints.len(), 1);
    assert!(whole.exercises[0].hints[0].functions.is_empty());
    let parts = read(&format!("{}{}", part("[\"b\"]"), part("[\"a\"]"))).unwrap();
    assert_eq!(parts.exercises[0].hints[1].functions, ["a"]);
    for (hints, words) in [
        (part("[\"a\"]"), "no hints for `b`"),
        (part("[\"a\", \"b\", \"c\"]"), "`c`, which it does not ask for"),
        (format!("{}{}", part("[\"a\", \"b\"]"), part("[\"a\"]")), "`a` in two places"),
        ("hints = 3\n".to_owned(), "a list of texts"),
    ] {
        let error = read(&hints).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
}
