//! What each fact does to its interaction. Nothing is decided here: the same facts give the same interaction.

use std::collections::BTreeMap;

use ws::{
    agent::Channel,
    id::{AgentId, InteractionId, Seq, Timestamp},
    timeline::{Author, CallState, CallbackState},
};

use crate::{
    event::{CallbackEnd, Event, LegCause, OfferEnd, Party},
    interaction::{
        Assignment, Call, CallKind, Callback, Ending, Entry, Interaction, Offer, Tried, Writer,
    },
    leg::Leg,
    line::Key,
};

impl Interaction {
    // Begins an interaction from its first fact.
    pub(crate) fn open(id: InteractionId, at: Timestamp, event: &Event) -> Option<Self> {
        let Event::Opened {
            channel,
            queue,
            zone,
            page,
            customer,
            name,
        } = event
        else {
            return None;
        };
        Some(Self {
            id,
            opened: at,
            channel: *channel,
            queue: queue.clone(),
            zone: zone.clone(),
            page: page.clone(),
            customer: *customer,
            name: name.clone(),
            visitor: None,
            number: None,
            seq: Seq(0),
            legs: BTreeMap::new(),
            chat: false,
            heard: at,
            mids: BTreeMap::new(),
            entry: None,
            place: None,
            offer: None,
            tried: BTreeMap::new(),
            assignment: None,
            assignments: 0,
            served: None,
            call: None,
            shown: None,
            callbacks: BTreeMap::new(),
            disposition: None,
            ended: None,
        })
    }

    pub(crate) fn apply(&mut self, at: Timestamp, event: &Event) {
        match event {
            Event::LegStarted { .. }
            | Event::LegRinging { .. }
            | Event::LegAnswered { .. }
            | Event::LegFlowing { .. }
            | Event::LegEnded { .. }
            | Event::OneWayAudio { .. } => self.apply_leg(at, event),
            Event::Queued { .. }
            | Event::Dequeued { .. }
            | Event::Offered { .. }
            | Event::OfferEnded { .. }
            | Event::Assigned { .. }
            | Event::WrapUpStarted { .. }
            | Event::AssignmentEnded { .. } => self.apply_work(at, event),
            Event::Bridged { .. }
            | Event::CallEnded { .. }
            | Event::EscalationStarted { .. }
            | Event::EscalationFailed { .. } => self.apply_call(at, event),
            Event::CallbackPromised { .. }
            | Event::CallbackAttempted { .. }
            | Event::CallbackAttemptFailed { .. }
            | Event::CallbackEnded { .. } => self.apply_callback(at, event),
            Event::Said { from, mid, .. } => {
                if *from == Author::Customer {
                    self.heard = at;
                }
                self.mids
                    .insert(mid.clone(), (self.seq, Writer::from(from)));
            }
            Event::Ended { by, reason } => {
                self.ended = Some(Ending {
                    at,
                    by: by.clone(),
                    reason: reason.clone(),
                });
                self.chat = false;
            }
            Event::CustomerKnown { name, .. } => {
                if name.is_some() {
                    self.name.clone_from(name);
                }
            }
            // Kept by the record, or not about an interaction's state.
            Event::Opened { .. }
            | Event::ExternalId { .. }
            | Event::Sealed { .. }
            | Event::PresenceSet { .. }
            | Event::PhoneRegistered { .. }
            | Event::PhoneGone { .. }
            | Event::Mended { .. }
            | Event::Started => {}
        }
    }

    fn apply_leg(&mut self, at: Timestamp, event: &Event) {
        if let Event::LegStarted {
            leg,
            party,
            cause,
            parent,
        } = event
        {
            match party {
                Party::CustomerChat { visitor } => {
                    self.visitor = Some(*visitor);
                    self.chat = true;
                }
                Party::CustomerPhone { number, .. } => {
                    if number.is_some() {
                        self.number.clone_from(number);
                    }
                    if *cause == LegCause::Inbound {
                        self.shown = Some((*leg, CallState::Ringing));
                        self.call = Some(Call {
                            kind: CallKind::Inbound,
                            customer: *leg,
                            agent: None,
                            bridged: None,
                        });
                    }
                }
                Party::AgentPhone { .. } => {
                    if let Some(call) = &mut self.call {
                        call.agent = Some(*leg);
                    }
                }
                Party::AgentChat { .. } => {}
            }
            let new = Leg::new(party.clone(), *cause, *parent, at);
            self.legs.insert(leg.n, new);
            return;
        }
        let (Event::LegRinging { leg }
        | Event::LegAnswered { leg }
        | Event::LegFlowing { leg }
        | Event::LegEnded { leg, .. }
        | Event::OneWayAudio { leg }) = event
        else {
            return;
        };
        let Some(found) = self.legs.get_mut(&leg.n) else {
            return;
        };
        match event {
            Event::LegRinging { .. } => found.ring(),
            Event::LegAnswered { .. } => found.answer(at),
            Event::LegFlowing { .. } => found.flowing = Some(at),
            Event::LegEnded { cause, .. } => found.end(at, cause.clone()),
            _ => found.silent = true,
        }
        let customer_rings = matches!(event, Event::LegRinging { .. }) && found.is_customer();
        if customer_rings && self.call.as_ref().is_some_and(|call| call.customer == *leg) {
            self.shown = Some((*leg, CallState::Ringing));
        }
        if let (Event::LegEnded { .. }, Some(call)) = (event, &mut self.call)
            && call.agent == Some(*leg)
        {
            call.agent = None;
        }
    }

    fn apply_work(&mut self, at: Timestamp, event: &Event) {
        match event {
            Event::Queued {
                channel,
                queue,
                priority,
                since,
                callback,
                familiar,
            } => {
                self.place = Some(*since);
                self.entry = Some(Entry {
                    channel: *channel,
                    queue: queue.clone(),
                    key: Key::new(*priority, *since, self.id),
                    entered: at,
                    callback: *callback,
                    familiar: familiar.clone(),
                });
            }
            Event::Dequeued { .. } => self.entry = None,
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
                    why: route.why.clone(),
                });
            }
            Event::OfferEnded { agent, end, .. } => {
                self.offer = None;
                self.try_agent(agent, *end, at);
                if *end == OfferEnd::PhoneFailed {
                    self.lose_phone();
                }
            }
            Event::Assigned { .. } => self.assign(at, event),
            Event::WrapUpStarted { until, .. } => {
                if let Some(stay) = &mut self.assignment {
                    stay.wrap_up = Some(*until);
                }
            }
            Event::AssignmentEnded { disposition, .. } => {
                self.assignment = None;
                if disposition.is_some() {
                    self.disposition.clone_from(disposition);
                }
            }
            _ => {}
        }
    }

    // The caller waits again; an agent who has the chat keeps it, but not the voice slot.
    fn lose_phone(&mut self) {
        if let Some(call) = &mut self.call {
            call.agent = None;
        }
        if let Some(stay) = &mut self.assignment
            && self.chat
        {
            stay.voice = false;
        }
    }

    fn try_agent(&mut self, agent: &AgentId, end: OfferEnd, at: Timestamp) {
        let refused = match end {
            OfferEnd::Declined | OfferEnd::PhoneFailed => true,
            OfferEnd::Expired => false,
            OfferEnd::AgentGone | OfferEnd::CustomerGone | OfferEnd::Withdrawn => return,
        };
        self.tried.insert(agent.clone(), Tried { at, refused });
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
        self.offer = None;
        self.served = Some(agent.clone());
        self.assignments = self.assignments.max(assignment.n);
        let (chat, voice) = match channel {
            Channel::Chat => (true, false),
            Channel::Voice => (false, true),
        };
        if chat {
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
                    wrap_up: None,
                });
            }
        }
    }

    fn apply_call(&mut self, at: Timestamp, event: &Event) {
        match event {
            Event::EscalationStarted {
                number,
                customer_leg,
                agent_leg,
                ..
            } => {
                self.number = Some(number.clone());
                self.reserve(Call {
                    kind: CallKind::Escalation,
                    customer: *customer_leg,
                    agent: Some(*agent_leg),
                    bridged: None,
                });
                let number = number.clone();
                self.shown = Some((*customer_leg, CallState::Dialling { number }));
            }
            Event::Bridged { .. } => {
                self.tried.clear();
                if let Some(call) = &mut self.call {
                    call.bridged = Some(at);
                    self.shown = Some((call.customer, CallState::Connected));
                }
            }
            Event::CallEnded { cause, .. } => {
                let reason = cause.text.clone();
                self.end_call(CallState::Ended { reason });
            }
            Event::EscalationFailed { cause } => {
                let reason = cause.text.clone();
                self.end_call(CallState::Failed { reason });
            }
            _ => {}
        }
    }

    fn reserve(&mut self, call: Call) {
        self.call = Some(call);
        if let Some(stay) = &mut self.assignment {
            stay.voice = true;
        }
    }

    // Where the chat goes on, the voice slot is free again; else it is kept through the wrap-up.
    fn end_call(&mut self, state: CallState) {
        if let Some(call) = self.call.take() {
            self.shown = Some((call.customer, state));
        }
        if let Some(stay) = &mut self.assignment
            && self.chat
        {
            stay.voice = false;
        }
    }

    fn apply_callback(&mut self, at: Timestamp, event: &Event) {
        match event {
            Event::CallbackPromised {
                callback,
                number,
                due,
                by,
            } => {
                self.number = Some(number.clone());
                let promise = Callback {
                    number: number.clone(),
                    due: *due,
                    by: by.clone(),
                    attempts: 0,
                    state: CallbackState::Promised { due: *due },
                };
                self.callbacks.insert(callback.n, promise);
            }
            Event::CallbackAttempted {
                callback,
                attempt,
                customer_leg,
                agent_leg,
                ..
            } => {
                if let Some(found) = self.callbacks.get_mut(&callback.n) {
                    found.attempts = *attempt;
                    found.state = CallbackState::Dialling;
                    let number = found.number.clone();
                    self.shown = Some((*customer_leg, CallState::Dialling { number }));
                }
                self.reserve(Call {
                    kind: CallKind::Callback(*callback),
                    customer: *customer_leg,
                    agent: Some(*agent_leg),
                    bridged: None,
                });
            }
            Event::CallbackAttemptFailed {
                callback,
                cause,
                due,
                ..
            } => {
                let reason = cause.text.clone();
                self.end_call(CallState::Failed {
                    reason: reason.clone(),
                });
                if let Some(found) = self.callbacks.get_mut(&callback.n) {
                    let due = due.unwrap_or(at);
                    found.due = due;
                    found.state = CallbackState::Retrying { reason, due };
                }
            }
            Event::CallbackEnded { callback, end } => {
                let broken_off = self.call.as_ref().is_some_and(|call| {
                    call.kind == CallKind::Callback(*callback) && call.bridged.is_none()
                });
                if broken_off {
                    let reason = end.words().to_owned();
                    self.end_call(CallState::Failed { reason });
                }
                if let Some(found) = self.callbacks.get_mut(&callback.n) {
                    found.state = match end {
                        CallbackEnd::Reached => CallbackState::Done,
                        CallbackEnd::CalledIn
                        | CallbackEnd::Cancelled { .. }
                        | CallbackEnd::GivenUp
                        | CallbackEnd::Suppressed => CallbackState::Ended {
                            reason: end.words().to_owned(),
                        },
                    };
                }
            }
            _ => {}
        }
    }
}
