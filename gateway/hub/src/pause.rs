//! Chats that rest while their agent is in a call with somebody else, where that is how the house has it.

use ws::id::{AgentId, InteractionId};

use crate::{event::Event, hub::Hub, interaction::Interaction, setup::ChatsDuringCall};

impl Hub {
    /// Lets a chat rest, or go on; tells whether it did.
    pub(crate) fn settle_pause(&mut self, id: InteractionId) -> bool {
        let Some(found) = self.state.interaction(id) else {
            return false;
        };
        let Some(stay) = &found.assignment else {
            return false;
        };
        let rests = self.rests(found);
        if stay.paused == rests {
            return false;
        }
        let (assignment, agent) = (stay.id, stay.agent.clone());
        let event = match rests {
            true => Event::ChatPaused { assignment, agent },
            false => Event::ChatResumed { assignment, agent },
        };
        self.tell(Some(id), event);
        true
    }

    // A chat that is parked rests already, and one whose customer is on the phone with the agent does not.
    fn rests(&self, found: &Interaction) -> bool {
        let stay = found.assignment.as_ref();
        let stay = stay.filter(|s| s.chat && s.parked.is_none() && s.wrap_up.is_none());
        let Some(stay) = stay.filter(|stay| found.writes() && self.pauses(&stay.agent)) else {
            return false;
        };
        let Some(known) = self.state.agents().get(&stay.agent) else {
            return false;
        };
        known
            .calls
            .iter()
            .filter(|call| **call != found.id)
            .any(|call| {
                let call = self.state.interaction(*call);
                let other = call.and_then(|call| call.assignment.as_ref());
                let speaks = other.is_some_and(|other| {
                    other.agent == stay.agent && other.voice && other.wrap_up.is_none()
                });
                // Who is asked by a colleague is on the phone too.
                speaks
                    || call.is_some_and(|call| call.on_the_line().any(|agent| *agent == stay.agent))
            })
    }

    fn pauses(&self, agent: &AgentId) -> bool {
        let setup = self.setup.agents.get(agent);
        setup.is_some_and(|setup| setup.chats_during_call == ChatsDuringCall::Pause)
    }

    /// Has it looked at chats whose agent begins or ends a call.
    pub(crate) fn touch_paused(&mut self, agent: &AgentId) {
        if self.pauses(agent)
            && let Some(known) = self.state.agents().get(agent)
        {
            self.touched.extend(known.chats.iter().copied());
        }
    }
}
