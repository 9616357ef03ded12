//! What agents do about colleagues in a chat of theirs, in any order and also where it makes no sense.

use hub::{
    Input,
    input::{Actor, Wish},
};
use ws::{
    id::{AgentId, InteractionId},
    transfer::HandOverTo,
};

use super::Town;

impl Town {
    pub(super) fn keep_company(&mut self) {
        std::mem::swap(&mut self.dice, &mut self.pages);
        if self.dice.chance(12) {
            self.ask_in();
        }
        if self.dice.chance(30) {
            self.come_in_or_not();
        }
        if self.dice.chance(6) {
            self.leave_or_say();
        }
        std::mem::swap(&mut self.dice, &mut self.pages);
    }

    fn ask_in(&mut self) {
        let held: Vec<_> = self
            .fold
            .interactions()
            .filter(|found| found.chat)
            .filter_map(|found| Some((found.id, found.assignment.as_ref()?.agent.clone())))
            .collect();
        let Some((interaction, by)) = self.dice.pick(&held).cloned() else {
            return;
        };
        let note = self.dice.chance(50).then(|| "speaks French".to_owned());
        let agent = self.agent();
        self.wish_in(interaction, by, Wish::Invite { agent, note });
    }

    fn come_in_or_not(&mut self) {
        let asked: Vec<_> = self
            .fold
            .interactions()
            .flat_map(|found| {
                let invited = found.room.invited.iter();
                invited.map(|one| (found.id, one.agent.clone()))
            })
            .collect();
        let Some((interaction, agent)) = self.dice.pick(&asked).cloned() else {
            return;
        };
        if self.dice.chance(20) {
            return self.withdraw(interaction, agent);
        }
        let re = self.asker();
        let input = match self.dice.chance(75) {
            true => Input::Accept {
                agent,
                interaction,
                re,
            },
            false => Input::Decline {
                agent,
                interaction,
                re,
            },
        };
        self.tell(input);
    }

    // By whoever has the chat, or by somebody who has not.
    fn withdraw(&mut self, interaction: InteractionId, agent: AgentId) {
        let found = self.fold.interaction(interaction);
        let owner = found.and_then(|found| Some(found.assignment.as_ref()?.agent.clone()));
        let anybody = self.agent();
        let owner = owner.filter(|_| self.dice.chance(75));
        self.wish_in(
            interaction,
            owner.unwrap_or(anybody),
            Wish::Withdraw { agent },
        );
    }

    fn leave_or_say(&mut self) {
        let there: Vec<_> = self
            .fold
            .interactions()
            .flat_map(|found| {
                let members = found.room.members.iter();
                let stay = found.assignment.as_ref().map(|stay| stay.agent.clone());
                members.map(move |one| (found.id, one.agent.clone(), stay.clone()))
            })
            .collect();
        let Some((interaction, member, owner)) = self.dice.pick(&there).cloned() else {
            return;
        };
        match (self.dice.below(6), owner) {
            (0, _) => self.wish_in(interaction, member, Wish::Leave),
            (1, Some(owner)) => self.wish_in(interaction, owner, Wish::Leave),
            (2, Some(agent)) => {
                let (to, re) = (HandOverTo::Agent(member), self.asker());
                self.tell(Input::HandOver {
                    agent,
                    interaction,
                    to,
                    note: None,
                    re,
                });
            }
            (_, _) => {
                let (mid, re) = (self.mid(), self.asker());
                self.tell(Input::Say {
                    interaction,
                    by: Actor::Agent(member),
                    mid,
                    text: "I can help".into(),
                    re,
                });
            }
        }
    }

    fn wish_in(&mut self, interaction: InteractionId, by: AgentId, wish: Wish) {
        let (by, re) = (Actor::Agent(by), self.asker());
        self.tell(Input::InCall {
            interaction,
            by,
            wish,
            re,
        });
    }
}
