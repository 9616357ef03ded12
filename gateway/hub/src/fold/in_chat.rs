//! What steps of supervisors and colleagues within a running chat do.

use ws::{agent::Note, id::Timestamp, timeline::Author};

use crate::{
    event::InChat,
    interaction::{Interaction, Invited, Member, Room, Watcher, Whisper},
};

impl Interaction {
    pub(super) fn apply_in_chat(&mut self, at: Timestamp, step: &InChat) {
        let Room {
            watchers,
            whispers,
            members,
            invited,
        } = &mut self.room;
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
            InChat::Invited {
                agent,
                by,
                deadline,
                note,
            } => {
                if let Author::Agent { agent: by, .. } = by {
                    invited.push(Invited {
                        agent: agent.clone(),
                        by: by.clone(),
                        made: at,
                        deadline: *deadline,
                    });
                }
                if let Some(text) = note {
                    self.note_down(at, by.clone(), text);
                }
            }
            InChat::InvitationEnded { agent, .. } => invited.retain(|one| one.agent != *agent),
            InChat::MemberStarted { agent, name, leg } => {
                invited.retain(|one| one.agent != *agent);
                members.push(Member {
                    agent: agent.clone(),
                    name: name.clone(),
                    leg: *leg,
                    since: at,
                });
            }
            InChat::MemberEnded { leg, .. } => members.retain(|one| one.leg != *leg),
            // Told beside what changes; the stay that ends and the one that begins are facts of their own.
            InChat::Joined { .. } | InChat::Left { .. } | InChat::TakenOver { .. } => {}
        }
    }
}
