//! What agents and supervisors do at their desks beside answering.

use std::time::Duration;

use hub::{
    Input,
    input::{Actor, Asker, Wish},
};
use ws::{
    agent::{Channel, Presence},
    id::{AgentId, InteractionId},
    supervision::Supervise,
    transfer::HandOverTo,
};

use super::Town;

impl Town {
    pub(super) fn tidy_up(&mut self) {
        let held: Vec<_> = self
            .fold
            .interactions()
            .filter_map(|found| Some((found.id, found.assignment.as_ref()?.agent.clone())))
            .collect();
        let Some((interaction, agent)) = self.dice.pick(&held).cloned() else {
            return;
        };
        self.extend_any();
        self.oversee_any();
        let re = self.asker();
        let input = match self.dice.below(12) {
            0..=2 => Input::Park {
                agent,
                interaction,
                re,
            },
            3..=4 => Input::Unpark {
                agent,
                interaction,
                re,
            },
            5..=6 => Input::ExtendWrapUp {
                agent,
                interaction,
                by: Duration::from_secs(self.dice.below(300) as u64),
                re,
            },
            7..=9 => self.hand_over(agent, interaction, re),
            10 => Input::Note {
                agent,
                interaction,
                text: "called twice already".to_owned(),
                re,
            },
            _ => self.command_presence(agent, re),
        };
        self.tell(input);
    }

    // A wrap-up is short, and seldom met by chance.
    fn extend_any(&mut self) {
        let wrapping = self.fold.interactions().find_map(|found| {
            let stay = found.assignment.as_ref()?;
            stay.wrap_up?;
            Some((found.id, stay.agent.clone()))
        });
        if let Some((interaction, agent)) = wrapping {
            let (by, re) = (Duration::from_secs(30), self.asker());
            self.tell(Input::ExtendWrapUp {
                agent,
                interaction,
                by,
                re,
            });
        }
    }

    // A supervisor in a chat that somebody has, or else waits: who reads it along does something there, too.
    fn oversee_any(&mut self) {
        let chats = || self.fold.interactions().filter(|found| found.chat);
        let served: Vec<_> = chats().filter(|found| found.assignment.is_some()).collect();
        let all: Vec<_> = chats().collect();
        let from = if served.is_empty() { &all } else { &served };
        let Some(found) = self.dice.pick(from) else {
            return;
        };
        let interaction = found.id;
        let there = found.room.watchers.first().map(|one| one.agent.clone());
        let bosses = self.setup.agents.iter();
        let bosses: Vec<_> = bosses
            .filter(|(_, setup)| setup.supervisor)
            .map(|(agent, _)| agent.clone())
            .collect();
        let boss = match there {
            Some(there) => there,
            None => match self.dice.pick(&bosses) {
                Some(boss) => boss.clone(),
                None => self.agent(),
            },
        };
        let act = match self.dice.below(6) {
            0 => Supervise::Stop,
            1 | 2 => Supervise::Barge,
            3 | 4 => Supervise::TakeOver,
            _ => Supervise::Whisper,
        };
        self.oversee(interaction, &boss, Supervise::Listen);
        if self.dice.chance(30) {
            let (by, re) = (Actor::Agent(boss.clone()), self.asker());
            let text = "offer a refund".to_owned();
            self.tell(Input::InCall {
                interaction,
                by,
                wish: Wish::Whisper { text },
                re,
            });
        }
        self.oversee(interaction, &boss, act);
    }

    fn oversee(&mut self, interaction: InteractionId, boss: &AgentId, act: Supervise) {
        let channel = Channel::Chat;
        let (by, re) = (Actor::Agent(boss.clone()), self.asker());
        self.tell(Input::InCall {
            interaction,
            by,
            wish: Wish::Supervise { act, channel },
            re,
        });
    }

    fn hand_over(&mut self, agent: AgentId, interaction: InteractionId, re: Asker) -> Input {
        let to = match self.dice.chance(50) {
            true => HandOverTo::Agent(self.agent()),
            false => {
                let queues: Vec<_> = self.setup.queues.keys().cloned().collect();
                let queue = self.dice.pick(&queues).expect("at least one").clone();
                HandOverTo::Queue(queue)
            }
        };
        let note = self.dice.chance(50).then(|| "wants a refund".to_owned());
        Input::HandOver {
            agent,
            interaction,
            to,
            note,
            re,
        }
    }

    fn command_presence(&mut self, agent: AgentId, re: Asker) -> Input {
        let by = match self.dice.chance(50) {
            true => Actor::TANDEM,
            false => Actor::Agent(self.agent()),
        };
        let presence = match self.dice.chance(50) {
            true => Presence::Ready,
            false => Presence::Away {
                reason: "lunch".into(),
            },
        };
        Input::SetPresenceOf {
            agent,
            presence,
            by,
            re,
        }
    }
}
