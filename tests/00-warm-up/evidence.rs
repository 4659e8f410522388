//! Whether evidence is true: whether what it names shows what it says. Any true evidence will do.

use gates::protocol::execution::{
    Execution, Mismatch, Missing, Moment, Rewritten, TwoEntries, TwoLeaders, What,
};
use gates::protocol::{Index, ServerId, Term};

/// Nothing, or why the evidence shows nothing.
type Truth = Result<(), String>;

pub(super) fn two_leaders(execution: &Execution, shown: &TwoLeaders) -> Truth {
    for (server, number) in shown.servers.into_iter().zip(shown.moments) {
        let moment = moment_of(execution, number, server)?;
        that(moment.what == What::Elected, || {
            format!("at moment {number}, {server} is not elected")
        })?;
        in_term(moment, shown.term)?;
    }
    let [one, other] = shown.servers;
    that(one != other, || format!("{one} is one server, and so one leader of term {}", shown.term))
}

pub(super) fn rewritten(execution: &Execution, shown: &Rewritten) -> Truth {
    let Rewritten { server, term, index, moment: number } = *shown;
    let moment = moment_of(execution, number, server)?;
    in_term(moment, term)?;
    let What::LogChanged { before } = &moment.what else {
        return Err(format!("at moment {number}, the log of {server} does not change"));
    };
    that(moment.leads, || format!("at moment {number}, {server} does not lead"))?;
    let Some(lost) = entry(before, index) else {
        return Err(format!("before moment {number}, {server} had no entry at index {index}"));
    };
    that(moment.entry(index) != Some(lost), || {
        format!(
            "the entry of {server} at index {index} is the same before and after moment {number}"
        )
    })
}

pub(super) fn mismatch(execution: &Execution, shown: &Mismatch) -> Truth {
    let [one, other] = [0, 1].map(|at| moment_of(execution, shown.moments[at], shown.servers[at]));
    let (one, other) = (one?, other?);
    let Mismatch { index, term, .. } = *shown;
    for moment in [one, other] {
        let (server, number) = (moment.server, moment.number);
        that(moment.entry(index).is_some_and(|entry| entry.term == term), || {
            format!("at moment {number}, {server} has no entry of term {term} at index {index}")
        })?;
    }
    let differs = (1..=index.0).map(Index).any(|index| one.entry(index) != other.entry(index));
    that(differs, || {
        format!(
            "the logs of {} at moment {} and of {} at moment {} are identical up to index {index}",
            one.server, one.number, other.server, other.number
        )
    })
}

pub(super) fn two_entries(execution: &Execution, shown: &TwoEntries) -> Truth {
    let applied = |at: usize| {
        let (server, number) = (shown.servers[at], shown.moments[at]);
        match &moment_of(execution, number, server)?.what {
            What::Applied { index, entry } if *index == shown.index => Ok(entry),
            What::Applied { index, .. } => {
                Err(format!("at moment {number}, {server} applies its entry at index {index}"))
            }
            _ => Err(format!("at moment {number}, {server} applies nothing")),
        }
    };
    let same = applied(0)? == applied(1)?;
    that(!same, || format!("what is applied at these moments at index {} is the same", shown.index))
}

pub(super) fn missing(execution: &Execution, shown: &Missing) -> Truth {
    let [committer, leader] = shown.servers;
    let committed = moment_of(execution, shown.moments[0], committer)?;
    in_term(committed, shown.terms[0])?;
    let number = committed.number;
    let entry = match &committed.what {
        What::Committed { index, entry } if *index == shown.index => entry,
        What::Committed { index, .. } => {
            return Err(format!(
                "at moment {number}, {committer} commits its entry at index {index}"
            ));
        }
        _ => return Err(format!("at moment {number}, {committer} commits nothing")),
    };
    let leads = moment_of(execution, shown.moments[1], leader)?;
    in_term(leads, shown.terms[1])?;
    that(leads.leads, || format!("at moment {}, {leader} does not lead", leads.number))?;
    let [term, higher] = shown.terms;
    that(higher > term, || {
        format!(
            "the entry was committed in term {term}, and {leader} leads term {higher}, which is not higher: Leader \
             Completeness is not about that leader"
        )
    })?;
    that(leads.entry(shown.index) != Some(entry), || {
        format!("at moment {}, {leader} has that very entry at index {}", leads.number, shown.index)
    })
}

/// The moment with this number, which must be one of this server.
fn moment_of(execution: &Execution, number: usize, server: ServerId) -> Result<&Moment, String> {
    let moment = number.checked_sub(1).and_then(|at| execution.moments.get(at));
    let Some(moment) = moment else {
        return Err(format!("there is no moment {number}: they are numbered from 1 on"));
    };
    if moment.server == server {
        return Ok(moment);
    }
    Err(format!("moment {number} is one of {}, not of {server}", moment.server))
}

fn in_term(moment: &Moment, term: Term) -> Truth {
    that(moment.term == term, || {
        let (number, server) = (moment.number, moment.server);
        format!("at moment {number}, {server} is in term {}, not in term {term}", moment.term)
    })
}

fn entry(log: &[gates::protocol::Entry], index: Index) -> Option<&gates::protocol::Entry> {
    log.get(usize::try_from(index.0).ok()?.checked_sub(1)?)
}

fn that(holds: bool, otherwise: impl FnOnce() -> String) -> Truth {
    if holds { Ok(()) } else { Err(otherwise()) }
}
