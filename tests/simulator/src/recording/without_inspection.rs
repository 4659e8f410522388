//! A recording without the servers' `Debug` output, for a page that is kept. Most of a short recording is that
//! output.

use std::collections::HashMap;

use super::format::Recording;

impl Recording {
    /// The same run, without what has changed in the servers' `Debug` output. Texts that nothing else names are left out.
    #[must_use]
    pub fn without_inspection(mut self) -> Self {
        let c = &mut self.columns;
        for column in [
            &mut c.inspect_step,
            &mut c.inspect_server,
            &mut c.inspect_path,
            &mut c.inspect_old,
            &mut c.inspect_new,
        ] {
            column.clear();
        }
        self.inspected_from = None;
        // The first text is the empty one.
        let mut kept = vec![String::new()];
        let mut numbers = HashMap::from([(0, 0)]);
        for column in [
            &mut c.words,
            &mut c.short,
            &mut c.then,
            &mut c.row,
            &mut c.message_rpc,
            &mut c.message_words,
            &mut c.fate_why,
            &mut c.change_members,
            &mut c.entry_words,
            &mut c.answer_words,
        ] {
            for number in column {
                *number = *numbers.entry(*number).or_insert_with_key(|&old| {
                    let text = usize::try_from(old).ok().and_then(|at| self.texts.get_mut(at));
                    kept.push(text.map(std::mem::take).unwrap_or_default());
                    kept.len() as u64 - 1
                });
            }
        }
        self.texts = kept;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::format::Columns;

    #[test]
    fn only_texts_that_something_names_are_kept() {
        let texts = ["", "role", "S1: start", "unused", "S1 start"].map(str::to_owned).to_vec();
        let columns = Columns {
            words: vec![2, 2],
            short: vec![4, 0],
            inspect_path: vec![1],
            inspect_step: vec![0],
            ..Columns::default()
        };
        let run = Recording { texts, columns, inspected_from: Some(0), ..Recording::default() };
        let slim = run.without_inspection();
        assert_eq!(slim.texts, ["", "S1: start", "S1 start"]);
        assert_eq!((slim.columns.words, slim.columns.short), (vec![1, 1], vec![2, 0]));
        assert!(slim.columns.inspect_path.is_empty() && slim.inspected_from.is_none());
    }
}
