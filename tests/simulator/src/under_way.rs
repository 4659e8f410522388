//! The messages of a timed run that are on their way.

use crate::Message;

/// The messages under way, each in a place that its number on the agenda names.
#[derive(Debug, Default)]
pub(crate) struct UnderWay {
    places: Vec<Option<Message>>,
    free: Vec<usize>,
}

impl UnderWay {
    pub(crate) fn put(&mut self, message: Message) -> usize {
        if let Some(place) = self.free.pop() {
            self.places[place] = Some(message);
            return place;
        }
        self.places.push(Some(message));
        self.places.len() - 1
    }

    pub(crate) fn take(&mut self, place: usize) -> Option<Message> {
        self.free.push(place);
        self.places[place].take()
    }

    pub(crate) fn describe(&self, place: usize) -> String {
        match &self.places[place] {
            Some(message) => format!("{} {}→{}", message.kind(), message.from, message.to),
            None => "message".to_owned(),
        }
    }
}
