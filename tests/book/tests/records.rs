//! The frame that chapter 5 shows byte by byte, and where a crash may cut the file behind it.

use std::fs;
use std::path::Path;

use membership::persistence::{ParsedFrame, Record, encode, frame, next_frame};
use protocol::{Command, Entry, Index, Payload, ServerId, Term};

/// The length of the first frame, as the chapter says it.
const FIRST: usize = 30;

fn record() -> Record {
    let command = Command { session: None, bytes: b"set x 1".as_slice().into() };
    Record {
        current_term: Term(3),
        voted_for: Some(ServerId(2)),
        prev_log_index: Index(4),
        prev_log_term: Term(2),
        entries: vec![Entry { term: Term(3), payload: Payload::Command(command) }],
    }
}

/// The second record: a new term, and no entry.
fn second() -> Record {
    Record {
        current_term: Term(4),
        voted_for: None,
        prev_log_index: Index(5),
        prev_log_term: Term(3),
        entries: Vec::new(),
    }
}

fn file() -> Vec<u8> {
    [frame(&encode(&record())), frame(&encode(&second()))].concat()
}

/// What is behind the first frame.
fn behind(file: &[u8]) -> &str {
    let ParsedFrame::Frame { rest, .. } = next_frame(file) else { return "no first frame" };
    match next_frame(rest) {
        ParsedFrame::End => "End",
        ParsedFrame::Torn => "Torn",
        ParsedFrame::Frame { .. } => "Frame",
        ParsedFrame::Damaged => "Damaged",
    }
}

#[test]
fn the_frame_of_chapter_5_has_the_bytes_that_it_shows() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/chapters/05-persistence.md");
    let page = fs::read_to_string(path).expect("the chapter is there");
    let (_, block) = page.split_once(" byte  bytes ").expect("it shows a frame");
    let (block, _) = block.split_once("```").expect("the block ends");
    let mut shown = Vec::new();
    for line in block.lines().skip(1) {
        let mut words = line.split_whitespace();
        let place: usize = words.next().expect("a place").parse().expect("a number");
        assert_eq!(place, shown.len(), "{line}");
        let is_byte = |word: &&str| word.len() == 2 && u8::from_str_radix(word, 16).is_ok();
        let bytes = words.take_while(is_byte).map(|word| u8::from_str_radix(word, 16));
        shown.extend(bytes.map(|byte| byte.expect("it is a number")));
    }
    assert_eq!(shown, frame(&encode(&record())));
    assert_eq!(shown.len(), FIRST);
}

#[test]
fn a_crash_leaves_behind_the_first_frame_what_chapter_5_says() {
    let file = file();
    assert_eq!(file.len(), 48);
    for end in FIRST..=48 {
        let expected = match end {
            30 => "End",
            31..=47 => "Torn",
            _ => "Frame",
        };
        assert_eq!(behind(&file[..end]), expected, "the file ends at byte {end}");
    }
    for bit in FIRST * 8..file.len() * 8 {
        let mut flipped = file.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(behind(&flipped), "Damaged", "bit {bit} is flipped");
    }
}
