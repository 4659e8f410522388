//! A page, taken apart.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// A page of the book, or another text in Markdown.
pub(crate) struct Page {
    /// Its path from the root, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) headings: Vec<Heading>,
    pub(crate) links: Vec<Link>,
    pub(crate) pictures: Vec<Link>,
    pub(crate) blocks: Vec<Block>,
    /// Words in the type of code, with their places.
    pub(crate) code: Vec<(usize, String)>,
    /// Names in the type of code that are behind a link to a file, `[a.rs](…): `f`, `g``: the link's
    /// number, and the name.
    pub(crate) named: Vec<(usize, String)>,
}

pub(crate) struct Heading {
    pub(crate) level: u32,
    pub(crate) text: String,
    /// What a link to it has behind `#`.
    pub(crate) id: String,
    /// Where it is in the text, in bytes.
    pub(crate) at: usize,
}

pub(crate) struct Link {
    pub(crate) target: String,
    /// What a reader sees.
    pub(crate) text: String,
    /// Whether all of that is in the type of code.
    pub(crate) is_code: bool,
    pub(crate) at: usize,
}

/// A block of code.
pub(crate) struct Block {
    /// What is behind the fence; none if it is only indented.
    pub(crate) fence: Option<String>,
    pub(crate) text: String,
    pub(crate) at: usize,
    /// The comment just before it.
    pub(crate) comment: String,
}

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Whether a path ends with `.` and this.
pub(crate) fn has_extension(path: &str, extension: &str) -> bool {
    Path::new(path).extension().is_some_and(|other| other == extension)
}

/// All pages below `docs/`, by their paths. Notes are there, too: they are the learner's, and only their
/// being there matters.
pub(crate) fn all() -> BTreeMap<String, Page> {
    let mut pages = BTreeMap::new();
    let mut open = vec!["docs".to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(root().join(&folder)).expect("the folder can be read") {
            let entry = entry.expect("it can be read");
            let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                open.push(path);
            } else if has_extension(&path, "md") {
                pages.insert(path.clone(), Page::read(&path));
            }
        }
    }
    pages
}

/// The pages that the lab answers for: those of the book, and the README.
pub(crate) fn ours() -> Vec<Page> {
    let is_ours = |page: &Page| !page.path.starts_with("docs/resources/notes/");
    all().into_values().filter(is_ours).chain([Page::read("README.md")]).collect()
}

impl Page {
    pub(crate) fn read(path: &str) -> Page {
        let text = fs::read_to_string(root().join(path));
        let text = text.unwrap_or_else(|error| panic!("{path}: {error}")).replace("\r\n", "\n");
        let mut reader = Reader::new(path, text.clone());
        let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
        for (event, range) in Parser::new_ext(&text, options).into_offset_iter() {
            reader.hear(&event, range.start);
        }
        reader.page
    }

    /// A place on the page, as people look for it.
    pub(crate) fn place(&self, at: usize) -> String {
        format!("{}:{}", self.path, self.text[..at].matches('\n').count() + 1)
    }

    /// The text below a heading, up to the next of its level or above.
    pub(crate) fn section(&self, heading: &Heading) -> std::ops::Range<usize> {
        let next = self.headings.iter().find(|h| h.at > heading.at && h.level <= heading.level);
        heading.at..next.map_or(self.text.len(), |next| next.at)
    }
}

/// Takes a page apart, event by event.
struct Reader {
    page: Page,
    /// What is being read: words are collected for it.
    words: String,
    heading: Option<(u32, usize)>,
    link: Option<Link>,
    picture: Option<Link>,
    block: Option<Block>,
    comment: String,
    /// The link that names are behind now.
    behind: Option<usize>,
}

impl Reader {
    fn new(path: &str, text: String) -> Self {
        Reader {
            page: Page {
                path: path.to_owned(),
                text,
                headings: Vec::new(),
                links: Vec::new(),
                pictures: Vec::new(),
                blocks: Vec::new(),
                code: Vec::new(),
                named: Vec::new(),
            },
            words: String::new(),
            heading: None,
            link: None,
            picture: None,
            block: None,
            comment: String::new(),
            behind: None,
        }
    }

    fn hear(&mut self, event: &Event<'_>, at: usize) {
        match event {
            Event::Start(tag) => self.start(tag, at),
            Event::End(tag) => self.end(*tag),
            Event::Text(words) => self.text(words),
            Event::Code(words) => self.code(words, at),
            Event::SoftBreak | Event::HardBreak => self.text(" "),
            Event::Html(html) => self.comment.push_str(html),
            _ => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>, at: usize) {
        let link = |target: &str| Link {
            target: target.to_owned(),
            text: String::new(),
            is_code: true,
            at,
        };
        match tag {
            Tag::Heading { level, .. } => {
                self.heading = Some((*level as u32, at));
                self.words.clear();
            }
            Tag::Link { dest_url, .. } => self.link = Some(link(dest_url)),
            Tag::Image { dest_url, .. } => self.picture = Some(link(dest_url)),
            Tag::CodeBlock(kind) => {
                let fence = match kind {
                    CodeBlockKind::Fenced(fence) => Some(fence.to_string()),
                    CodeBlockKind::Indented => None,
                };
                let comment = std::mem::take(&mut self.comment);
                self.block = Some(Block { fence, text: String::new(), at, comment });
            }
            Tag::HtmlBlock => self.comment.clear(),
            Tag::Paragraph | Tag::TableCell | Tag::Item => {
                self.behind = None;
                self.comment.clear();
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) => {
                let Some((level, at)) = self.heading.take() else { return };
                let text = std::mem::take(&mut self.words);
                let plain = id(&text);
                let is_numbered = |id: &str| {
                    let number = id.strip_prefix(&plain).and_then(|rest| rest.strip_prefix('-'));
                    number.is_some_and(|number| number.parse::<usize>().is_ok())
                };
                let same = |h: &&Heading| h.id == plain || is_numbered(&h.id);
                let before = self.page.headings.iter().filter(same).count();
                let id = if before == 0 { plain } else { format!("{plain}-{before}") };
                self.page.headings.push(Heading { level, text, id, at });
            }
            TagEnd::Link => {
                self.page.links.extend(self.link.take());
                self.behind = self.page.links.len().checked_sub(1);
            }
            TagEnd::Image => self.page.pictures.extend(self.picture.take()),
            TagEnd::CodeBlock => self.page.blocks.extend(self.block.take()),
            TagEnd::Paragraph | TagEnd::TableCell => self.behind = None,
            _ => {}
        }
    }

    fn text(&mut self, words: &str) {
        if let Some(block) = &mut self.block {
            block.text.push_str(words);
            return;
        }
        for open in [&mut self.link, &mut self.picture].into_iter().flatten() {
            open.text.push_str(words);
            open.is_code = false;
        }
        self.words.push_str(words);
        // Names go on over these, and end at any other word.
        let goes_on = words.split([',', ':', ' ']).all(|word| word.is_empty() || word == "and");
        if self.link.is_none() && !goes_on {
            self.behind = None;
        }
    }

    fn code(&mut self, words: &str, at: usize) {
        self.page.code.push((at, words.to_owned()));
        self.words.push_str(words);
        if let Some(link) = &mut self.link {
            link.text.push_str(words);
        } else if let Some(link) = self.behind {
            self.page.named.push((link, words.to_owned()));
        }
    }
}

/// What a link to a heading has behind `#`: as on a forge, and in the built book.
fn id(heading: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    heading.trim().to_lowercase().chars().filter(kept).collect::<String>().replace(' ', "-")
}

#[test]
fn a_heading_is_linked_to_by_its_words() {
    assert_eq!(id("Exercise 2.3: Granting a vote"), "exercise-23-granting-a-vote");
    assert_eq!(id("`given SERVER [term=N]`"), "given-server-termn");
}
