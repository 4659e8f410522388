//! The turns of phrase, what to write instead, and how they are found.

use std::collections::{BTreeMap, BTreeSet};

use regex_lite::{Regex, RegexBuilder};

/// One turn of phrase. Texts are matched sentence by sentence; `·` is in the place of code or a quotation.
pub(crate) struct Pattern {
    /// Words of which a sentence has one if it matches (a pattern that begins with `^(?:`: as its first
    /// word); only their first letters
    /// count, see [`stem`]. They make the search many times as fast.
    keys: &'static str,
    /// What to find, whether its letters are small or capital.
    pub(crate) find: &'static str,
    /// What makes it good English if it is found in the same sentence from the same place on.
    pub(crate) unless: &'static str,
    pub(crate) instead: &'static str,
    pub(crate) example: &'static str,
}

const fn row(
    keys: &'static str,
    find: &'static str,
    unless: &'static str,
    instead: &'static str,
    example: &'static str,
) -> Pattern {
    Pattern { keys, find, unless, instead, example }
}

#[rustfmt::skip]
pub(crate) const PATTERNS: &[Pattern] = &[
    // Clauses without a noun.
    row("who whoever", r"(?:^|; )who(?:ever)? [^?]*$", "", "name the noun: a server that …", "Who does not lead says no."),
    row("who whoever", r"\b(?:for|from|but|than|refuses|rejects|first|by|to) who(?:ever)? [a-z]+\b", r"\?$", "name the noun: a candidate that …", "It refuses who does not."),
    row("whom", r"\bof whom\b|^whom\b", r"\?$", "name the noun", "Who may get the vote of whom."),
    row("what", r"(?:^|; )what [^?:,]*, (?:an?|the|each|every|no|all|it|its|you|they|that|is|are|has|must|may|ends?|stays?|S\d)\b", r"\?$|\b(?:is|was) (?:that|to|only|how|whether)\b", "subject first, with a noun", "What is committed in a term, every leader of a later term has."),
    row("so", r"\b(?:what|that which) is so\b", "", "the fact", "Two columns: what people believe and what is so."),
    row("one one's", r"\b(?:if|as|when|that|what|where|how|so|and|or|because|before|after|until|since|whether|than) one (?:can|cannot|may|must|should|wants|likes|sees|knows|reads|writes|thinks)\b|\bthat one has [a-z]+ed\b|(?:^|[,;:] )one (?:can|cannot|may|must|should|sees|knows)\b|\bone's own\b|\bcould one\b", r"^(?:that|so|and) one (?:can|may|must) (?:been|be|no)\b", "you, or a noun", "A sentence that one has turned into code."),
    row("how how-manieth", r"\bhow[- ]man(?:ieth|y-?th)\b", "", "the n-th", "Only the how-manieth, the newest being 1."),
    // Single words.
    row("back", r"\b(?:gives?|gave|given|giving) back\b", "", "return", "It gives back an index."),
    row("give gives", r"\bgives? (?:·|none|nothing|(?:the|an?) (?:index|term|entry|entries|number|list|error|pair|value|slice|position|length))(?:[.,;]| (?:if|when|of|at|after|for)\b)", "", "return", "Gives the index of the last entry."),
    row("stand stood", r"\b(?:stands|stood)\b|\bstand (?:again|at|upon|in|on|there|for election|before|behind|first|last|still)\b|\b(?:can|could|may|might|must|would|not|never|ever|to) stand\b|\bstanding (?:for|upon|in|at|there)\b", r"^(?:can|could|to|not) stand (?:out|by|alone)\b|^(?:stands|stood) (?:out|by)\b", "is, is written, builds on, becomes a candidate", "What stands in a frame."),
    row("upon thereupon whereupon therein wherein whereof thereof", r"\bupon\b|\bthereupon\b|\bwhereupon\b|\btherein\b|\bwherein\b|\bwhereof\b|\bthereof\b", "once upon", "on, in", "Commits upon it."),
    row("itself themselves", r"\b(?:happens?|nothing|begins?|moves?|not|starts?|comes?|follows?|down|does|changes?|ends?|goes|stops?|empty|right|away|back|up|,) of (?:itself|themselves)\b|\bof (?:itself|themselves)[,;:]|^of itself\b", "", "by itself", "Nothing happens of itself."),
    row("takes took taking", r"\b(?:takes?|took|taken|taking) (?:itself|themselves|it|them|oneself|himself) for\b|\b(?:takes?|took|taking) [a-z ]{1,40} for (?:up to date|being|lost|committed|done|certain|true|granted|an? (?:leader|follower|candidate|vote|success|majority)\b|the (?:leader|same|whole)\b)|\btaken for\b", r"^(?:takes?|took|taking) (?:[a-z]+ )?(?:time|responsibility|care|longer|action|minutes|hours|more|part|long)\b", "believes it is, mistakes it for", "It takes itself for a leader."),
    row("so", r"\bso (?:many|few|long|much)(?: [a-z]+){0,3}(?:[.,;:)]|$)|\bso (?:many|few) (?:servers|messages|entries|bytes|times|heartbeats|events|seeds|steps|milliseconds|lines|words|calls|votes|cells)\b", r"\bso (?:many|few|much|long)[^.;]*\b(?:that|as)\b|^so much for\b|^so far\b|^so long as\b", "N, how many, this long", "The network of so many servers."),
    row("former", r"\bformer\b", r"^former (?:is|was|are|has|does|case|kind)\b", "previous, earlier", "The former leader."),
    row("anew", r"\banew\b", "", "again", "It is drawn anew."),
    row("vain", r"\bin vain\b", "", "without success", "It asks in vain."),
    row("ever", r"\bfor ever\b", "", "forever", "It waits for ever."),
    row("doubled", r"\bdoubled\b", "", "duplicated", "A doubled vote."),
    row("inside outside", r"\binside of\b|\boutside of\b", "", "inside, outside", "A crash inside of a write."),
    row("be have do keep hold say stay send know happen get become look find come show judge see run wait write read", r"\b(?:is|are|was|were) to be\b|\b(?:that|which|what|it|they) (?:is|are) to (?:have|do|keep|hold|say|stay|send|know|happen|get|become|look|find|come|show|judge|see|run|wait|write|read)\b", r"^(?:that|it) is to say\b|^(?:that|which|what) is to [a-z]+ (?:is|was)\b", "must, will", "What is to be said."),
    row("also", r"(?:, |\()also (?:if|when|where|after|at|of|with|without|in|for|those|one|as|by|from|to)\b|\balso (?:if|when)\b|^also (?:if|when|of|at|in|an?|the) ", r"\balso (?:in|at|as) (?:the|a)? ?(?:dissertation|paper|same)\b", "even if, even when, including", "It holds, also if it is late."),
    row("told", r"\b(?:is|are|was|were) told\b", "", "reports, learns", "The client is told."),
    row("heard", r"\b(?:is|was|were|are|be|been) heard\b|\bheard by\b", "", "received", "A majority was heard."),
    row("look", r"\blook(?:s|ed)? on[.,;]|\b(?:has|have) looked on\b", "", "checked, watched", "What you wrote has looked on."),
    row("mend", r"\bmend(?:s|ed|ing)?\b", "", "repair", "The log is mended."),
    row("weather", r"\bweather\b", "", "faults, network conditions", "When the weather clears."),
    row("way", r"\b(?:give|gives|gave|given|giving) way\b", "", "be overwritten, be replaced", "Its entries give way."),
    row("refuse", r"\brefus(?:es?|ed|als?|ing)\b", r"^refus(?:e|es|ed|ing) to\b", "reject, rejection", "A refused vote."),
    row("call", r"\b(?:old|older|late|later|lost|stale|earlier|empty|repeated|duplicated|delayed|unanswered|answered|refused|rejected|leader's|candidate's|new|its|their|first|next|same|each|every|per|which|these|those|more) calls?\b|\bone call\b|\bcalls? (?:of (?:a|an|the|its|another|S\d)|from|in flight|out of order|carr(?:y|ies)|arrives?|and (?:reply|replies|its)|is (?:lost|late|answered|refused|rejected)|are (?:lost|late|answered|refused|rejected)|gets? lost|go out|goes out)\b|\b(?:S\d|leader|candidate|follower) (?:still |also |then )?calls?\b|\bAppendEntries calls?\b|\bRequestVote calls?\b", r"^[a-z]+ calls? (?:·|on|itself|a function|to `)|^[a-z']+ call stack|^(?:one|each|every|its|first|last|next|same|new) calls? (?:of|to) (?:·|the function|the row|this|that)|^(?:one|each|every|these|those|more|which) calls? (?:·|for|it|them)", "RPC, request", "A late call arrives."),
    row("beat", r"\bbeat(?:s|ing)? (?:again|every|at|once|anew)\b", "", "sends a heartbeat", "A leader beats every heartbeat interval."),
    row("came", r"\bcame of it\b", "", "the consequence", "What came of it."),
    row("well", r"\b(?:leader|cluster|server|servers|disk|lab|they|it|all|network) (?:is|are|was|were) well\b", r"\bwell[- ](?:known|defined|ahead|below|above|formed|tested|within)\b", "works, is up, is correct", "While the leader is well."),
    row("whole", r"\b(?:module|program|table|record|frame|file|message|circle|it) is whole\b", "", "complete", "With this exercise the module is whole."),
    row("more", r"\bhas(?: it)? no more[.,;]|\bno more (?:has|is|are)\b", "", "no longer has", "An entry that the leader has no more."),
    row("away", r"\b(?:leave|leaves|left|leaving) [^.;,]{1,30}\baway\b", "", "drop, omit", "Leave the scenarios away first."),
    row("flicker", r"\bflicker(?:s|ed|ing)?\b", "", "flaky", "No test flickers."),
    row("advice", r"\bone advice\b|\badvices\b", "", "one tip", "One advice: say what must hold."),
    row("else's", r"\bnobody else's\b", "", "no other server's", "Nobody else's timer runs out."),
    row("let", r"\b(?:is|be|are) let (?:be|out|in|go)\b|\blet (?:one|it|them) run out\b|\bto let one\b", "", "name the action: fires, releases, ignores", "Whoever does not listen is let be."),
    row("shall", r"\bshall\b", "", "must, will", "No timer shall run out."),
    row("wish", r"\bwish(?:es|ed)? for\b", "", "request, want", "The leader itself wished for it."),
    row("more", r"\b(?:the )?more so\b|\ball the more\b", "", "even more, say why", "The more so if it is late."),
    row("else", r"\ball else\b", "", "everything else", "All else can be found again."),
    row("else", r"(?:^|[.;:,] )else\b", r"^else (?:if|branch)\b", "otherwise", "Else it would vote twice."),
    row("speak spoken", r"\bspeaks? of\b|\bspoken of\b", "", "mentions, reports", "If cargo speaks of an error."),
    row("none nothing", r"\breturns (?:none|nothing)\b|^(?:none|nothing) (?:if|unless|when|where|before|after)\b", "", "`None`, an empty slice", "None if the log has none."),
    row("cease likewise moreover notwithstanding forthwith hitherto thither", r"\bceases?\b|\blikewise\b|\bmoreover\b|\bnotwithstanding\b|\bforthwith\b|\bhitherto\b|\bthither\b", "", "a plain word", "The line where it ceases to be."),
    row("come came", r"\bcome(?:s)? to (?:an end|power|nothing|grief)\b|\bcame to an end\b", "", "end, terminate, win", "It has not come to an end."),
    row("want in as by to with written", r"\bfor want of\b|\bin so far\b|\bas far as may be\b|\bby turns\b|\bto and fro\b|\bwith one stroke\b|\bwritten with a stroke\b", "", "a plain word", "For want of a leader."),
    row("today", r"\bof today\b", "", "current", "The message is of today."),
    row("too", r"\b(?:too much or too little|too little or too much)\b", "", "too many or too few", "A word too much or too little."),
    row("set", r"\bset in\b", r"^set in (?:·|(?:stone|the|a|this|that|an|which|its)\b)", "indented", "A line that is set in."),
    row("learnt spelt whilst amongst", r"\b(?:learnt|spelt|whilst|amongst)\b", "", "learned, while, among", "A term learnt from a reply."),
    row("says said say", r"\b(?:says|said|say) no(?:[.,;]|$)", "", "rejects it, answers with false", "Who does not lead says no."),
    // Inverted order.
    row("stands lie lies come comes goes follow belong hang hangs", r"\b(?:at|in|on|behind|before|after|below|above|between|beside|under|with) (?:index|the|its|it|that|this|them|place|line)\b[^.,;?]{0,30} (?:stands?|lies?|comes?|goes|follows?|belongs?|hangs?) (?:an?|the|what|its|no|all|only|those)\b", r"^[^.,;?]*\b(?:that|which|who|what|it|server|leader|follower|log|entry|request|reply|message|candidate|index|term|he|she|they|you|we) (?:stands?|lies?|comes?|goes|follows?|belongs?|hangs?)\b", "subject first", "At index 3 stands an entry of term 2."),
    row("in gone missing safe clear known allowed right wrong green red decisive common new old", r"^(?:in force|gone|missing|safe|clear|known|allowed|right|wrong|green|red|decisive|common|new|old) (?:is|are) (?:the|an?|what|that|only|those|this)\b", "", "subject first", "In force is the new configuration."),
    row("of from by to among beside besides hence thus thence there", r"^(?:of|from|by|to|among|beside|besides|hence|thus|thence|there) (?:the|this|these|those|it|them|that|each)?[^.,;?]{0,25} (?:comes?|stands?|lies|hangs?|belongs?) (?:an?|the|what|its|no|all|two|three|one)\b", "", "subject first", "To the log belongs a base."),
    row("this that it them these those him", r"^(?:this|that|it|them|these|those|him) (?:the|a|an|no|every|each|S\d) [a-z]+ (?:has|does|cannot|can|must|may|knows|sends|keeps|needs|learns)\b", r"^(?:this|that) (?:the|a) [a-z]+ (?:of|in)\b", "subject first", "This the leader cannot know."),
    row("has", r"^(?:has) (?:it|the [a-z]+) [^?]*[.;]$", "", "if …", "Has it lost the vote, it waits."),
];

/// Sentences that no pattern may match.
pub(crate) const GOOD: &[&str] = &[
    "Who votes for whom?",
    "Decide who can talk to whom, who gets a vote, and who leads.",
    "What a log holds and what is committed do not matter here, only what was applied.",
    "No other server has it.",
    "A server that is not leader rejects the request.",
    "What a reply proves depends on the request.",
    "What matters is the order, not the time.",
    "The row is called by the event loop, which calls · once.",
    "Each call of · returns a number.",
    "The first one has been sent.",
    "It returns whether one has changed since the last call.",
    "The runner refuses to start without a toolchain.",
    "It gives its candidate time to win.",
    "Give two examples.",
    "So many messages arrive that the queue overflows.",
    "The former is cheaper than the latter.",
    "Nobody has to understand the outstanding requests.",
    "It can also be late.",
    "The leader sends a heartbeat at once, and then waits.",
    "It is as well known as Paxos.",
    "Everything else follows from the term.",
    "The file is indented and set in the usual type.",
];

/// A match in a sentence.
pub(crate) struct Found {
    /// The sentence, or what is around the match in a long one.
    pub(crate) context: String,
    pub(crate) instead: &'static str,
}

/// The first four letters of a word, in small letters.
fn stem(word: &str) -> String {
    let letters = word.chars().filter(|letter| letter.is_alphabetic());
    letters.take(4).flat_map(char::to_lowercase).collect()
}

/// The sentences of a text: each ends with a mark and what closes it, before a space.
fn sentences(prose: &str) -> Vec<&str> {
    let (mut sentences, mut start) = (Vec::new(), 0);
    for (at, _) in prose.match_indices(' ') {
        let closed = prose[start..at].trim_end_matches([')', '*', '_']);
        if closed.ends_with(['.', '!', '?']) {
            sentences.push(prose[start..at].trim());
            start = at;
        }
    }
    sentences.push(prose[start..].trim());
    sentences
}

/// A pattern, compiled.
struct Search {
    find: Regex,
    unless: Option<Regex>,
    instead: &'static str,
}

/// The patterns, compiled.
pub(crate) struct Finder {
    searches: Vec<Search>,
    /// Which searches a word calls for, by its stem.
    by_stem: BTreeMap<String, Vec<usize>>,
}

impl Finder {
    pub(crate) fn new() -> Self {
        let compile = |text: &str| {
            let built = RegexBuilder::new(text).case_insensitive(true).build();
            built.unwrap_or_else(|why| panic!("{text}: {why}"))
        };
        let mut by_stem: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (number, pattern) in PATTERNS.iter().enumerate() {
            for key in pattern.keys.split(' ') {
                by_stem.entry(stem(key)).or_default().push(number);
            }
        }
        let searches = PATTERNS.iter().map(|pattern| Search {
            find: compile(pattern.find),
            unless: (!pattern.unless.is_empty()).then(|| compile(pattern.unless)),
            instead: pattern.instead,
        });
        Self { searches: searches.collect(), by_stem }
    }

    pub(crate) fn find(&self, prose: &str) -> Vec<Found> {
        sentences(prose).into_iter().flat_map(|sentence| self.in_sentence(sentence)).collect()
    }

    fn in_sentence(&self, sentence: &str) -> Vec<Found> {
        let words = sentence.split([' ', '\u{2019}', '(', '-']);
        let called = words.filter_map(|word| self.by_stem.get(&stem(word))).flatten();
        let first = sentence.split(' ').next().map(stem).unwrap_or_default();
        let by_first = self.by_stem.get(&first);
        let can_match = |one: &usize| {
            let is_anchored = PATTERNS[*one].find.starts_with("^(?:");
            !is_anchored || by_first.is_some_and(|ones| ones.contains(one))
        };
        let called: BTreeSet<usize> = called.copied().filter(can_match).collect();
        let mut found = Vec::new();
        for Search { find, unless, instead } in called.iter().map(|&one| &self.searches[one]) {
            for one in find.find_iter(sentence) {
                let rest = &sentence[one.start()..];
                if unless.as_ref().is_some_and(|unless| unless.is_match(rest)) {
                    continue;
                }
                found.push(Found { context: around(sentence, one.range()), instead });
            }
        }
        found
    }
}

/// About 60 characters on each side of a match, with the match in brackets.
fn around(sentence: &str, range: std::ops::Range<usize>) -> String {
    let before: String = {
        let mut last: Vec<char> = sentence[..range.start].chars().rev().take(60).collect();
        last.reverse();
        last.into_iter().collect()
    };
    let after: String = sentence[range.end..].chars().take(60).collect();
    let matched = &sentence[range];
    format!("{before}{matched}{after}")
}
