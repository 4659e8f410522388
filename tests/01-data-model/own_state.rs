//! A learner's own `State` (exercise 1.3), as it is written in `src/state.answer`.

use std::fmt;
use std::fs;
use std::path::Path;

use gates::Failure;

/// What a variable can hold. A plain number can be a term or an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Term,
    Index,
    Number,
    MaybeServer,
    Entries,
    IndexOfEach,
    Other,
}

/// Where a variable is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Disk,
    Memory,
}

/// Which servers keep a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    All,
    Followers,
    Candidates,
    Leaders,
}

/// A variable of the learner's.
#[derive(Clone, Debug)]
pub(super) struct Field {
    /// From 1.
    pub(super) line: usize,
    pub(super) name: String,
    pub(super) type_: String,
    pub(super) kind: Kind,
    pub(super) place: Place,
    pub(super) who: Who,
}

impl Kind {
    fn of(type_: &str) -> Self {
        let plain: String = type_.chars().filter(|c| !c.is_whitespace()).collect();
        let plain = plain.to_lowercase().replace("btreemap", "map").replace("hashmap", "map");
        let plain = plain.replace("serverid", "server").replace("logindex", "index");
        match plain.replace("logentry", "entry").as_str() {
            "term" => Kind::Term,
            "index" => Kind::Index,
            "u64" | "usize" | "u32" => Kind::Number,
            "option<server>" | "option<u64>" => Kind::MaybeServer,
            "vec<entry>" | "log" => Kind::Entries,
            "map<server,index>" | "map<server,u64>" | "vec<index>" | "vec<u64>" => {
                Kind::IndexOfEach
            }
            _ => Kind::Other,
        }
    }

    /// Whether a variable of this kind can hold what `figure` asks for.
    pub(super) fn can_hold(self, figure: Kind) -> bool {
        let is_number = matches!(figure, Kind::Term | Kind::Index);
        self == figure || self == Kind::Number && is_number
    }
}

/// A type that holds it, for the learner.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Term => "Term",
            Kind::Index => "Index",
            Kind::Number => "u64",
            Kind::MaybeServer => "Option<Server>",
            Kind::Entries => "Vec<Entry>",
            Kind::IndexOfEach => "Map<Server, Index>",
            Kind::Other => "another type",
        })
    }
}

impl Place {
    pub(super) fn word(self) -> &'static str {
        match self {
            Place::Disk => "disk",
            Place::Memory => "memory",
        }
    }
}

impl Who {
    pub(super) fn word(self) -> &'static str {
        match self {
            Who::All => "all",
            Who::Followers => "followers",
            Who::Candidates => "candidates",
            Who::Leaders => "leaders",
        }
    }
}

impl Field {
    /// The name without what differs between spellings: `next_index` and `nextIndex[]` are the same.
    pub(super) fn is_called(&self, name: &str) -> bool {
        let plain = |name: &str| name.replace(['_', '[', ']'], "").to_lowercase();
        plain(&self.name) == plain(name)
    }
}

/// Reads the learner's variables.
///
/// # Errors
/// If the file is not written yet, or a line is not as its comment describes.
pub(super) fn read(path: &Path) -> Result<Vec<Field>, Box<Failure>> {
    let text = fs::read_to_string(path).map_err(|error| {
        malformed(format!(
            "src/state.answer cannot be read ({error}); `cargo xtask reset 1.3` brings it back"
        ))
    })?;
    let mut fields = Vec::<Field>::new();
    for (line, number) in text.lines().zip(1..) {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        if line.starts_with("todo") {
            return Err(Failure::todo("1.3"));
        }
        let field = field(line, number)
            .map_err(|why| malformed(format!("src/state.answer:{number}: {why}")))?;
        if let Some(other) = fields.iter().find(|other| other.is_called(&field.name)) {
            let why = format!("`{}` is on line {} already", field.name, other.line);
            return Err(malformed(format!("src/state.answer:{number}: {why}")));
        }
        fields.push(field);
    }
    if fields.is_empty() {
        return Err(malformed("src/state.answer has no variables".to_owned()));
    }
    Ok(fields)
}

fn field(line: &str, number: usize) -> Result<Field, String> {
    let like = "a line is like `name: Option<Server>  disk  all`";
    let (name, rest) = line.split_once(':').ok_or(format!("there is no colon; {like}"))?;
    let words: Vec<&str> = rest.split_whitespace().collect();
    let [type_ @ .., place, who] = &words[..] else {
        return Err(format!("it lacks a part; {like}"));
    };
    if type_.is_empty() {
        return Err(format!("it lacks a part; {like}"));
    }
    let place = match *place {
        "disk" => Place::Disk,
        "memory" => Place::Memory,
        other => return Err(format!("`{other}` is neither `disk` nor `memory`; {like}")),
    };
    let all = [Who::All, Who::Followers, Who::Candidates, Who::Leaders];
    let Some(who) = all.into_iter().find(|it| it.word() == *who) else {
        return Err(format!(
            "`{who}` is none of `all`, `followers`, `candidates` and `leaders`; {like}"
        ));
    };
    let type_ = type_.join(" ");
    let kind = Kind::of(&type_);
    Ok(Field { line: number, name: name.trim().to_owned(), type_, kind, place, who })
}

/// Nothing is judged yet, so no rule of the paper was broken.
fn malformed(why: String) -> Box<Failure> {
    Failure::new("a file as its comment describes it", why).because("")
}
