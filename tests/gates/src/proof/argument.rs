//! Statements that a learner puts in order, so that each rests only on those before it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::answer::{Answer, malformed};
use crate::{Check, Failure, Verdict};

/// A proof in pieces: statements that it needs, and others that are false.
#[derive(Debug)]
pub struct Argument {
    /// The exercise.
    pub exercise: &'static str,
    /// The learner's file, below `src`.
    pub file: &'static str,
    /// Where it is in the paper.
    pub source: &'static str,
    /// All statements that the file lists.
    pub statements: &'static [Statement],
}

/// A statement of a proof.
#[derive(Debug)]
pub struct Statement {
    /// Its letter.
    pub name: &'static str,
    /// The statement.
    pub says: &'static str,
    /// The statements that it rests on, by letter.
    pub needs: &'static [&'static str],
    /// For a false statement, why it is false. Such a statement does not belong in a proof.
    pub wrong: Option<&'static str>,
    /// What a proof without it leaves open, as a question. Empty for a false statement.
    pub open: &'static str,
}

/// The letters that a learner has written, in order, each with its place in the file.
type Order = Vec<(String, String)>;

impl Argument {
    /// The checks for the file in the package of this folder.
    pub fn checks(&'static self, manifest_dir: &str) -> Vec<Check> {
        let path = Arc::new(Path::new(manifest_dir).join("src").join(self.file));
        let check = |claim: &str, judge: fn(&Self, &Order) -> Verdict| {
            let path: Arc<PathBuf> = Arc::clone(&path);
            Check::new(self.exercise, claim, self.source, move |context| {
                context.step(format!("read src/{}", self.file));
                judge(self, &self.read(&path)?)
            })
        };
        vec![
            check("Your proof rests on nothing that is false", Self::judge_truth),
            check(
                "Each statement of your proof comes after those that it rests on",
                Self::judge_order,
            ),
            check("Your proof leaves no question open", Self::judge_completeness),
        ]
    }

    fn read(&self, path: &Path) -> Result<Order, Box<Failure>> {
        let answer = Answer::read(path, &["proof"])?;
        let mut order = Order::new();
        for (name, place) in answer.words("proof") {
            if self.statements.iter().all(|statement| statement.name != name) {
                return Err(malformed(format!("{place}: there is no statement `{name}`")));
            }
            if order.iter().any(|(other, _)| other == name) {
                return Err(malformed(format!("{place}: statement {name} is there twice")));
            }
            order.push((name.to_owned(), place));
        }
        if order.is_empty() {
            let shown = crate::scenario::shown(path);
            let why = format!("{shown}: there is no line `proof` with the letters of statements");
            return Err(malformed(why));
        }
        Ok(order)
    }

    fn statement(&self, name: &str) -> &Statement {
        let found = self.statements.iter().find(|statement| statement.name == name);
        found.unwrap_or_else(|| panic!("there is no statement {name}"))
    }

    fn judge_truth(&self, order: &Order) -> Verdict {
        for (name, place) in order {
            let statement = self.statement(name);
            if let Some(wrong) = statement.wrong {
                let happened = format!("{place}: {name} is false: “{}”", statement.says);
                let failure = Failure::new("a proof from true statements", happened);
                return Err(failure.note(wrong).because(""));
            }
        }
        Ok(())
    }

    fn judge_order(&self, order: &Order) -> Verdict {
        let places: BTreeMap<&str, usize> =
            order.iter().enumerate().map(|(at, (name, _))| (name.as_str(), at)).collect();
        for (at, (name, place)) in order.iter().enumerate() {
            let statement = self.statement(name);
            let later = statement.needs.iter().find(|needed| places.get(*needed) > Some(&at));
            if let Some(later) = later {
                let expected =
                    format!("{name}, “{}”, comes after what it rests on", statement.says);
                let happened = format!(
                    "{place}: it rests on {later}, “{}”, which comes later",
                    self.statement(later).says
                );
                return Err(Failure::new(expected, happened).because(""));
            }
        }
        Ok(())
    }

    fn judge_completeness(&self, order: &Order) -> Verdict {
        let is_there = |name: &str| order.iter().any(|(other, _)| other == name);
        let missing = self.statements.iter().filter(|it| it.wrong.is_none() && !is_there(it.name));
        let missing: Vec<&Statement> = missing.collect();
        let Some(first) = missing.first() else { return Ok(()) };
        let happened = format!("it leaves open: {}", first.open);
        let mut failure =
            Failure::new("a proof that a careful reader believes", happened).because("");
        if missing.len() > 1 {
            failure = failure.note(format!("It lacks {} statements in all.", missing.len()));
        }
        Err(failure)
    }

    /// The statements as the learner's file lists them.
    pub fn listed(&self) -> Vec<(&'static str, &'static str)> {
        self.statements.iter().map(|statement| (statement.name, statement.says)).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::Kind;

    const PROOF: Argument = Argument {
        exercise: "3.10",
        file: "some.proof",
        source: "",
        statements: &[
            Statement {
                name: "A",
                says: "first",
                needs: &[],
                wrong: None,
                open: "where to begin?",
            },
            Statement { name: "B", says: "then", needs: &["A"], wrong: None, open: "what then?" },
            Statement { name: "X", says: "pigs fly", needs: &[], wrong: Some("look up"), open: "" },
        ],
    };

    fn judged(name: &str, text: &str) -> Verdict {
        let path = std::env::temp_dir().join(format!("{name}-{}.proof", std::process::id()));
        fs::write(&path, text).unwrap();
        let order = PROOF.read(&path);
        fs::remove_file(&path).unwrap();
        let order = order?;
        PROOF.judge_truth(&order)?;
        PROOF.judge_order(&order)?;
        PROOF.judge_completeness(&order)
    }

    #[test]
    fn what_is_wrong_with_a_proof_is_named() {
        judged("right", "# a comment\nproof A # and why\nproof B\n").unwrap();
        for (text, words) in [
            ("proof A B X", "1: X is false: “pigs fly”"),
            ("proof B\nproof A", "1: it rests on A, “first”, which comes later"),
            ("proof A", "what then?"),
            ("proof B", "where to begin?"),
            ("proof A, B; B", "1: statement B is there twice"),
            ("proof A C", "1: there is no statement `C`"),
            ("\nproofs A", "2: `proofs` cannot begin a line; `proof` can"),
            ("# nothing", "no line `proof`"),
        ] {
            let failure = judged("wrong", text).unwrap_err();
            assert!(failure.happened.contains(words), "{text}: {}", failure.happened);
        }
    }

    #[test]
    fn a_stub_is_not_judged() {
        let failure = judged("stub", "# Exercise 3.10\ntodo \"exercise 3.10\"\n").unwrap_err();
        assert_eq!(failure.kind, Kind::Todo("3.10".to_owned()));
    }
}
