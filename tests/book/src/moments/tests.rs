//! How a run becomes rows.

use protocol::{
    AppendEntries, AppendEntriesReply, CallId, Index, Reply, Request, RoleName, ServerId, Timer,
};
use simulator::{Body, TraceRecord};

use super::*;

fn request(id: u64, from: u64, to: u64) -> Message {
    let request = Request::AppendEntries(AppendEntries {
        term: Term(1),
        leader_id: ServerId(from),
        prev_log_index: Index(0),
        prev_log_term: Term(0),
        entries: Vec::new(),
        leader_commit: Index(0),
    });
    let (from, to) = (ServerId(from), ServerId(to));
    let body = Body::Request(request);
    Message { id: MessageId(id), from, to, call: CallId(id), incarnation: 0, copy: 0, body }
}

fn reply(id: u64, to: &Message) -> Message {
    let Body::Request(request) = to.body.clone() else { panic!("it is a request") };
    let answer = AppendEntriesReply { term: Term(1), success: true, conflict: None };
    let body = Body::Reply { request, reply: Reply::AppendEntries(answer) };
    Message { id: MessageId(id), from: to.to, to: to.from, body, ..to.clone() }
}

fn arrives(message: &Message) -> [TraceEvent; 2] {
    let Message { call, from, to, .. } = *message;
    let event = match message.body.clone() {
        Body::Request(request) => Event::Request { call, from, request },
        Body::Reply { request, reply } => Event::Reply { call, from, request, reply },
    };
    [TraceEvent::Delivered { id: message.id }, TraceEvent::Event { server: to, event }]
}

fn sent(message: &Message) -> TraceEvent {
    TraceEvent::Sent { message: message.clone() }
}

/// A run of three servers in which this happens after S1's heartbeat timer has run out.
fn told(what: Vec<TraceEvent>) -> Moments {
    let fires = TraceEvent::Event { server: ServerId(1), event: Event::Timeout(Timer::Heartbeat) };
    let what = [fires].into_iter().chain(what);
    of(&Run {
        transcript: String::new(),
        trace: what.map(|what| TraceRecord { time: std::time::Duration::ZERO, what }).collect(),
        servers: 3,
        made_up: false,
        given: BTreeMap::new(),
        durable: false,
        blocks: vec![(0, "A caption.".to_owned())],
        explored: Vec::new(),
    })
}

/// The words of messages, row by row.
fn labels(moments: &Moments) -> Vec<String> {
    let label = |row: &'_ Row| match &row.what {
        What::Moment(Some(label)) => Some(label.text.clone()),
        _ => None,
    };
    moments.rows.iter().filter_map(label).collect()
}

#[test]
fn what_is_sent_to_several_arrives_in_one_row_and_so_do_answers_that_change_nothing() {
    let (two, three) = (request(1, 1, 2), request(2, 1, 3));
    let (back, again) = (reply(3, &two), reply(4, &three));
    let mut what = vec![sent(&two), sent(&three)];
    what.extend(arrives(&two));
    what.push(sent(&back));
    what.extend(arrives(&three));
    what.push(sent(&again));
    what.extend(arrives(&back));
    what.extend(arrives(&again));
    let moments = told(what.clone());
    assert_eq!(labels(&moments), ["AppendEntries: term 1, no entries", "success, term 1"]);
    assert!(matches!(&moments.rows[1].what, What::Caption(text) if text == "A caption."));

    // The first answer does change something: what was joined is told apart.
    let changed = TraceEvent::Changed {
        server: ServerId(1),
        role: RoleName::Leader,
        current_term: Term(1),
        voted_for: None,
        commit_index: Index(1),
        last_applied: Index(0),
        log_from: None,
        log: Vec::new(),
    };
    what.insert(what.len() - 2, changed);
    let moments = told(what);
    assert_eq!(labels(&moments)[1..], ["success, term 1", "success, term 1"]);
    assert_eq!(moments.rows[4].notes[&0].after.commit, Index(1));
}

#[test]
fn what_is_lost_doubled_or_still_under_way_is_told_as_such() {
    let (two, three) = (request(1, 1, 2), request(2, 1, 3));
    let mut what = vec![sent(&two), sent(&three), TraceEvent::Duplicated { id: two.id }];
    what.push(TraceEvent::Lost { id: three.id, why: LossReason::Partition });
    what.extend(arrives(&two));
    what.extend(arrives(&two));
    let moments = told(what.clone());
    let words = "AppendEntries: term 1, no entries";
    let expected = [format!("{words} (lost: cut off)"), words.into(), format!("{words} (again)")];
    assert_eq!(labels(&moments), expected);
    let fates: Vec<Fate> = moments.arrows.iter().map(|arrow| arrow.fate).collect();
    assert_eq!(fates, [Fate::Lost, Fate::Arrives, Fate::Arrives]);
    what.truncate(what.len() - 2);
    let moments = told(what);
    assert_eq!(moments.arrows.last().map(|arrow| arrow.fate), Some(Fate::UnderWay));
    assert_eq!(moments.rows.last().map(|row| &row.what), Some(&What::End));
}
