//! How long a learner waits: from an edit to the verdict, by `check` and by `watch`, and how much work building the
//! runner is.
//!
//! ```text
//! cargo bench --profile dev -p author --bench daily_loop -- [OPTIONS]
//!
//! --part NAME        verdicts, exercise, letter or runner; all by default
//! --rounds N         how often each thing is measured; 3 by default
//! --folder DIR       where the copy of the tree is; target/daily-loop by default
//! --base COMMIT      builds the runner of that commit, too
//! --rustlings DIR    a folder that `rustlings init` has made
//! ```
//!
//! It works in a copy of the tree in which every module is solved. The runner of another commit takes turns with this one,
//! and `rustlings run intro1` with `check`: a machine that is busy slows down both, so their ratio says more than either.
//! CPU time includes all that a command has started; Linux alone tells it.

mod lab;
mod measure;
mod runner_build;

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use xtask::tree::Course;

use lab::Lab;
use measure::{Sample, median, sample, seconds};

/// What the command line asks for.
struct Options {
    part: Option<String>,
    rounds: usize,
    folder: PathBuf,
    base: Option<String>,
    rustlings: Option<PathBuf>,
}

impl Options {
    fn read(course: &Course) -> Result<Self> {
        let folder = course.root.join("target").join("daily-loop");
        let mut options = Options { part: None, rounds: 3, folder, base: None, rustlings: None };
        // Cargo adds `--bench`.
        let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
        while let Some(word) = words.next() {
            let mut value = || words.next().with_context(|| format!("{word} needs a value"));
            match word.as_str() {
                "--part" => options.part = Some(value()?),
                "--rounds" => options.rounds = value()?.parse().context("--rounds: no number")?,
                "--folder" => options.folder = value()?.into(),
                "--base" => options.base = Some(value()?),
                "--rustlings" => options.rustlings = Some(value()?.into()),
                _ => bail!("there is no option {word}"),
            }
        }
        Ok(options)
    }
}

fn main() -> Result<()> {
    let course = Course::find()?;
    let options = Options::read(&course)?;
    let is_wanted = |part: &str| options.part.as_ref().is_none_or(|name| name == part);
    println!("medians, in seconds; rounds: {}", options.rounds);
    if ["verdicts", "exercise", "letter"].into_iter().any(is_wanted) {
        let lab = Lab::new(&course, &options.folder)?;
        if is_wanted("verdicts") {
            first_verdicts(&course, &lab, options.rounds)?;
        }
        if is_wanted("exercise") {
            one_exercise(&course, &lab, &options)?;
        }
        if is_wanted("letter") {
            lab.judge_all()?;
            one_letter_below_all(&lab)?;
        }
    }
    if is_wanted("runner") {
        let base = options.base.as_deref();
        runner_build::measure(&course, &options.folder, base, options.rounds)?;
    }
    Ok(())
}

/// For each module, from an edit to the first line with a verdict: by `cargo xtask check`, and by `watch`: one after the other,
/// because `watch` would notice the edits that are made for `check`.
fn first_verdicts(course: &Course, lab: &Lab, rounds: usize) -> Result<()> {
    // From the last module to the first: what is above an edit is judged after it, or not at all.
    let mut checks = Vec::new();
    for module in course.modules.iter().rev() {
        let times = (0..rounds).map(|_| lab.until_the_verdict(module)).collect::<Result<Vec<_>>>();
        checks.push(median(&mut times?));
    }
    lab.judge_all()?;
    println!("\nfrom an edit to the first verdict     check  watch");
    let mut watch = lab.watch()?;
    for (module, check) in course.modules.iter().rev().zip(checks) {
        let times = (0..rounds).map(|_| watch.until_the_verdict(lab, module));
        let watch = median(&mut times.collect::<Result<Vec<_>>>()?);
        println!("{:36}  {}  {}", module.dir, seconds(check), seconds(watch));
    }
    drop(watch);
    lab.judge_all()
}

/// For each module, `check` of one exercise after an edit, and alternately `rustlings run` of one.
fn one_exercise(course: &Course, lab: &Lab, options: &Options) -> Result<()> {
    println!(
        "\n`check` of one exercise                wall    CPU   CPU, as a multiple of `rustlings run`"
    );
    // From the last module to the first: a module below an edit has its verdict.
    for module in course.modules.iter().rev() {
        let id = module.core().nth(2).context("a module has three exercises")?.id.to_string();
        let (mut own, mut ratios) = (Vec::new(), Vec::new());
        for _ in 0..options.rounds {
            lab.edit(module)?;
            let this = sample(lab.check().arg(&id))?;
            if let Some(folder) = &options.rustlings {
                let other = rustlings(folder)?;
                ratios.push(this.cpu.as_secs_f64() / other.cpu.as_secs_f64());
            }
            own.push(this);
        }
        let wall = median(&mut own.iter().map(|it| it.wall).collect::<Vec<_>>());
        let cpu = median(&mut own.iter().map(|it| it.cpu).collect::<Vec<_>>());
        ratios.sort_by(f64::total_cmp);
        let ratio = ratios.get(ratios.len() / 2).map_or("-".to_owned(), |it| format!("{it:.1}"));
        println!(
            "{:36}  {}  {}  {ratio}",
            format!("{} {id}", module.dir),
            seconds(wall),
            seconds(cpu)
        );
    }
    Ok(())
}

/// Runs an exercise of rustlings after an edit.
fn rustlings(folder: &std::path::Path) -> Result<Sample> {
    lab::append(&folder.join("exercises/00_intro/intro1.rs"))?;
    sample(Command::new("rustlings").args(["run", "intro1"]).current_dir(folder))
}

/// With every module green and one edit in module 1: until the first verdict, and until all are there. Beside it, how
/// long all checks of all modules take when nothing must be built.
fn one_letter_below_all(lab: &Lab) -> Result<()> {
    let all = sample(lab.check().arg("--all"))?;
    let module = lab.course.modules.get(1).context("there is a module 1")?;
    lab.edit(module)?;
    let start = Instant::now();
    let first = lab.until_the_end()?;
    let total = start.elapsed();
    println!("\nan edit in module 1, every module green");
    println!("first verdict                          {}", seconds(first));
    println!("all verdicts                           {}", seconds(total));
    println!("`check --all`, nothing to build        {}", seconds(all.wall));
    let more = total.saturating_sub(all.wall);
    println!("more than that                         {}", seconds(more));
    Ok(())
}

/// Only a command that hangs takes this long.
const PATIENCE: Duration = Duration::from_mins(10);
