//! Exercise 0.6: a vote, and a majority.

use gates::{Check, Context, Scope, Verdict};

use super::election::{Election, orders};
use super::subject;
use subject::Voter;
use subject::protocol::{ServerId, Term};

const S1: ServerId = ServerId(1);
const S2: ServerId = ServerId(2);
const S3: ServerId = ServerId(3);
const S4: ServerId = ServerId(4);
const S5: ServerId = ServerId(5);

const RECEIVER: &str = "Figure 2, RequestVote RPC, receiver step 2: \"If votedFor is null or candidateId, and \
     candidate's log is at least as up-to-date as receiver's log, grant vote\"";
const OLDER: &str =
    "Figure 2, RequestVote RPC, receiver step 1: \"Reply false if term < currentTerm\"";
const NEWER: &str = "Figure 2, Rules for Servers, All Servers: a newer term in a request is the server's own from then \
     on; and votedFor is the \"candidateId that received vote in current term\"";
const MAJORITY: &str = "Figure 2, Rules for Servers, Candidates: \"If votes received from majority of servers: become \
     leader\". Two majorities always have a server in common (§5.2)";

pub(super) fn checks() -> Vec<Check> {
    let vote = |claim, why, judge: fn(&mut Context) -> Verdict| {
        Check::new("0.6", claim, why, judge).about("vote")
    };
    let decides = "Your functions decide an election, from a split vote to a leader";
    let safe = "In every order in which requests arrive, your functions keep Election Safety";
    vec![
        vote(
            "A server that has not voted in a term votes for a candidate of that term",
            RECEIVER,
            free,
        ),
        vote("A server that has voted rejects the other candidates of the term", RECEIVER, taken),
        vote("A candidate that asks again gets the same answer", RECEIVER, again),
        vote("A candidate of an older term is rejected, and changes nothing", OLDER, older),
        vote(
            "In a newer term a server has a vote again, whatever it did in earlier ones",
            NEWER,
            newer,
        ),
        Check::new(
            "0.6",
            "A candidate wins with more than half of all servers",
            MAJORITY,
            majority,
        )
        .about("wins"),
        Check::new("0.6", safe, SAFE, in_every_order).scope(Scope::Storm),
        Check::new("0.6", decides, MAJORITY, split_vote).scope(Scope::Scenario),
    ]
}

const SAFE: &str = "§5.2: \"The majority rule ensures that at most one candidate can win the election for a particular \
     term (the Election Safety Property in Figure 3).\"";

/// A voter in a term.
fn voter(term: u64, voted_for: Option<ServerId>) -> Voter {
    Voter { current_term: Term(term), voted_for }
}

/// Lets the learner's function answer, and compares the answer and what the server remembers afterwards.
fn asks(
    context: &mut Context,
    (before, candidate, term): (Voter, ServerId, u64),
    (granted, after): (bool, Voter),
) -> Verdict {
    let voted = before.voted_for.map_or("no vote".to_owned(), |id| format!("a vote for {id}"));
    context.step(format!(
        "{candidate} asks in term {term}; the server is in term {}, with {voted}",
        before.current_term
    ));
    let mut voter = before;
    let answer = subject::vote(&mut voter, candidate, Term(term));
    context.equal("whether the vote is granted", answer, granted)?;
    context.equal("what the server remembers", voter, after)
}

fn free(context: &mut Context) -> Verdict {
    for candidate in [S1, S2] {
        let after = voter(4, Some(candidate));
        asks(context, (voter(4, None), candidate, 4), (true, after))?;
    }
    Ok(())
}

fn taken(context: &mut Context) -> Verdict {
    for (has, candidate) in [(S1, S2), (S2, S1)] {
        let before = voter(4, Some(has));
        asks(context, (before, candidate, 4), (false, before))?;
    }
    Ok(())
}

fn again(context: &mut Context) -> Verdict {
    let before = voter(4, Some(S2));
    asks(context, (before, S2, 4), (true, before))
}

fn older(context: &mut Context) -> Verdict {
    for voted_for in [None, Some(S1), Some(S2)] {
        let before = voter(4, voted_for);
        asks(context, (before, S2, 3), (false, before))?;
    }
    Ok(())
}

fn newer(context: &mut Context) -> Verdict {
    for voted_for in [None, Some(S1), Some(S2)] {
        let after = voter(6, Some(S2));
        asks(context, (voter(4, voted_for), S2, 6), (true, after))?;
    }
    Ok(())
}

fn majority(context: &mut Context) -> Verdict {
    for servers in 1..=7 {
        for votes in 1..=servers {
            context.step(format!("{votes} of {servers} servers vote for a candidate"));
            let expected = votes * 2 > servers;
            context.equal("whether it leads", subject::wins(votes, servers), expected)?;
        }
    }
    Ok(())
}

/// S1 and S2 ask in term 1, S3 in term 2, and six of their requests arrive in every order.
fn in_every_order(context: &mut Context) -> Verdict {
    let (first, second, third) = ((S1, Term(1)), (S2, Term(1)), (S3, Term(2)));
    let requests = [(first, S4), (first, S5), (second, S4), (second, S5), (third, S4), (third, S5)];
    for order in orders(&requests) {
        let mut election = Election::new(5);
        for candidate in [first, second, third] {
            election.campaign(candidate);
        }
        context
            .step("S1 and S2 ask in term 1, S3 in term 2, and their requests arrive in some order");
        for request in order {
            election.ask(request);
        }
        for candidate in [first, second, third] {
            election.count(candidate);
        }
        let story = election.story();
        if let Err(breach) = subject::election_safety(&election.into_execution()) {
            let happened = format!("your election_safety finds {breach:?}");
            let failure = context.failure("no term has two leaders", happened);
            return Err(failure.note(format!("What the five servers did:\n{story}")));
        }
    }
    Ok(())
}

/// A split vote, and the election after it: the learner reads it when the module is done.
fn split_vote(context: &mut Context) -> Verdict {
    context.step("S1 and S4 of four servers ask in term 1, and then S2 in term 2");
    let mut election = Election::new(4);
    let (first, second) = (election.campaign((S1, Term(1))), election.campaign((S4, Term(1))));
    for (candidate, to) in [(first, S2), (second, S3), (second, S2), (first, S3)] {
        election.ask((candidate, to));
    }
    election.lose((second, S1));
    let is_split = [first, second].map(|candidate| election.count(candidate)) == [false; 2];
    let third = election.campaign((S2, Term(2)));
    for to in [S1, S3, S4] {
        election.ask((third, to));
    }
    election.ask((first, S4));
    let leads = election.count(third);
    let story = election.story();
    let told = format!("What the four servers did:\n{story}");
    if !is_split {
        let (expected, happened) =
            ("two votes of four elect no server", "a candidate leads term 1");
        return Err(context.failure(expected, happened).note(told));
    }
    let happened = "S2 asks in a newer term than all others, and does not lead";
    context.holds(leads, "S2 leads term 2", happened).map_err(|failure| failure.note(told))?;
    context.show(format!("Your own functions have decided an election:\n\n{story}"));
    Ok(())
}
