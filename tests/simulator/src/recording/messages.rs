//! What the recorder notes of messages: that they were sent, and what has become of each copy.

use super::format::FATES;
use super::recorder::{Copy, LossPlace, Recorder};
use super::words;
use crate::{LossReason, Message, MessageId};

impl Recorder {
    pub(super) fn sent(&mut self, message: &Message) {
        if !message.is_request() {
            self.unsent_answer = None;
        }
        let number = self.columns.message_from.len() as u64;
        self.put_message(message);
        self.messages.insert(message.id, (number, message.clone()));
        self.and_then(format!("sends {}", words::message_in_short(message)));
    }

    pub(super) fn put_message(&mut self, message: &Message) {
        let (rpc, full) =
            (self.texts.number(message.kind().rpc), self.texts.number(&message.to_string()));
        let now = self.now();
        let columns = &mut self.columns;
        columns.message_from.push(message.from.0);
        columns.message_to.push(message.to.0);
        columns.message_rpc.push(rpc);
        columns.message_reply.push(u64::from(!message.is_request()));
        columns.message_term.push(message.term().0);
        columns.message_words.push(full);
        columns.message_sent.push(now);
    }

    /// Notes what has become of a copy of a message in the current step.
    pub(super) fn fate(&mut self, id: MessageId, copy: Copy, fate: &str, why: &str) {
        let Some(&(number, _)) = self.messages.get(&id) else { return };
        self.put_fate(number, copy, fate, why);
    }

    pub(super) fn put_fate(&mut self, message: u64, copy: Copy, fate: &str, why: &str) {
        let (now, why) = (self.now(), self.texts.number(why));
        let columns = &mut self.columns;
        columns.fate_step.push(now);
        columns.fate_message.push(message);
        columns.fate_copy.push(u64::from(copy));
        columns.fate.push(FATES.iter().position(|it| *it == fate).unwrap_or(0) as u64);
        columns.fate_why.push(why);
    }

    pub(super) fn lost(
        &mut self,
        time: u64,
        id: MessageId,
        why: LossReason,
        copy: Copy,
        place: LossPlace,
    ) {
        let Some((_, message)) = self.messages.get(&id).cloned() else { return };
        let reason = words::reason(why);
        let fate = match place {
            LossPlace::Sending => FATES[1],
            LossPlace::OnItsWay => FATES[2],
            LossPlace::Arrival => FATES[3],
        };
        if place == LossPlace::Sending {
            self.and_then(format!("{} is {reason}", words::message_in_short(&message)));
        } else {
            let short = format!("✗ {}", words::message_in_short(&message));
            self.step(time, "lost", Some(message.to), &words::lost(&message, why), &short);
        }
        self.fate(id, copy, fate, reason);
    }

    pub(super) fn duplicated(&mut self, time: u64, id: MessageId, copy: Copy, place: LossPlace) {
        let Some((number, message)) = self.messages.get(&id).cloned() else { return };
        let short = words::message_in_short(&message);
        if place == LossPlace::Sending {
            self.and_then(format!("{short} is duplicated"));
        } else {
            self.step(
                time,
                "duplicated",
                Some(message.to),
                &format!("{message} is duplicated"),
                &format!("2× {short}"),
            );
        }
        let now = self.now();
        let columns = &mut self.columns;
        columns.copy_step.push(now);
        columns.copy_message.push(number);
        columns.copy.push(u64::from(copy));
    }

    pub(super) fn hold(&mut self, time: u64, id: MessageId, copy: Copy, held: bool) {
        let Some((number, message)) = self.messages.get(&id).cloned() else { return };
        let (kind, what, mark) =
            if held { ("held", "held back", "‖") } else { ("released", "released", "▸") };
        let short = format!("{mark} {}", words::message_in_short(&message));
        self.step(time, kind, Some(message.to), &format!("{message} is {what}"), &short);
        let now = self.now();
        let columns = &mut self.columns;
        columns.hold_step.push(now);
        columns.hold_message.push(number);
        columns.hold_copy.push(u64::from(copy));
        columns.hold.push(u64::from(held));
    }
}
