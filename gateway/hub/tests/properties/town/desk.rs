//! What agents and supervisors do at their desks beside answering.

use std::time::Duration;

use hub::{Input, input::Actor};
use ws::agent::Presence;

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
        let re = self.asker();
        let input = match self.dice.below(8) {
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

    fn command_presence(&mut self, agent: ws::id::AgentId, re: hub::input::Asker) -> Input {
        let by = match self.dice.chance(50) {
            true => Actor::Api,
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
