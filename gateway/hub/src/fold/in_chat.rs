//! What steps of supervisors within a running chat do.

use ws::{agent::Note, id::Timestamp};

use crate::{
    event::InChat,
    interaction::{Interaction, Room, Watcher, Whisper},
};

impl Interaction {
    pub(super) fn apply_in_chat(&mut self, at: Timestamp, step: &InChat) {
        let Room { watchers, whispers } = &mut self.room;
        match step {
            InChat::SupervisionStarted { agent, leg, how } => watchers.push(Watcher {
                agent: agent.clone(),
                leg: *leg,
                how: *how,
                joined: true,
            }),
            InChat::Supervised { leg, how } => {
                for watcher in watchers.iter_mut().filter(|one| one.leg == *leg) {
                    watcher.how = *how;
                }
            }
            InChat::SupervisionEnded { leg, .. } => watchers.retain(|one| one.leg != *leg),
            InChat::Whispered { by, to, text } => whispers.push(Whisper {
                to: to.clone(),
                note: Note {
                    at,
                    by: by.clone(),
                    text: text.clone(),
                },
            }),
            // Told beside what changes; the stay that ends and the one that begins are facts of their own.
            InChat::Joined { .. } | InChat::Left { .. } | InChat::TakenOver { .. } => {}
        }
    }
}
