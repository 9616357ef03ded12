//! What facts about an agent's stay do after it began.

use ws::id::Timestamp;

use crate::{event::Event, interaction::Interaction};

impl Interaction {
    pub(super) fn apply_stay(&mut self, at: Timestamp, event: &Event) {
        let Some(stay) = &mut self.assignment else {
            return;
        };
        match event {
            Event::WrapUpStarted { until, .. } => {
                stay.wrap_up = Some(*until);
                stay.wrapped = Some(at);
            }
            Event::WrapUpExtended { until, .. } => stay.wrap_up = Some(*until),
            Event::ChatPaused { .. } => stay.paused = true,
            Event::ChatResumed { .. } => {
                stay.paused = false;
                stay.resumed = at;
                stay.taken_up = at;
            }
            Event::Parked { .. } => {
                stay.parked = Some(at);
                stay.stirred = false;
            }
            Event::Unparked { .. } => {
                stay.parked = None;
                stay.stirred = false;
                stay.taken_up = at;
            }
            Event::AssignmentEnded {
                disposition,
                solved,
                ..
            } => self.end_stay(disposition.as_ref(), *solved),
            _ => {}
        }
    }

    fn end_stay(&mut self, disposition: Option<&String>, solved: Option<bool>) {
        self.assignment = None;
        self.solved = solved.or(self.solved);
        if disposition.is_some() {
            self.disposition = disposition.cloned();
        }
    }
}
