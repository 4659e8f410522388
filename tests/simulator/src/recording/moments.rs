//! The moments of a run that contradict each other. Each property has its own.

use protocol::{Index, ServerId, Term};

use super::format::{Columns, End, LIGHTS, Moment, Outcome};
use super::promised::Promise;
use super::recorder::Recorder;
use crate::{Breach, Property, Stop};

/// The number of the light that goes out when a property does not hold.
pub fn light(property: Property) -> u64 {
    match property {
        Property::ElectionSafety => 0,
        Property::LeaderAppendOnly => 1,
        Property::LogMatching => 2,
        Property::LeaderCompleteness | Property::AcknowledgedStays => 3,
        Property::StateMachineSafety => 4,
        Property::TermNeverFalls
        | Property::OneVoteATerm
        | Property::CommitNeverFalls
        | Property::AppliedNeverFalls
        | Property::AppliedIsCommitted
        | Property::CompactedIsApplied
        | Property::CommittedStays
        | Property::MessageIsTrue
        | Property::ChangesAsFigure4
        | Property::CommitsWhatIsShown
        | Property::OneAnswer
        | Property::AnsweredIsKept => LIGHTS.len() as u64 - 1,
    }
}

impl Recorder {
    /// How a run that has ended early ended.
    pub fn end_of(&self, stop: &Stop) -> End {
        match stop {
            Stop::Breach(breach) => End {
                outcome: Outcome::Broken,
                expected: breach.property.name().to_owned(),
                what: breach.what.clone(),
                rule: breach.property.rule().to_owned(),
                light: Some(light(breach.property)),
                moments: self.moments(breach),
                stretch: None,
            },
            Stop::Panic { server, told, panicked } => {
                let place = format!("{}:{}", panicked.file, panicked.line);
                let what = match &panicked.todo {
                    Some(exercise) => format!("{server} needs exercise {exercise}, at {place}"),
                    None => format!("{server} panics: {} ({place})", panicked.message),
                };
                let moments = vec![self.last(*server, &format!("{server} panics here"))];
                let expected = format!("{server} handles: {told}");
                End { outcome: Outcome::Panicked, expected, what, moments, ..End::default() }
            }
            Stop::Failed { server, error } => End {
                outcome: Outcome::Red,
                expected: format!("{server} goes on"),
                what: format!("{server} gave up: {error}"),
                moments: vec![self.last(*server, &format!("{server} gives up here"))],
                ..End::default()
            },
            Stop::Endless { .. } => End {
                outcome: Outcome::Red,
                expected: "events come to an end, or time passes".to_owned(),
                what: stop.to_string(),
                stretch: Some((self.since_time_stands(), self.now())),
                moments: vec![Moment {
                    step: self.now(),
                    server: 0,
                    what: "events still follow one another".to_owned(),
                }],
                ..End::default()
            },
        }
    }

    /// The first step of the present instant.
    fn since_time_stands(&self) -> u64 {
        let time = &self.columns.time;
        let last = time.last();
        time.iter().position(|it| Some(it) == last).unwrap_or(0) as u64
    }

    fn last(&self, server: ServerId, what: &str) -> Moment {
        Moment { step: self.now(), server: server.0, what: what.to_owned() }
    }

    /// The moments that contradict each other, the earliest first. The last is that of the breach.
    fn moments(&self, breach: &Breach) -> Vec<Moment> {
        let mut moments: Vec<Moment> = self.earlier(breach).into_iter().flatten().collect();
        moments.sort_by_key(|moment| moment.step);
        moments.dedup_by_key(|moment| (moment.step, moment.server));
        let now = self.now();
        moments.retain(|moment| moment.step < now);
        let id = breach.servers.first().copied().unwrap_or_default();
        moments.push(Moment { step: now, server: id.0, what: breach.what.clone() });
        moments
    }

    fn earlier(&self, breach: &Breach) -> Vec<Option<Moment>> {
        let states = States { columns: &self.columns };
        let server = |at: usize| breach.servers.get(at).copied().unwrap_or_default();
        let term = |at: usize| breach.terms.get(at).copied().unwrap_or_default();
        let index = breach.index.unwrap_or_default();
        match breach.property {
            Property::ElectionSafety => vec![states.elected(server(1), term(0))],
            Property::LeaderAppendOnly => {
                vec![states.elected(server(0), term(0)), states.stored_last(server(0), index)]
            }
            Property::LogMatching => vec![states.stored(server(1), index, term(0))],
            Property::LeaderCompleteness => {
                vec![states.committed(server(1), index), states.elected(server(0), term(0))]
            }
            Property::AcknowledgedStays => {
                let others = (1..=self.servers.len() as u64).map(ServerId);
                let holders = others.filter(|&other| other != server(0));
                let mut moments: Vec<_> =
                    holders.map(|other| states.stored(other, index, term(1))).collect();
                moments.push(states.elected(server(0), term(0)));
                moments
            }
            Property::StateMachineSafety => match breach.servers.get(1) {
                Some(&other) => vec![states.committed(other, index)],
                None => vec![states.first_committed(server(0), index)],
            },
            Property::TermNeverFalls => vec![states.in_term(server(0), term(0))],
            Property::OneVoteATerm => vec![states.voted(server(0), term(0), server(1))],
            Property::CommitNeverFalls => vec![states.highest(server(0), "commit index")],
            Property::AppliedNeverFalls | Property::CompactedIsApplied => {
                vec![states.highest(server(0), "last applied index")]
            }
            Property::AppliedIsCommitted => vec![states.committed(server(0), index)],
            Property::CommittedStays => {
                vec![states.stored_last(server(0), index), states.committed(server(0), index)]
            }
            Property::MessageIsTrue
            | Property::ChangesAsFigure4
            | Property::CommitsWhatIsShown
            | Property::OneAnswer => vec![self.message_sent()],
            Property::AnsweredIsKept => vec![self.promise(breach)],
        }
    }

    /// When the message was sent that the last step is about.
    fn message_sent(&self) -> Option<Moment> {
        let columns = &self.columns;
        let at = columns.fate_step.iter().rposition(|&step| step == self.now())?;
        if columns.fate.get(at) != Some(&0) {
            return None;
        }
        let message = usize::try_from(columns.fate_message[at]).ok()?;
        let (from, step) = (columns.message_from[message], columns.message_sent[message]);
        let kind = if columns.message_reply[message] == 0 { "request" } else { "reply" };
        Some(Moment { step, server: from, what: format!("S{from} sends the {kind}") })
    }

    /// When a server has told others what it does not know after a crash.
    fn promise(&self, breach: &Breach) -> Option<Moment> {
        let id = *breach.servers.first()?;
        let term = breach.terms.first().copied().unwrap_or_default();
        let vote = breach.servers.get(1);
        let is_it = |promise: &Promise| match (promise, breach.index, vote) {
            (Promise::Log(up_to), Some(index), _) => *up_to >= index,
            (Promise::Vote(voted, candidate), None, Some(vote)) => {
                (*voted, candidate) == (term, vote)
            }
            (Promise::Term(told), None, None) => *told >= term,
            _ => false,
        };
        let found =
            self.promised.iter().find(|promised| promised.server == id && is_it(&promised.what))?;
        let what = match found.what {
            Promise::Term(term) => format!("{id} tells others that it is in term {term}"),
            Promise::Vote(term, candidate) => {
                format!("{id} tells others that it votes for {candidate} in term {term}")
            }
            Promise::Log(up_to) => {
                format!("{id} tells others that it holds the entries up to index {up_to}")
            }
        };
        Some(Moment { step: found.step, server: id.0, what })
    }
}

/// The servers' states, as a recording has them.
struct States<'a> {
    columns: &'a Columns,
}

impl States<'_> {
    /// The lines about a server.
    fn of(&self, id: ServerId) -> impl DoubleEndedIterator<Item = usize> + '_ {
        (0..self.columns.change_step.len())
            .filter(move |&at| self.columns.change_server[at] == id.0)
    }

    fn moment(&self, at: usize, id: ServerId, what: String) -> Moment {
        Moment { step: self.columns.change_step[at], server: id.0, what }
    }

    fn elected(&self, id: ServerId, term: Term) -> Option<Moment> {
        let columns = self.columns;
        let leads = |&at: &usize| columns.change_role[at] == 2 && columns.change_term[at] == term.0;
        let at = self.of(id).find(leads)?;
        Some(self.moment(at, id, format!("{id} becomes leader of term {term}")))
    }

    fn in_term(&self, id: ServerId, term: Term) -> Option<Moment> {
        let at = self.of(id).find(|&at| self.columns.change_term[at] == term.0)?;
        Some(self.moment(at, id, format!("{id} enters term {term}")))
    }

    fn voted(&self, id: ServerId, term: Term, vote: ServerId) -> Option<Moment> {
        let columns = self.columns;
        let is_it =
            |&at: &usize| columns.change_term[at] == term.0 && columns.change_vote[at] == vote.0;
        let at = self.of(id).find(is_it)?;
        Some(self.moment(at, id, format!("{id} votes for {vote} in term {term}")))
    }

    fn committed(&self, id: ServerId, index: Index) -> Option<Moment> {
        let at = self.of(id).find(|&at| self.columns.change_commit[at] >= index.0)?;
        Some(self.moment(at, id, format!("{id} knows index {index} to be committed")))
    }

    /// The first server besides this one that has committed an index.
    fn first_committed(&self, not: ServerId, index: Index) -> Option<Moment> {
        let columns = self.columns;
        let at = (0..columns.change_step.len()).find(|&at| {
            columns.change_server[at] != not.0 && columns.change_commit[at] >= index.0
        })?;
        let id = ServerId(columns.change_server[at]);
        Some(self.moment(at, id, format!("{id} knows index {index} to be committed")))
    }

    /// When a server had its highest value: the first such moment.
    fn highest(&self, id: ServerId, what: &str) -> Option<Moment> {
        let column = match what {
            "commit index" => &self.columns.change_commit,
            _ => &self.columns.change_applied,
        };
        let highest = self.of(id).map(|at| column[at]).max()?;
        let at = self.of(id).find(|&at| column[at] == highest)?;
        Some(self.moment(at, id, format!("the {what} of {id} is {highest}")))
    }

    /// When a server has stored an entry of this term at an index for the first time.
    fn stored(&self, id: ServerId, index: Index, term: Term) -> Option<Moment> {
        let at = self.of(id).find(|&at| self.written(at, index) == Some(term.0))?;
        Some(self.moment(at, id, format!("{id} holds an entry of term {term} at index {index}")))
    }

    /// When a server has stored the entry that it had at an index before the last step.
    fn stored_last(&self, id: ServerId, index: Index) -> Option<Moment> {
        let end = self.columns.kind.len() as u64 - 1;
        let before = |&at: &usize| self.columns.change_step[at] < end;
        let at = self.of(id).filter(before).rfind(|&at| self.written(at, index).is_some())?;
        let term = self.written(at, index)?;
        Some(self.moment(at, id, format!("{id} holds an entry of term {term} at index {index}")))
    }

    /// The term of the entry that a line has put at an index.
    fn written(&self, at: usize, index: Index) -> Option<u64> {
        let columns = self.columns;
        let (first, count) = (columns.change_log_from[at], columns.change_log_count[at]);
        if first == 0 || index.0 < first || index.0 >= first + count {
            return None;
        }
        let before: u64 = columns.change_log_count[..at].iter().sum();
        let place = usize::try_from(before + (index.0 - first)).ok()?;
        columns.entry_term.get(place).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_light_goes_out_by_its_name() {
        assert_eq!(LIGHTS[usize::try_from(light(Property::OneVoteATerm)).unwrap()], "Figure 2");
        assert_eq!(LIGHTS[usize::try_from(light(Property::LogMatching)).unwrap()], "Log Matching");
    }
}
