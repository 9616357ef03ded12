//! What the desk and its contacts become by what the server tells.

use super::{Agent, Known, Link};
use crate::{
    agent::{Change, Desk},
    client::{news::AgentNews, thread::Taken},
    id::{InteractionId, Seq},
    timeline::{Entry, What},
};

impl Agent {
    pub(super) fn handle_desk(&mut self, seq: Seq, desk: Desk) {
        let Link::Live { desk_epoch } = &self.link else {
            // Of a hello before the one that is open now.
            return;
        };
        let held = |interaction: &InteractionId| {
            desk.contacts.iter().any(|c| c.interaction == *interaction)
        };
        self.threads.retain(|interaction, _| held(interaction));
        self.desk = Some(Known {
            epoch: desk_epoch.clone(),
            seq,
            desk,
        });
        self.news.push_back(AgentNews::Desk);
    }

    pub(super) fn handle_change(&mut self, seq: Seq, change: Box<Change>) {
        let Some(known) = &mut self.desk else {
            return;
        };
        if seq <= known.seq {
            return;
        }
        if seq.0 > known.seq.0 + 1 {
            if self.is_live() {
                self.greet();
            }
            return;
        }
        known.seq = seq;
        known.desk.apply(&change);
        if let Change::Released { interaction, .. } = change.as_ref() {
            self.threads.remove(interaction);
        }
        self.news.push_back(AgentNews::Change(change));
    }

    pub(super) fn handle_entry(&mut self, interaction: InteractionId, entry: &Entry) {
        match self.threads.entry(interaction).or_default().take(entry) {
            Taken::Next => {
                self.news
                    .push_back(AgentNews::Entry(interaction, entry.clone()));
                if let What::Message { mid, .. } = &entry.what {
                    self.acknowledge(interaction, mid);
                }
            }
            Taken::Known => {}
            // What is missing is on its way when a hello is.
            Taken::Gap if self.is_live() => self.greet(),
            Taken::Gap => {}
        }
    }
}
