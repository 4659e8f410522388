//! The students of the class, and what becomes of their submissions.

/// A student, and what becomes of the submission.
pub(super) struct Student {
    pub(super) name: &'static str,
    pub(super) form: Form,
    pub(super) work: Work,
    /// The exercises that have no points although the reference solves them.
    pub(super) lost: &'static [&'static str],
    /// Whether nothing is judged.
    pub(super) is_rejected: bool,
    /// What a report says.
    pub(super) says: &'static str,
    /// Whether only the class of `--full` has this student.
    pub(super) is_extra: bool,
}

/// How a submission is handed in.
pub(super) enum Form {
    Folder,
    /// In a folder of its own, as in the archives that web sites make.
    Nested,
    /// With a path that comes before all others.
    Zip(Option<&'static str>),
    TarGz,
    Bundle,
    /// These bytes, as a zip archive.
    Bytes(&'static [u8]),
    /// An archive that expands without end.
    Bomb,
    /// A folder with a link in the place of a file.
    Linked,
    TarWithLink,
}

/// What a student has written, beginning with a solution of everything.
pub(super) enum Work {
    Solved,
    /// Another rule in the place of the one for logs that are up to date.
    Rule(&'static str),
    Edit(&'static str, &'static str, &'static str),
    /// Text at the end of a file, which may be new.
    Added(&'static str, &'static str),
    /// The exercises up to this one.
    Until(&'static str),
    /// No exercise, but manifests and tests of the student's own.
    Manifests,
    /// A file with more than a megabyte.
    Large,
    /// More files than there may be.
    Many,
    /// No tree.
    Elsewhere,
    /// Lines that end as on Windows.
    Carriage,
}

use Form::{Bomb, Bundle, Bytes, Folder, Linked, Nested, TarGz, TarWithLink, Zip};
use Work::{Added, Carriage, Edit, Elsewhere, Large, Manifests, Many, Rule, Solved, Until};

use super::extent::VOTE;

const LOG: &str = "modules/01-data-model/src/log.rs";
const NEW: &str = "modules/02-election/src/own.rs";
const SCANNED: &str = "which no exercise needs";

/// What is lost if the rule for logs ends its process, or panics: everything that compares logs.
const NO_RULE: &[&str] = &["2.2", "2.3", "2.5", "2.6", "2.7", "2.8"];

/// What is lost if the rule for logs does not end: nothing runs after the first check that meets it.
const NO_END: &[&str] = &["2.2", "2.3", "2.4", "2.5", "2.6", "2.7", "2.8"];

const ALL_OF_2: &[&str] = &["2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "2.7", "2.8"];

const fn judged(
    name: &'static str,
    form: Form,
    work: Work,
    lost: &'static [&'static str],
    says: &'static str,
) -> Student {
    Student { name, form, work, lost, is_rejected: false, says, is_extra: false }
}

const fn rejected(name: &'static str, form: Form, work: Work, says: &'static str) -> Student {
    Student { name, form, work, lost: &[], is_rejected: true, says, is_extra: false }
}

const fn extra(student: Student) -> Student {
    Student { is_extra: true, ..student }
}

/// The class. The first twelve are graded by every `verify`.
pub(super) static STUDENTS: [Student; 40] = [
    judged("ada", Folder, Solved, &[], ""),
    judged(
        "inès \"o'neil\"",
        Folder,
        Rule("last_log_index >= log.last_index()"),
        &["2.2", "2.3", "2.5", "2.7"],
        "however short the log",
    ),
    judged("half", Nested, Until("2.3"), &["2.4", "2.5", "2.6", "2.7", "2.8"], "2.4"),
    judged("linked", Linked, Solved, &[], "only files are judged"),
    judged(
        "printed",
        Folder,
        Rule(
            "println!(\"{{\\\"report\\\":{{\\\"outcome\\\":\\\"passed\\\"}}}}\"); std::process::exit(0); (last_log_term, last_log_index) >= (log.last_term(), log.last_index())",
        ),
        NO_RULE,
        "ended its process",
    ),
    judged(
        "spawned",
        Folder,
        Rule(
            "std::process::Command::new(\"/bin/sh\").arg(\"-c\").arg(\"sleep 600 &\").status().is_ok() && panic!(\"a process was started\")",
        ),
        NO_RULE,
        "2.2",
    ),
    rejected("bad", Bytes(b"PK\x03\x04 no archive"), Solved, "cannot be used"),
    rejected("bundled", Bundle, Added(LOG, "const _: &str = env!(\"PATH\");\n"), SCANNED),
    rejected(
        "eve",
        Folder,
        Added(VOTE, "#[path = \"../../../solutions/02-election/src/lib.rs\"]\nmod reference;\n"),
        SCANNED,
    ),
    rejected(
        "imported",
        Folder,
        Added(VOTE, "const _: &[u8] = include_bytes!(\"/etc/passwd\");\n"),
        SCANNED,
    ),
    rejected("outside", Zip(Some("../../evil.rs")), Solved, "outside the tree"),
    rejected("zero", Folder, Elsewhere, "no folder modules/"),
    extra(judged("archived", Zip(None), Solved, &[], "")),
    extra(judged("tarred", TarGz, Solved, &[], "")),
    extra(judged("Łukasz Żółć", Bundle, Solved, &[], "")),
    extra(judged("windows", Folder, Carriage, &[], "")),
    extra(judged(
        "helper",
        Folder,
        Edit(
            VOTE,
            "(last_log_term, last_log_index) >= (log.last_term(), log.last_index())",
            "let own = (log.last_term(), log.last_index());\n    !((last_log_term, last_log_index) < own)",
        ),
        &[],
        "",
    )),
    extra(rejected("many", Folder, Many, "more than 500 files")),
    extra(judged(
        "nothing",
        Folder,
        Until("0.0"),
        &[
            "0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6",
            "1.7", "1.8", "1.9", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "2.7", "2.8",
        ],
        "Nothing was handed in",
    )),
    extra(judged(
        "warm",
        TarGz,
        Until("0.6"),
        &[
            "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "1.8", "1.9", "2.1", "2.2", "2.3",
            "2.4", "2.5", "2.6", "2.7", "2.8",
        ],
        "Nothing was handed in",
    )),
    extra(judged("one", Zip(None), Until("1.9"), ALL_OF_2, "Nothing was handed in")),
    extra(judged(
        "always",
        Folder,
        Rule("log.last_index() == log.last_index()"),
        &["2.2", "2.3", "2.5", "2.7"],
        "2.2",
    )),
    extra(judged(
        "strict",
        Folder,
        Rule("(last_log_term, last_log_index) > (log.last_term(), log.last_index())"),
        NO_RULE,
        "2.2",
    )),
    extra(judged(
        "broken",
        Folder,
        Added(VOTE, "fn f() -> u8 { \"no number\" }\n"),
        ALL_OF_2,
        "does not compile",
    )),
    extra(judged("exit", Folder, Rule("std::process::exit(0)"), NO_RULE, "ended its process")),
    extra(judged(
        "manifests",
        Folder,
        Manifests,
        &[
            "0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6",
            "1.7", "1.8", "1.9", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "2.7", "2.8",
        ],
        "Nothing was handed in",
    )),
    extra(judged("endless", Folder, Rule("loop { std::hint::spin_loop(); }"), NO_END, "2.2")),
    extra(judged(
        "output",
        Folder,
        Rule("loop { println!(\"{}\", \"x\".repeat(1 << 16)); }"),
        NO_END,
        "2.2",
    )),
    extra(judged(
        "threads",
        Folder,
        Rule("loop { std::thread::spawn(|| loop { std::thread::park(); }); }"),
        NO_RULE,
        "2.2",
    )),
    extra(judged(
        "memory",
        Folder,
        Rule("let mut all = Vec::new(); loop { all.push(vec![1_u8; 1 << 26]); }"),
        NO_RULE,
        "2.2",
    )),
    extra(judged(
        "reader",
        Folder,
        Rule(
            "std::fs::read(\"/proc/self/mem\").is_ok() || std::fs::read_to_string(\"../../solutions/02-election/src/vote.rs\").is_ok()",
        ),
        NO_RULE,
        "2.2",
    )),
    extra(judged(
        "writer",
        Folder,
        Rule(
            "std::fs::write(\"../../tests/02-election/votes.rs\", \"\").is_ok() || std::fs::write(\"/tmp/raft-lab-evil\", \"\").is_ok()",
        ),
        NO_RULE,
        "2.2",
    )),
    extra(judged(
        "caller",
        Folder,
        Rule("std::net::TcpListener::bind(\"127.0.0.1:0\").is_ok()"),
        NO_RULE,
        "2.2",
    )),
    extra(judged(
        "compiler",
        Folder,
        Added(
            VOTE,
            "#[allow(long_running_const_eval)]\nconst _: u64 = { let mut n = 0_u64; while n < u64::MAX { n += 1; } n };\n",
        ),
        ALL_OF_2,
        "without progress, and was stopped",
    )),
    extra(rejected(
        "optional",
        Folder,
        Added(VOTE, "const _: Option<&str> = option_env!(\"HOME\");\n"),
        SCANNED,
    )),
    extra(rejected("crated", Folder, Added(VOTE, "extern crate std as other;\n"), SCANNED)),
    extra(rejected(
        "assembled",
        Folder,
        Added(NEW, "core::arch::global_asm!(\"nop\");\n"),
        SCANNED,
    )),
    extra(rejected("bomb", Bomb, Solved, "expands to more than")),
    extra(rejected("large", Folder, Large, "more than 1 MB")),
    extra(rejected("tar-link", TarWithLink, Solved, "")),
];
