//! Calls: how one arrives, what its legs report, and what the waiting caller is told.

mod release;

use ws::{
    agent::Channel,
    frame::{Code, Refusal},
    id::{AgentId, CallbackId, CustomerId, InteractionId, LegId, MenuId, QueueId},
    timeline::Author,
};

use crate::{
    aside::Heard,
    awaited::Awaited,
    command::Command,
    early::Early,
    event::{Event, InCall, LegCause, OfferEnd, Party},
    hub::Hub,
    input::{Actor, Arrival, Cause, CauseKind, Done, Peer, refuse},
    interaction::{Call, CallKind, Interaction},
    settle::cause,
};

/// Whose leg of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Customer,
    Agent,
    /// Somebody an agent asks while the customer hears music.
    Consulted,
    /// A new leg that is to take the place of one of these.
    Replacement,
    /// Somebody who was taken into the conversation.
    Guest,
    /// A supervisor.
    Supervisor,
}

/// Where an arrived call goes.
enum Destination {
    Join(InteractionId),
    /// To a queue, with a promise that was made elsewhere.
    Promised {
        queue: QueueId,
        callback: CallbackId,
    },
    New {
        queue: QueueId,
        wanted: Option<AgentId>,
    },
    Menu {
        menu: MenuId,
        queue: QueueId,
    },
}

impl Hub {
    pub(crate) fn call_arrived(&mut self, arrival: Arrival) {
        if let Some(old) = arrival.replaces {
            return self.replace(old, arrival);
        }
        if let Peer::Browser(who) = &arrival.peer {
            let who = who.clone();
            return self.browser_called(&who, arrival);
        }
        match self.destination(&arrival) {
            Ok(Destination::Join(id)) => self.join(id, arrival),
            Ok(Destination::Promised { queue, callback }) => {
                if !self.refuse_busy(&arrival, &queue) {
                    self.take_promised(arrival, queue, callback);
                }
            }
            Ok(Destination::New { queue, wanted }) => {
                if !self.refuse_busy(&arrival, &queue) {
                    self.take_call(arrival, queue, wanted);
                }
            }
            Ok(Destination::Menu { menu, queue }) => {
                let id = arrival.candidate;
                self.take_call(arrival, queue, None);
                self.begin_menu(id, menu);
            }
            Err((status, text)) => self.ask(Command::Refuse {
                call: arrival.call,
                status,
                text,
                retry_after: None,
            }),
        }
    }

    fn destination(&self, arrival: &Arrival) -> Result<Destination, (u16, String)> {
        if self.draining {
            return Err((503, "the server is shutting down".to_owned()));
        }
        // Who names what was merged means what it is part of, as long as that goes on.
        let links = self.state.links();
        let named = arrival.claims.iter();
        let mut named = named.flat_map(|id| [links.root(*id), *id]);
        let claimed = named.find(|id| self.joinable(*id));
        let awaited = claimed.map(Awaited::Here);
        match awaited.or_else(|| self.awaited(arrival)) {
            Some(Awaited::Here(id)) => return Ok(Destination::Join(id)),
            Some(Awaited::Apart { queue, callback }) => {
                return match self.admit_new(arrival.candidate, &queue) {
                    Ok(()) => Ok(Destination::Promised { queue, callback }),
                    Err(refusal) => Err((status(refusal.code), refusal.text)),
                };
            }
            None => {}
        }
        let name = &arrival.to;
        if let Some((menu, setup)) = self.menu_called(name) {
            return match self.admit_new(arrival.candidate, &setup.queue) {
                Ok(()) => Ok(Destination::Menu {
                    menu,
                    queue: setup.queue.clone(),
                }),
                Err(refusal) => Err((status(refusal.code), refusal.text)),
            };
        }
        let queue: Option<QueueId> = name.parse().ok();
        let agent = self.called_agent(name);
        let (queue, wanted) = match (queue.filter(|q| self.setup.queues.contains_key(q)), agent) {
            (Some(queue), _) => (queue, None),
            (None, Some(agent)) => match self.fallback_of(&agent) {
                Some(queue) => (queue, Some(agent)),
                None => return Err((480, format!("{name} takes no calls"))),
            },
            (None, None) => {
                let text = format!("there is no queue, no menu and no agent called `{name}`");
                return Err((404, text));
            }
        };
        match self.admit_new(arrival.candidate, &queue) {
            Ok(()) => Ok(Destination::New { queue, wanted }),
            Err(refusal) => Err((status(refusal.code), refusal.text)),
        }
    }

    // A call may join a contact that goes on and has no call.
    fn joinable(&self, id: InteractionId) -> bool {
        let found = self.state.interaction(id);
        found.is_some_and(|f| f.call.is_none() && f.ended.is_none() && self.can_answer(f))
    }

    // The agent of an open chat is the only one who may take its call: without a phone nobody ever would.
    pub(crate) fn can_answer(&self, found: &Interaction) -> bool {
        let stay = found.assignment.as_ref();
        stay.is_none_or(|stay| self.is_phone_reachable(&stay.agent))
    }

    pub(crate) fn take_call(&mut self, arrival: Arrival, queue: QueueId, wanted: Option<AgentId>) {
        let id = arrival.candidate;
        let number = arrival.from.clone();
        // Who withholds the number may be found by it, and it is not written down.
        let known = arrival.sought().and_then(|number| self.owner_of(number));
        let customer = known.unwrap_or_else(|| CustomerId::mint(&mut self.rng));
        let name = arrival.name.clone();
        self.tell(
            Some(id),
            Event::Opened {
                channel: Channel::Voice,
                queue,
                zone: None,
                page: None,
                referrer: None,
                customer,
                name: name.clone(),
                answers: Vec::new(),
            },
        );
        // What a phone shows does not replace a name the customer gave.
        let named = self.state.customers().get(customer);
        let name = name.filter(|_| named.is_none_or(|known| known.name.is_none()));
        self.know(id, customer, name, number);
        self.link_by_queue(id);
        if wanted.is_some() {
            self.asides.entry(id).or_default().wanted = wanted;
        }
        self.adopt(id, arrival);
    }

    pub(crate) fn adopt(&mut self, id: InteractionId, arrival: Arrival) {
        for (system, value) in arrival.external {
            let external = Event::ExternalId { system, id: value };
            self.tell(Some(id), external);
        }
        let number = arrival.from;
        let party = match arrival.peer {
            Peer::Trunk(trunk) => Party::CustomerPhone {
                number,
                trunk: Some(trunk),
            },
            Peer::Phone(_) => Party::CustomerPhone {
                number,
                trunk: None,
            },
            Peer::Browser(who) => Party::CustomerBrowser {
                visitor: who.visitor,
            },
        };
        let leg = self.begin_leg(id, party, LegCause::Inbound, None);
        let aside = self.asides.entry(id).or_default();
        aside.heard = Heard::Nothing;
        (aside.answered, aside.early) = (false, Early::Closed);
        aside.offered_back = false;
        aside.listening = None;
        if let Some(leg) = leg {
            let (call, shown) = (arrival.call, arrival.caller.shown);
            if !shown.is_plain() {
                let step = InCall::CallerShown { leg, shown };
                self.tell(Some(id), Event::InCall(step));
            }
            self.ask(Command::Adopt { call, leg });
        }
    }

    /// Dials the agent's phone for a waiting caller.
    pub(crate) fn dial_agent(&mut self, id: InteractionId, agent: &AgentId) {
        let found = self.state.interaction(id);
        let parent = found.and_then(|f| f.call.as_ref()).map(|c| c.customer);
        let party = self.phone_of(agent);
        if let Some(leg) = self.begin_leg(id, party, LegCause::Outbound, parent) {
            self.dial_phone(id, leg, agent);
        }
    }

    pub(crate) fn leg_ringing(&mut self, leg: LegId) {
        let found = self.state.interaction(leg.interaction);
        let news = found
            .and_then(|found| found.leg(leg))
            .is_some_and(|leg| leg.stage == crate::leg::Stage::Started && leg.is_dialled());
        if news {
            self.tell(Some(leg.interaction), Event::LegRinging { leg });
        }
    }

    pub(crate) fn leg_answered(&mut self, leg: LegId) {
        let found = self.state.interaction(leg.interaction);
        let news = found
            .and_then(|found| found.leg(leg))
            .is_some_and(|leg| leg.is_live() && leg.is_phone() && !leg.is_answered());
        if news {
            self.tell(Some(leg.interaction), Event::LegAnswered { leg });
        }
    }

    pub(crate) fn leg_flowing(&mut self, leg: LegId) {
        let found = self.state.interaction(leg.interaction);
        let news = found
            .and_then(|found| found.leg(leg))
            .is_some_and(|leg| leg.is_live() && leg.is_phone() && leg.flowing.is_none());
        if news {
            self.tell(Some(leg.interaction), Event::LegFlowing { leg });
        }
    }

    /// Takes a leg's end, told at whatever stage; only the first one counts.
    pub(crate) fn leg_ended(&mut self, leg: LegId, cause: Cause) {
        let id = leg.interaction;
        let found = self.state.interaction(id);
        if !found
            .and_then(|found| found.leg(leg))
            .is_some_and(|leg| leg.is_live() && leg.is_phone())
        {
            return;
        }
        if let Some(aside) = self.asides.get_mut(&id) {
            aside.releasing.retain(|(n, _)| *n != leg.n);
        }
        self.turns.remove(&leg);
        // What it meant for the call is found before the fact takes it out of the call.
        let part = self.part(leg);
        let ended = cause.clone();
        self.tell(Some(id), Event::LegEnded { leg, cause: ended });
        self.report_leg(leg);
        // Nothing is said any more to who is not there.
        self.stop_key_over(leg);
        self.leave_room(leg, &cause);
        if let Some((call, side)) = part {
            self.lost(leg, &call, side, &cause);
        }
        self.heed_network(leg, &cause);
    }

    /// Draws the consequences of a leg that will not come about any more, before its end is told.
    pub(crate) fn leg_lost(&mut self, leg: LegId, cause: &Cause) {
        if let Some((call, side)) = self.part(leg) {
            self.lost(leg, &call, side, cause);
        }
    }

    pub(crate) fn part(&self, leg: LegId) -> Option<(Call, Side)> {
        let call = self.state.interaction(leg.interaction)?.call.as_ref()?;
        let side = if call.customer == leg {
            Side::Customer
        } else if call.agent == Some(leg) {
            Side::Agent
        } else if call.consult.as_ref().is_some_and(|one| one.leg == leg) {
            Side::Consulted
        } else if call.replacement.is_some_and(|(_, new)| new == leg) {
            Side::Replacement
        } else if call.guests.iter().any(|guest| guest.leg == leg) {
            Side::Guest
        } else if call.watchers.iter().any(|watcher| watcher.leg == leg) {
            Side::Supervisor
        } else {
            return None;
        };
        Some((Call::clone(call), side))
    }

    fn lost(&mut self, leg: LegId, call: &Call, side: Side, cause: &Cause) {
        let id = leg.interaction;
        // The status is the lost leg's answer; the other one gave none.
        let released = Cause {
            kind: CauseKind::Normal,
            status: None,
            text: cause.text.clone(),
        };
        match (call.kind, call.bridged, side) {
            (_, _, Side::Consulted) => {
                self.release(leg, &released);
                self.consult_over(id, call, cause);
            }
            (_, _, Side::Replacement) => self.replacement_lost(call, cause),
            (_, _, Side::Guest) => self.guest_lost(leg, call, cause),
            (_, _, Side::Supervisor) => self.supervisor_lost(leg, call, cause),
            (_, Some(_), _) if self.left_early(leg, call) => {}
            (_, Some(_), Side::Agent) if self.hung_up_asking(id, leg, call) => {}
            (_, Some(_), Side::Agent) if self.left_conference(id, leg, call) => {}
            (_, Some(_), Side::Agent) if self.asks_caller(id, call) => {
                self.release_agent(call, &released);
                self.call_over(leg, side, cause);
                self.ask_caller(id, call.customer);
            }
            (_, Some(_), _) => {
                self.release_call(id, &released);
                self.call_over(leg, side, cause);
            }
            (CallKind::Inbound, None, Side::Customer) if self.left_early(leg, call) => {}
            (CallKind::Inbound, None, Side::Customer) => self.customer_gone(leg, call, cause),
            (CallKind::Inbound, None, Side::Agent) if self.hung_up_asking(id, leg, call) => {}
            (CallKind::Inbound, None, Side::Agent) => self.phone_failed(id, leg, cause),
            (CallKind::Escalation, None, _) => {
                self.release_call(id, &released);
                let cause = cause.clone();
                self.tell(Some(id), Event::EscalationFailed { cause });
            }
            (CallKind::Callback(callback), None, side) => {
                self.attempt_lost(leg, callback, cause, side == Side::Agent);
            }
        }
    }

    /// The customer of a call that waits is gone, and so is the call.
    pub(crate) fn customer_gone(&mut self, leg: LegId, call: &Call, cause: &Cause) {
        let id = leg.interaction;
        let released = Cause {
            kind: CauseKind::Normal,
            status: None,
            text: cause.text.clone(),
        };
        self.release_call(id, &released);
        self.call_over(leg, Side::Customer, cause);
        if call.bridged.is_none() {
            self.end_call_stay(id, "the caller gave up");
        }
    }

    // The call is over; without a chat so is the contact.
    fn call_over(&mut self, leg: LegId, side: Side, cause: &Cause) {
        let id = leg.interaction;
        let found = self.state.interaction(id);
        let agent = found
            .and_then(|found| found.assignment.as_ref())
            .map(|stay| stay.agent.clone());
        // What is left to be done is asked once the message is there.
        let goes_on = found.is_some_and(|found| found.chat || found.awaits_voicemail());
        self.tell(
            Some(id),
            Event::CallEnded {
                leg,
                cause: cause.clone(),
            },
        );
        if !goes_on {
            let meant = matches!(cause.kind, CauseKind::Normal | CauseKind::Cancelled);
            let by = match side {
                Side::Customer if meant => Author::Customer,
                Side::Agent if meant => {
                    agent.map_or(Author::System, |agent| self.agent_author(&agent))
                }
                Side::Customer
                | Side::Agent
                | Side::Consulted
                | Side::Replacement
                | Side::Guest
                | Side::Supervisor => Author::System,
            };
            self.ended(id, by, &cause.text);
        }
    }

    // Back to the queue, in the old place, to somebody else.
    pub(crate) fn phone_failed(&mut self, id: InteractionId, leg: LegId, cause: &Cause) {
        self.release(leg, cause);
        let found = self.state.interaction(id);
        let Some(stay) = found.and_then(|found| found.assignment.as_ref()) else {
            let cause = cause.clone();
            let step = InCall::TransferFailed { leg, cause };
            self.tell(Some(id), Event::InCall(step));
            return;
        };
        let agent = stay.agent.clone();
        let chat = found.is_some_and(|found| found.chat);
        // Where the house came between, the agent missed nothing.
        let end = match cause.kind == CauseKind::Interrupted {
            true => OfferEnd::Interrupted,
            false => OfferEnd::PhoneFailed,
        };
        if !chat {
            self.end_stay(id, None, None, end.words());
        }
        self.tell(
            Some(id),
            Event::OfferEnded {
                agent: agent.clone(),
                channel: Channel::Voice,
                end,
            },
        );
        self.check_misses(&agent);
    }

    pub(crate) fn hang_up(&mut self, id: InteractionId, by: &Actor) -> Result<Done, Refusal> {
        let found = self.scoped(id, by)?;
        let Some(call) = found.call.clone() else {
            return refuse(Code::Conflict, "there is no call in this interaction");
        };
        if call.consult.is_some() && matches!(by, Actor::Agent(_)) {
            return refuse(
                Code::Conflict,
                "you are asking somebody; complete the transfer, or take the customer back first",
            );
        }
        let side = match by {
            Actor::Agent(_) => Side::Agent,
            Actor::Visitor(_) | Actor::Customer(_) | Actor::House(_) => Side::Customer,
        };
        let leg = match side {
            Side::Agent => call.agent.unwrap_or(call.customer),
            Side::Customer
            | Side::Consulted
            | Side::Replacement
            | Side::Guest
            | Side::Supervisor => call.customer,
        };
        let kind = match call.bridged {
            Some(_) => CauseKind::Normal,
            None => CauseKind::Cancelled,
        };
        let text = match by {
            Actor::Agent(_) => "the agent hung up",
            Actor::Visitor(_) | Actor::Customer(_) => "the customer hung up",
            Actor::House(_) => "it was hung up from outside",
        };
        let cause = cause(kind, text);
        self.release(leg, &cause);
        let side = if leg == call.customer {
            Side::Customer
        } else {
            side
        };
        self.lost(leg, &call, side, &cause);
        Ok(Done::Ok)
    }
}

pub(crate) fn status(code: Code) -> u16 {
    match code {
        Code::Full => 486,
        Code::NotFound => 404,
        Code::Malformed
        | Code::OutOfRange
        | Code::Unauthorized
        | Code::Forbidden
        | Code::Conflict
        | Code::RateLimited
        | Code::Suppressed
        | Code::Unavailable => 503,
    }
}
