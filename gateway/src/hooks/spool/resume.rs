//! A receiver that is left alone, for a while or for good, and is to be written to again.

use ws::id::Timestamp;

use super::{Lane, Spool};

impl Spool {
    /// Goes on at once, after the receiver had wanted no letters, for a while or at all.
    pub fn handle_resume(&mut self, now: Timestamp) {
        (self.gone_at, self.rests_until, self.rests) = (None, None, 0);
        self.failing.clear();
        self.changed = true;
        let lanes: Vec<Lane> = self.lines.keys().cloned().collect();
        for lane in lanes {
            self.hasten(&lane, now);
        }
    }

    // What failed waits for as long as the receiver asked; that is over.
    fn hasten(&mut self, lane: &Lane, now: Timestamp) {
        self.unready(lane);
        let line = self.lines.get_mut(lane);
        let letters = line.map(|line| &mut line.letters).into_iter().flatten();
        let late = letters.filter(|(_, letter)| letter.due > now);
        let rows: Vec<i64> = late
            .map(|(row, letter)| {
                letter.due = now;
                *row
            })
            .collect();
        for row in rows {
            self.put_down(lane, row, now);
        }
        self.make_ready(lane);
    }

    /// Tells whether the receiver is left alone for now, or for good.
    pub fn is_left_alone(&self) -> bool {
        self.is_gone() || self.rests_until.is_some()
    }
}
