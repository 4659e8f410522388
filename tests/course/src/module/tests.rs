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

const ONE: &str = "[[question]]\nid = \"q2.1\"\nask = \"Who?\"\nchoices = [\"S1\", \"S2\", \"S3\"]\n\
                   answer = \"a c\"\nwhy = \"Both may.\"\n";
const FREE: &str = "[[question]]\nid = \"q2.2\"\nask = \"Which row?\"\nfree = true\n";

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
fn a_question_that_cannot_be_answered_is_reported() {
    let read = |questions: &str| parse(&format!("{HEAD}exercise = []\n{questions}"), "02-election");
    let valid = read(&format!("{ONE}{FREE}")).unwrap();
    assert_eq!(valid.questions[0].correct(), ['a', 'c'].into());
    for (from, to, words) in [
        ("q2.1", "q1.1", "out of place"),
        ("q2.1", "q2.3", "q2.2 is out of place"),
        ("a c", "d", "has no choice"),
        ("a c", "", "letters of the correct choices"),
        ("Both may.", "", "`why` is missing"),
        ("why =", "claims = [\"x\"]\nwhy =", "go together"),
        ("why =", "script = \"y\"\nclaims = [\"x\"]\nwhy =", "each choice"),
        ("free = true", "free = true\nanswer = \"a\"", "own words"),
        ("free = true", "choices = [\"x\"]", "2 to 26"),
    ] {
        let error = read(&format!("{ONE}{FREE}").replacen(from, to, 1)).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
}
