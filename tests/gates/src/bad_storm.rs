//! Servers that storms expose: an exercise with `cargo xtask fuzz`.
//!
//! One row of the learner's own finished module is wrong. The learner finds a storm that ends badly, reads the script
//! that it was shrunk to, and says which property is broken and why:
//!
//! ```text
//! storm seed=1780000000 number=734
//! breaks D
//! mistake F
//! ```

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use simulator::{NodeFactory, Property};

use crate::answer::{Answer, malformed};
use crate::proof::{Choice, choose};
use crate::{Check, Context, Failure, Scope, Verdict};

const STORM: &str = "The same seed and number give the same storm on every machine. So a storm that ends badly is \
     evidence that anyone can look at.";
const NAMED: &str = "A failure is understood when you can name what was broken, and the line of code that broke it.";

/// A storm runs once on the learner's servers and again and again on the wrong ones, while it is shrunk.
const TIME_LIMIT: Duration = Duration::from_mins(1);

const KEYWORDS: &[&str] = &["storm", "breaks", "mistake"];

/// The file, below `src`.
const FILE: &str = "storm.answer";

/// Servers with a wrong row, and what there is to choose from.
pub struct BadStorm<Rules: 'static> {
    /// The exercise.
    pub exercise: &'static str,
    /// Makes servers with a table.
    pub servers_with: fn(&'static Rules) -> NodeFactory,
    /// The learner's own table.
    pub own: &'static Rules,
    /// The same with the wrong row.
    pub wrong: &'static Rules,
    /// Runs storms on servers.
    pub storms: fn(&mut Context, &NodeFactory, RangeInclusive<u64>) -> Verdict,
    /// The properties, by letter.
    pub properties: &'static [(&'static str, Property)],
    /// The mistakes, by letter.
    pub mistakes: &'static [Choice],
}

/// What the checks share.
struct Task<Rules: 'static> {
    file: PathBuf,
    given: BadStorm<Rules>,
}

impl<Rules: Sync> BadStorm<Rules> {
    /// The checks for `src/storm.answer` of the package in `manifest_dir`.
    pub fn checks(self, manifest_dir: &str) -> Vec<Check> {
        let exercise = self.exercise;
        let file = Path::new(manifest_dir).join("src").join(FILE);
        let task = Arc::new(Task { file, given: self });
        let check = |claim: &str, why: &str, judge: fn(&Task<Rules>, &mut Context) -> Verdict| {
            let task = Arc::clone(&task);
            Check::new(exercise, claim, why, move |context| judge(&task, context))
                .time_limit(TIME_LIMIT)
        };
        let found = "Your storm ends badly on the wrong servers, and well on your own";
        vec![
            check(found, STORM, |task, context| task.broken(context).map(|_| ())),
            check("You have named the property that your storm breaks", NAMED, Task::property),
            check("You have named the mistake of these servers", NAMED, Task::mistake),
        ]
    }

    /// The check that runs storms on the wrong servers, for `fuzz`.
    pub fn fuzzed(self, numbers: RangeInclusive<u64>) -> Check {
        let claim = format!(
            "Storms {} to {} end well on the servers of exercise {}",
            numbers.start(),
            numbers.end(),
            self.exercise
        );
        let exercise = self.exercise;
        Check::new(exercise, claim, STORM, move |context| {
            (self.storms)(context, &(self.servers_with)(self.wrong), numbers.clone())
        })
        .scope(Scope::Storm)
    }
}

impl<Rules> Task<Rules> {
    /// The property that the learner's storm breaks.
    fn broken(&self, context: &mut Context) -> Result<Option<Property>, Box<Failure>> {
        let BadStorm { exercise, servers_with, own, wrong, storms, .. } = &self.given;
        let answer = Answer::read(&self.file, KEYWORDS)?;
        let (seed, number) = (number(&answer, "seed")?, number(&answer, "number")?);
        context.step(format!("run storm {number} of base seed {seed} on your own servers"));
        // The learner's seed decides the storm, not the seed of this run.
        storms(&mut Context::new(seed), &servers_with(own), number..=number)?;
        context.step(format!("run storm {number} of base seed {seed} on the wrong servers"));
        match storms(&mut Context::new(seed), &servers_with(wrong), number..=number) {
            Err(failure) => Ok(failure.broken),
            Ok(()) => Err(context.failure("it ends badly", "it ends well").note(format!(
                "`cargo xtask fuzz {exercise}` runs storms on these servers until one ends badly, and says its base seed \
                 and its number."
            ))),
        }
    }

    fn property(&self, context: &mut Context) -> Verdict {
        let broken = self.broken(context)?;
        let answer = Answer::read(&self.file, KEYWORDS)?;
        let (name, place) = answer.word("breaks", "the letter of a property")?;
        let Some((_, named)) = self.given.properties.iter().find(|(letter, _)| *letter == name)
        else {
            return Err(malformed(format!("{place}: there is no property `{name}`")));
        };
        if broken == Some(*named) {
            return Ok(());
        }
        let happened = format!("{place}: {name} is {named}");
        let failure = Failure::new("the property that the end of the storm names", happened);
        Err(failure.note(
            "What fuzz prints about your storm says what had to hold, and what happened instead. Read the script from \
             its end: the last event broke the property.",
        ))
    }

    fn mistake(&self, context: &mut Context) -> Verdict {
        self.broken(context)?;
        let answer = Answer::read(&self.file, KEYWORDS)?;
        let (name, place) = answer.word("mistake", "the letter of a mistake")?;
        choose(self.given.mistakes, "mistake", name, &place)
    }
}

fn number(answer: &Answer, key: &str) -> Result<u64, Box<Failure>> {
    let (value, place) = answer.value("storm", key)?;
    value.parse().map_err(|_| malformed(format!("{place}: {key}={value} is not a number")))
}
