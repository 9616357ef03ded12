//! What facts about notes and chats that are handed over do.

use ws::{
    agent::Note,
    id::{AgentId, QueueId, Timestamp},
    timeline::Author,
    transfer::HandOverTo,
};

use crate::{
    event::Event,
    interaction::{Handed, Interaction, Tried, Vain},
};

impl Interaction {
    pub(super) fn apply_handing(&mut self, at: Timestamp, event: &Event) {
        match event {
            Event::Noted { by, text } => self.note_down(at, by.clone(), text),
            Event::HandedOver {
                agent,
                name,
                to,
                note,
                ..
            } => {
                if let Some(text) = note {
                    self.note_from(at, agent, Some(name), text);
                }
                self.tried.clear();
                // Whoever gave it away is not waited for, although an earlier contact did.
                self.own = None;
                match to {
                    HandOverTo::Agent(to) => {
                        self.handed = Some(Handed {
                            from: agent.clone(),
                            to: to.clone(),
                        });
                    }
                    HandOverTo::Queue(queue) => self.send_to(queue, agent, at),
                }
            }
            _ => {}
        }
    }

    // Its old place counts there, and who handed it over comes last.
    fn send_to(&mut self, queue: &QueueId, from: &AgentId, at: Timestamp) {
        self.queue = queue.clone();
        self.been.entry(queue.clone()).or_insert(at);
        self.handed = None;
        self.tried.insert(
            from.clone(),
            Tried {
                at,
                how: Vain::Refused,
            },
        );
    }

    /// Notes what an agent gives along; facts of older versions do not have the agent's name.
    pub(super) fn note_from(
        &mut self,
        at: Timestamp,
        agent: &AgentId,
        name: Option<&str>,
        text: &str,
    ) {
        let by = Author::Agent {
            agent: agent.clone(),
            name: name.map_or_else(|| agent.to_string(), str::to_owned),
        };
        self.note_down(at, by, text);
    }

    /// Notes what somebody wrote for colleagues.
    pub(super) fn note_down(&mut self, at: Timestamp, by: Author, text: &str) {
        let text = text.to_owned();
        self.notes.push(Note { at, by, text });
    }
}
