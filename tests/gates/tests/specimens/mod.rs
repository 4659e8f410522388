//! Checks that go wrong in every way that the harness must tell apart, and one that passes.

use std::time::Duration;

use gates::{Check, Context, Suite, Verdict};

/// The suite; its subject is this package.
pub(crate) fn suite() -> Suite {
    let why = "§5.1: terms act as a logical clock";
    let check =
        |claim: &str, body: fn(&mut Context) -> Verdict| Check::new("1.4", claim, why, body);
    Suite::new(
        "01-data-model",
        env!("CARGO_MANIFEST_DIR"),
        vec![
            Check::new("1.2", "Passes", why, passes).points(3),
            check("Fails", fails).about("peers"),
            check("Differs in many lines", differs),
            check("Meets a stub", |_| todo!("exercise 1.2")),
            check("Panics", panics),
            check("Panics in a library", panics_in_a_library),
            check("Loops", loops).time_limit(Duration::from_millis(300)),
            check("Loops and prints", loops_and_prints).time_limit(Duration::from_millis(300)),
            check("Overflows its stack", |check| {
                check.step("go down");
                Err(check.failure("", format!("{}", down(0))))
            }),
            check("Eats memory", eats_memory).memory_limit(64 << 20),
            check("Ends its process", |_| std::process::exit(7)),
            check("Prints and fails", prints),
            Check::new("1.10", "Comes after nine others", why, |_| Ok(())),
        ],
    )
    .storms(move |numbers| {
        Check::new("1.10", "Storms", why, move |check| {
            check.step(format!("storm {}: 3 servers", numbers.end()));
            check.equal("leaders", if numbers.contains(&225) { 2 } else { 1 }, 1)
        })
    })
}

fn passes(check: &mut Context) -> Verdict {
    println!("this is nobody's concern");
    check.show(format!("a transcript for seed {}", check.seed()));
    check.equal("one and one", 1 + 1, 2)
}

fn fails(check: &mut Context) -> Verdict {
    check.step("truncate_from(2) on a log with the terms [1, 1, 2]");
    check.equal("last_index()", Some(3), Some(1))
}

fn differs(check: &mut Context) -> Verdict {
    check.step("the rows run");
    check.same_text("rows", "dispatch\npersist\napply", "dispatch\napply\npersist")
}

fn panics(check: &mut Context) -> Verdict {
    check.step("divide");
    let divisor: Option<u64> = std::hint::black_box(None);
    check.equal("the quotient", 1 / divisor.expect("a divisor"), 1)
}

fn panics_in_a_library(check: &mut Context) -> Verdict {
    let map = std::collections::BTreeMap::from([(1, 2)]);
    check.equal("the value", map[&2], 1)
}

fn loops(check: &mut Context) -> Verdict {
    check.step("look for the end");
    let mut at: u64 = 0;
    while at < 1000 {
        at = std::hint::black_box(at + 1) % 1000;
    }
    check.equal("the end", at, 1000)
}

fn loops_and_prints(check: &mut Context) -> Verdict {
    check.step("look for the end, aloud");
    loop {
        println!("not yet");
    }
}

#[expect(unconditional_recursion, reason = "that is what is judged")]
fn down(depth: u64) -> u64 {
    down(std::hint::black_box(depth) + 1) + 1
}

fn eats_memory(check: &mut Context) -> Verdict {
    check.step("collect");
    let mut collected = Vec::new();
    loop {
        collected.push(std::hint::black_box([7_u64; 1024]));
    }
}

fn prints(check: &mut Context) -> Verdict {
    print!("to stdout");
    eprintln!("to stderr");
    check.step("print");
    println!(", and more");
    check.holds(false, "silence", "words")
}
