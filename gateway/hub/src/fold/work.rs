//! What facts about waiting, offers and stays do.

use ws::{
    agent::Channel,
    id::{AgentId, Timestamp},
};

use crate::{
    event::{Event, OfferEnd},
    interaction::{Assignment, Entry, Interaction, Offer, Tried, Vain},
    line::Key,
    own::Own,
    policy::{Instead, Rule},
    voicemail::Voicemail,
};

impl Interaction {
    #[allow(clippy::too_many_lines, reason = "one arm a kind of fact")]
    pub(super) fn apply_work(&mut self, at: Timestamp, event: &Event) {
        match event {
            Event::Queued {
                channel,
                queue,
                priority,
                since,
                callback,
                familiar,
                kept_until,
                skills,
                quiet,
            } => {
                if let (Some(agent), Some(until)) = (familiar, *kept_until) {
                    let agent = agent.clone();
                    self.own = Some(Own { agent, until });
                }
                let key = Key::new(priority, *since, (self.came, self.id));
                self.place = Some(*since);
                if callback.is_none() {
                    self.begin_wait(at, *channel, queue);
                }
                self.been.entry(queue.clone()).or_insert(at);
                self.entry = Some(Entry {
                    channel: *channel,
                    queue: queue.clone(),
                    key: if *quiet { key.behind_all() } else { key },
                    priority: *priority,
                    entered: at,
                    callback: *callback,
                    familiar: familiar.clone(),
                    kept_until: *kept_until,
                    skills: skills.clone(),
                });
            }
            Event::Dequeued { .. } => self.entry = None,
            Event::WaitPromised { told, .. } => self.promise_wait(*told),
            Event::WaitEnded { .. } => self.wait = None,
            Event::Diverted { .. } => self.divert(at, event),
            Event::Offered {
                agent,
                channel,
                deadline,
                route,
            } => {
                self.offer = Some(Offer {
                    agent: agent.clone(),
                    channel: *channel,
                    made: at,
                    deadline: *deadline,
                    why: route.why,
                });
            }
            Event::OfferEnded { agent, end, .. } => {
                self.offer = None;
                self.try_agent(agent, *end, at);
                if matches!(end, OfferEnd::PhoneFailed | OfferEnd::Interrupted) {
                    self.lose_phone();
                }
            }
            Event::Assigned { .. } => self.assign(at, event),
            _ => {}
        }
    }

    /// An agent has them. Should they wait anew, they may be late, or alone, anew.
    pub(super) fn meet(&mut self) {
        self.met = true;
        if let Some(stay) = &mut self.assignment {
            stay.met = true;
            self.served = Some(stay.agent.clone());
        }
        self.ruled.retain(|(_, rule)| match rule {
            Rule::Late | Rule::Unstaffed => false,
            Rule::Closed | Rule::Full | Rule::Slow => true,
        });
    }

    fn divert(&mut self, at: Timestamp, event: &Event) {
        let Event::Diverted {
            channel,
            queue,
            rule,
            to,
            keeps,
            ..
        } = event
        else {
            return;
        };
        self.ruled.insert((queue.clone(), *rule));
        match (to, channel) {
            (Instead::Queue { queue }, _) => {
                self.queue = queue.clone();
                if !keeps {
                    self.place = None;
                }
            }
            (Instead::Message, Channel::Chat) => self.message = Some(at),
            (Instead::Message, Channel::Voice) | (Instead::Busy, _) => self.turned = Some(*rule),
            (Instead::Voicemail, _) => self.leave_voicemail(),
            (Instead::Callback, _) => self.offered_back = Some(*rule),
            (Instead::Wait, _) => {}
        }
    }

    /// Lets the caller of a call leave a message.
    pub(super) fn leave_voicemail(&mut self) {
        let leg = self.call.as_ref().map(|call| call.customer);
        let before = self.voicemail.take();
        self.voicemail = leg.map(|leg| Voicemail::of(leg, before));
    }

    // The caller waits again; an agent who has the chat keeps it, but not the voice slot.
    fn lose_phone(&mut self) {
        if let Some(call) = &mut self.call {
            call.agent = None;
        }
        if let Some(stay) = &mut self.assignment
            && self.chat
            && stay.chat
        {
            stay.voice = false;
        }
    }

    fn try_agent(&mut self, agent: &AgentId, end: OfferEnd, at: Timestamp) {
        let how = match end {
            OfferEnd::Declined | OfferEnd::PhoneFailed => Vain::Refused,
            OfferEnd::Interrupted => Vain::NotCalled,
            OfferEnd::Expired => Vain::Silent,
            OfferEnd::AgentGone | OfferEnd::CustomerGone | OfferEnd::Withdrawn => return,
        };
        self.tried.insert(agent.clone(), Tried { at, how });
    }

    fn assign(&mut self, at: Timestamp, event: &Event) {
        let Event::Assigned {
            assignment,
            agent,
            name,
            channel,
            ..
        } = event
        else {
            return;
        };
        (self.offer, self.own) = (None, None);
        self.assignments = self.assignments.max(assignment.n);
        let (chat, voice) = match channel {
            Channel::Chat => (true, false),
            Channel::Voice => (false, true),
        };
        if chat {
            self.handed = None;
            self.tried.clear();
        }
        match &mut self.assignment {
            // The agent of an open chat took its call as well.
            Some(stay) if stay.id == *assignment => {
                stay.chat |= chat;
                stay.voice |= voice;
            }
            Some(_) | None => {
                self.assignment = Some(Assignment {
                    id: *assignment,
                    agent: agent.clone(),
                    name: name.clone(),
                    since: at,
                    chat,
                    voice,
                    paused: false,
                    resumed: at,
                    parked: None,
                    stirred: false,
                    taken_up: at,
                    wrap_up: None,
                    wrapped: None,
                    met: false,
                });
            }
        }
        // Who is given a call that goes on is in it.
        let call = self.call.as_ref();
        if chat || call.is_some_and(|call| call.bridged.is_some()) {
            self.meet();
        }
    }
}
