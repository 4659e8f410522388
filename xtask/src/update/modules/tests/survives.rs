//! Learners who write anything, and courses that change anything: no line of a learner is lost.

use course::source::Outline;

use super::*;

/// Draws, the same in every run of the test: a generator of Lehmer's.
struct Draws(u64);

impl Draws {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0 * 48_271 % 0x7fff_ffff;
        usize::try_from(self.0).unwrap() % limit
    }

    /// Whether something happens that does so in one of `n` cases.
    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

/// What may be in a body: brackets in texts, functions in functions, comments that look like marks.
const BODIES: [&str; 7] = [
    "    node.term.next()\n",
    "\tlet s = r#\"}\"{\"#; // } {\n\n    s.len()\n",
    "    /* a { /* nested */ } */\n    match x { 'a' => '\\'', _ => '}' }\n",
    "    fn inner() -> u8 { 1 }\n    inner()\n",
    "    // Exercise 9.9: this is mine.\n    todo!(\"exercise 9.9\")\n",
    "    let ключ = \"日本\";\n    ключ.len()\n\n\n",
    "\n",
];

const ADDED: [&str; 8] = [
    "fn helper_@() -> u8 {\n    @\n}\n",
    "/// Mine.\n#[derive(Debug)]\nstruct Mine@ {\n    a: u8,\n}\n",
    "impl Mine@ {\n    fn m@(&self) {}\n}\n",
    "const MINE_@: u8 = { @ };\n",
    "use mine_@::{a@, b@ as c@};\n",
    "mod mine_@;\n",
    "#[cfg(test)]\nmod tests_@ {\n    #[test]\n    fn t() {}\n}\n",
    "macro_rules! mine_@ {\n    () => {};\n}\n",
];

/// The stub of exercise 2.N, in one of a few shapes.
fn stub_of(number: usize, version: usize) -> String {
    let (name, parameters) = match version {
        1 => (format!("renamed_{number}"), "a: u8"),
        2 => (format!("f_{number}"), "a: u8, b: u8"),
        _ => (format!("f_{number}"), "a: u8"),
    };
    let docs = if version == 3 { "/// New docs." } else { "/// Docs." };
    let comment = if version == 4 { "say it\n    // in other words" } else { "say it" };
    format!(
        "{docs}\npub fn {name}({parameters}) -> u8 {{\n    // Exercise 2.{number}: {comment}\n    todo!(\"exercise \
         2.{number}\")\n}}\n"
    )
}

/// A file with exercises and given code in this order.
fn file_of(parts: &[String]) -> String {
    format!("//! Docs.\n\nuse p::Q;\n\n{}", parts.join("\n"))
}

/// A learner's file: some bodies are written, and something may be added after any part.
fn learners(draws: &mut Draws, parts: &[String]) -> String {
    let mut mine = Vec::new();
    for (number, part) in parts.iter().enumerate() {
        let todo = format!("    todo!(\"exercise 2.{number}\")\n");
        let body = BODIES[draws.below(BODIES.len())];
        let is_written = !draws.one_in(3);
        mine.push(if is_written { part.replace(&todo, body) } else { part.clone() });
        if draws.one_in(3) {
            let added = ADDED[draws.below(ADDED.len())];
            mine.push(added.replace('@', &number.to_string()));
        }
        if draws.one_in(9) {
            mine.push(format!("// A loose note {number}.\n"));
        }
    }
    let text = file_of(&mine);
    if draws.one_in(4) { text.replace('\n', "\r\n") } else { text }
}

/// The newer course's file: exercises keep their place or not, are renamed, declared or described differently, or gone.
fn newer(draws: &mut Draws, parts: &[String]) -> String {
    let mut new = Vec::new();
    for (number, part) in parts.iter().enumerate() {
        match draws.below(8) {
            version @ 1..=4 if part.contains("todo!") => new.push(stub_of(number, version)),
            5 => {}
            6 => new.insert(0, part.clone()),
            _ => new.push(part.clone()),
        }
        if draws.one_in(6) {
            new.push(format!("/// New.\npub fn new_{number}() {{}}\n"));
        }
    }
    file_of(&new)
}

#[test]
fn every_line_of_a_learner_is_in_the_new_file_or_in_the_list() {
    let mut moved_bodies = 0;
    for seed in 1..=600 {
        let case = Case::drawn(seed);
        moved_bodies += case.moves.moved.values().map(Vec::len).sum::<usize>();
        assert_eq!(Outline::read(&case.text).fault, None, "seed {seed}:\n{}", case.text);
        case.assert_kept();
        case.assert_explained();
        case.assert_no_body_is_below_another_signature();
        case.assert_up_to_date();
    }
    assert!(moved_bodies > 600, "only {moved_bodies} bodies moved");
}

/// A drawn file of a course, what a learner made of it, and what became of that under a newer course.
struct Case {
    seed: u64,
    /// How many items the file has.
    count: usize,
    base: String,
    mine: String,
    new: String,
    moves: Moves,
    /// The learner's file afterwards.
    text: String,
}

impl Case {
    fn drawn(seed: u64) -> Self {
        let mut draws = Draws(seed);
        let count = 2 + draws.below(5);
        let is_constant = |n: usize| format!("pub const G{n}: u8 = 1;\n");
        let parts: Vec<String> = (0..count)
            .map(|n| if draws.one_in(4) { is_constant(n) } else { stub_of(n, 0) })
            .collect();
        let base = file_of(&parts);
        let mine = learners(&mut draws, &parts);
        let new = newer(&mut draws, &parts);
        let moves = moved(&[(FILE, &base)], &[(FILE, &mine)], &[(FILE, &new)]);
        let changed = moves.changes.get(Path::new(FILE)).cloned();
        let text = changed.map_or(mine.clone(), |text| String::from_utf8(text.unwrap()).unwrap());
        Case { seed, count, base, mine, new, moves, text }
    }

    /// Each line of the learner's is in the new file or in the list of what did not fit.
    fn assert_kept(&self) {
        let misfits = self.moves.misfits.values().flatten();
        let listed: String = misfits.map(|misfit| misfit.text.clone() + "\n").collect();
        let all = format!("{}\n{listed}", self.text);
        let given: BTreeSet<&str> = self.base.lines().map(str::trim).collect();
        for line in self.mine.lines().map(str::trim).filter(|line| !given.contains(line)) {
            if let Some(import) = line.strip_prefix("use mine_") {
                let number = import.split(':').next().unwrap();
                for name in [
                    format!("mine_{number}::a{number}"),
                    format!("mine_{number}::b{number} as c{number}"),
                ] {
                    assert!(all.contains(&name), "seed {}: {name} is lost in:\n{all}", self.seed);
                }
                continue;
            }
            let is_there = all.lines().any(|other| other.trim() == line);
            let is_bracket = !line.contains(char::is_alphanumeric);
            assert!(is_there || is_bracket, "seed {}: `{line}` is lost in:\n{all}", self.seed);
        }
    }

    /// Each entry of the list has one of the known reasons.
    fn assert_explained(&self) {
        const REASONS: [&str; 4] =
            ["signature has changed", "no exercise of this name", "outside", "something else"];
        for misfit in self.moves.misfits.values().flatten() {
            let is_explained = REASONS.iter().any(|why| misfit.why.contains(why));
            assert!(is_explained, "seed {}: {misfit:?}", self.seed);
        }
    }

    fn assert_no_body_is_below_another_signature(&self) {
        let signature = |number: usize| format!("pub fn f_{number}(a: u8, b: u8)");
        for number in (0..self.count).filter(|number| self.new.contains(&signature(*number))) {
            let todo = format!("todo!(\"exercise 2.{number}\")");
            let Case { seed, text, .. } = self;
            let is_open = text.contains(&todo);
            assert!(is_open, "seed {seed}: a body moved below another signature:\n{text}");
        }
    }

    /// What the new course has is there, and a second update to it changes nothing.
    fn assert_up_to_date(&self) {
        let Case { seed, new, text, .. } = self;
        let there = Outline::read(&line_endings::unified(text)).items;
        for item in Outline::read(new).items.iter().filter(|item| !item.path.is_empty()) {
            let is_there = there.iter().any(|other| other.path == item.path);
            assert!(is_there, "seed {seed}: {}", item.path);
        }
        let again = moved(&[(FILE, new)], &[(FILE, text)], &[(FILE, new)]).changes;
        assert!(again.is_empty(), "seed {seed}: a second update changes\n{text}\nto\n{again:?}");
    }
}
