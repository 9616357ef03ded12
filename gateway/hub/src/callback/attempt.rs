//! One dialling of a promise: whom first, what comes of it, and when the next follows.

use std::time::Duration;

use ws::{
    callback::Order,
    id::{AgentId, CallbackId, InteractionId, LegId, Number, Timestamp, TrunkId},
};

use crate::{
    aside::Heard,
    event::{CallbackEnd, Event, LegCause, Party},
    gate::Way,
    hub::Hub,
    input::{Cause, CauseKind},
    interaction::{Call, CallKind, Callback, Interaction},
    leg::Leg,
    settle::cause,
};

/// After how long an attempt that a restart cut is made again where no retries are configured.
const AFTER_RESTART: Duration = Duration::from_secs(300);

impl Callback {
    // How often the customer was dialled in vain; agents' phones, restarts, and calls of the customer's own that came between do not count.
    fn tries(&self) -> usize {
        self.failed.values().map(|count| usize::from(*count)).sum()
    }
}

impl Hub {
    /// Makes an attempt: the fact first, then the dialling. The gate was passed: `trunk` is its answer.
    pub(crate) fn attempt(
        &mut self,
        id: InteractionId,
        callback: CallbackId,
        agent: &AgentId,
        trunk: TrunkId,
    ) {
        let Some(found) = self.state.interaction(id) else {
            return;
        };
        let Some(promise) = found.callback(callback) else {
            return;
        };
        let order = self.order_of(found, promise);
        let (attempt, number) = (promise.attempts.saturating_add(1), promise.number.clone());
        let asked = promise.agent().cloned();
        let (customer_leg, second) = self.two_legs(id);
        self.take_room();
        self.asides.entry(id).or_default().heard = Heard::Nothing;
        self.tell(
            Some(id),
            Event::CallbackAttempted {
                callback,
                attempt,
                customer_leg,
                agent_leg: (order != Order::CustomerFirst).then_some(second),
                agent: agent.clone(),
            },
        );
        match order {
            Order::Together => {
                self.note_asked(asked);
                self.dial_both(id, LegCause::Callback, agent, trunk, number);
            }
            Order::CustomerFirst => self.dial_customer(customer_leg, trunk, number, asked),
            Order::AgentFirst => {
                let party = self.phone_of(agent);
                self.start_leg(second, party, LegCause::Callback, None);
                self.dial_phone(id, second, agent);
            }
        }
    }

    fn order_of(&self, found: &Interaction, promise: &Callback) -> Order {
        let of_queue = || self.setup.callbacks.orders.get(&found.queue).copied();
        promise.plan.order.or_else(of_queue).unwrap_or_default()
    }

    fn dial_customer(
        &mut self,
        leg: LegId,
        trunk: TrunkId,
        number: Number,
        asked: Option<AgentId>,
    ) {
        self.note_asked(asked);
        let party = Party::CustomerPhone {
            number: Some(number.clone()),
            trunk: Some(trunk.clone()),
        };
        self.start_leg(leg, party, LegCause::Callback, None);
        self.dial_out(leg, (trunk, number), None, None);
    }

    // Who promised a call has it counted when the customer is dialled.
    fn note_asked(&mut self, asked: Option<AgentId>) {
        if let Some(agent) = asked {
            self.note_agent_toll(&agent);
        }
    }

    /// One side of an attempt answered, and the other is still to be dialled; tells whether it was.
    pub(crate) fn settle_second_leg(&mut self, id: InteractionId) -> bool {
        let Some(found) = self.state.interaction(id) else {
            return false;
        };
        let Some((call, callback)) = attempted(found) else {
            return false;
        };
        let answered = |leg: LegId| found.leg(leg).is_some_and(Leg::is_answered);
        let (customer, agent_leg) = (call.customer, call.agent);
        match agent_leg {
            None if answered(customer) => {
                let stay = found.assignment.as_ref();
                let stay = stay.filter(|stay| stay.voice && stay.wrap_up.is_none());
                // Nobody is left to be dialled: the customer hears music, and the queue looks for another agent.
                let Some(agent) = stay.map(|stay| stay.agent.clone()) else {
                    return false;
                };
                self.dial_agent(id, &agent);
                true
            }
            Some(agent_leg) if found.leg(customer).is_none() && answered(agent_leg) => {
                self.dial_second(id, callback, customer);
                true
            }
            None | Some(_) => false,
        }
    }

    // The agent is on the phone; what the gate said when they took the offer may have changed.
    fn dial_second(&mut self, id: InteractionId, callback: CallbackId, customer: LegId) {
        self.recall_callee(id);
        let Some(found) = self.state.interaction(id) else {
            return;
        };
        let Some(promise) = found.callback(callback) else {
            return;
        };
        let (number, asked) = (promise.number.clone(), promise.agent().cloned());
        match self.admit_callback(found, promise) {
            Ok(trunk) => self.dial_customer(customer, trunk, number, asked),
            Err(closed) => {
                let refusal = self.turn_away(id, Way::Callback, (&number, asked.as_ref()), closed);
                let why = cause(CauseKind::Interrupted, &refusal.text);
                self.release_call(id, &why);
                self.attempt_failed(id, callback, why);
            }
        }
    }

    /// Draws the consequences of a leg that an attempt lost before both sides heard each other.
    pub(crate) fn attempt_lost(&mut self, leg: LegId, callback: CallbackId, why: &Cause, us: bool) {
        let id = leg.interaction;
        let Some(found) = self.state.interaction(id) else {
            return;
        };
        let customer = found
            .call
            .as_ref()
            .and_then(|call| found.leg(call.customer));
        let unanswered = matches!(
            why.kind,
            CauseKind::Busy
                | CauseKind::NoAnswer
                | CauseKind::Rejected
                | CauseKind::Unreachable
                | CauseKind::Interrupted
        );
        match (us, customer.map(Leg::is_answered)) {
            // A customer who answered is not let go of because an agent's phone did not: they wait for another.
            (true, Some(true)) => self.phone_failed(id, leg, why),
            // Nor does a phone stop ringing that was dialled for them; an agent who hangs up meanwhile is another matter.
            (true, Some(false)) if unanswered => self.phone_failed(id, leg, why),
            // The customer was not dialled, so nothing was tried: somebody else is asked at once.
            (true, None) => {
                self.phone_failed(id, leg, why);
                // Without room in the house nobody else's phone could be called either.
                if why.kind == CauseKind::Interrupted {
                    return self.attempt_failed(id, callback, why.clone());
                }
                let now = self.now;
                self.close_attempt(id, callback, why.clone(), Some(now));
            }
            (true, Some(false)) | (false, _) => {
                let released = Cause {
                    kind: CauseKind::Normal,
                    status: None,
                    text: why.text.clone(),
                };
                self.release_call(id, &released);
                self.attempt_failed(id, callback, why.clone());
            }
        }
    }

    /// Closes a failed attempt and plans the next, or gives up.
    pub(crate) fn attempt_failed(&mut self, id: InteractionId, callback: CallbackId, cause: Cause) {
        let found = self.state.interaction(id);
        let Some(promise) = found.and_then(|found| found.callback(callback)) else {
            return;
        };
        let due = match cause.is_for_room() {
            true => self.when_there_is_room(promise),
            false => self.next_attempt(promise, cause.kind),
        };
        self.close_attempt(id, callback, cause, due);
    }

    fn close_attempt(
        &mut self,
        id: InteractionId,
        callback: CallbackId,
        cause: Cause,
        due: Option<Timestamp>,
    ) {
        let found = self.state.interaction(id);
        let Some((found, promise)) =
            found.and_then(|found| Some((found, found.callback(callback)?)))
        else {
            return;
        };
        let (attempt, pause) = (promise.attempts, self.pause(promise));
        let call = found.call.as_ref();
        let dialled = call.is_some_and(|call| found.leg(call.customer).is_some());
        self.settle_room(&cause, dialled, pause);
        // Attempts are told apart by their numbers, which are used up then. One that found no room gives its own back.
        let due = due.filter(|_| attempt < u8::MAX || cause.is_for_room());
        let unwanted = cause.kind == CauseKind::Unwanted;
        let reason = cause.text.clone();
        self.tell(
            Some(id),
            Event::CallbackAttemptFailed {
                callback,
                attempt,
                cause,
                due,
            },
        );
        if due.is_none() {
            let end = match unwanted {
                true => CallbackEnd::Suppressed,
                false => CallbackEnd::GivenUp,
            };
            self.tell(Some(id), Event::CallbackEnded { callback, end });
        }
        self.end_call_stay(id, &reason);
    }

    /// Breaks an attempt off because the customer called meanwhile. The promise stands, and is due again at once should
    /// nobody speak with them.
    pub(crate) fn give_way(&mut self, callback: CallbackId) {
        let id = callback.interaction;
        let why = cause(CauseKind::Interrupted, CallbackEnd::CalledIn.words());
        self.release_call(id, &why);
        let now = self.now;
        self.close_attempt(id, callback, why, Some(now));
    }

    /// The customer called and speaks with an agent on `leg`: what was promised to that number is kept, and so is what is due.
    pub(crate) fn called_in(&mut self, id: InteractionId, leg: LegId) {
        let Some(found) = self.state.interaction(id) else {
            return;
        };
        let number = found.leg(leg).and_then(|leg| leg.party.customer_number());
        let kept = found.callbacks.iter().filter(|(_, promise)| {
            promise.is_pending() && (Some(&promise.number) == number || promise.due <= self.now)
        });
        let kept: Vec<_> = kept.map(|(n, _)| found.callback_id(n)).collect();
        let number = number.cloned();
        for callback in kept {
            let end = CallbackEnd::CalledIn;
            self.tell(Some(id), Event::CallbackEnded { callback, end });
        }
        if let Some(number) = number {
            self.keep_elsewhere(&number, id);
        }
    }

    // It stands where it stood, as far as calling hours allow.
    fn when_there_is_room(&self, promise: &Callback) -> Option<Timestamp> {
        let next = self.fit(&promise.number, &promise.plan, self.now)?;
        Some(match next > self.now {
            true => next,
            false => promise.due.min(self.now),
        })
    }

    // What lies between an attempt that does not count and the next.
    fn pause(&self, promise: &Callback) -> Duration {
        let all = &self.setup.spans.retries;
        let next = all.get(promise.tries()).or(all.last());
        next.copied().unwrap_or(AFTER_RESTART)
    }

    // Each result has spans of its own, or shares those of all.
    fn next_attempt(&self, promise: &Callback, kind: CauseKind) -> Option<Timestamp> {
        let all = &self.setup.spans.retries;
        let of_all = promise.tries();
        let span = match kind {
            CauseKind::Unwanted => None,
            // It does not count, so it is not the last.
            CauseKind::Interrupted => Some(self.pause(promise)),
            CauseKind::Busy
            | CauseKind::NoAnswer
            | CauseKind::Rejected
            | CauseKind::Unreachable => match self.setup.callbacks.retries.get(&kind) {
                Some(own) => {
                    let before = promise.failed.get(&kind).copied().unwrap_or(0);
                    own.get(usize::from(before)).copied()
                }
                None => all.get(of_all).copied(),
            },
            CauseKind::Normal | CauseKind::Cancelled | CauseKind::MediaLost | CauseKind::Fault => {
                all.get(of_all).copied()
            }
        };
        self.fit(&promise.number, &promise.plan, self.now + span?)
    }

    /// A voicemail was reached, as the agent says when wrapping up: the promise ended so, and another call is promised after
    /// a while.
    pub(crate) fn note_voicemail(
        &mut self,
        id: InteractionId,
        disposition: Option<&str>,
        code: Option<&str>,
    ) {
        let setup = &self.setup.callbacks;
        let given: Vec<_> = disposition
            .iter()
            .chain(&code)
            .map(|it| it.to_lowercase())
            .collect();
        let said = |word: &String| given.contains(&word.to_lowercase());
        if !setup.voicemail_words.iter().any(said) {
            return;
        }
        let Some(found) = self.state.interaction(id) else {
            return;
        };
        let stay = found.assignment.as_ref().map(|stay| stay.id);
        // What is said of another call, or of a chat, makes no promise.
        let of_this = |callback: &Callback| callback.reached.is_some() && callback.reached == stay;
        let last = found.callbacks.last();
        let Some((n, last)) = last.filter(|(_, last)| of_this(last)) else {
            return;
        };
        let callback = found.callback_id(n);
        let (number, by, mut plan) = (last.number.clone(), last.by.clone(), last.plan.clone());
        let next = setup.voicemail.get(usize::from(plan.voicemails)).copied();
        plan.voicemails = plan.voicemails.saturating_add(1);
        plan.place = None;
        let due = next.and_then(|span| self.fit(&number, &plan, self.now + span));
        let end = CallbackEnd::Voicemail;
        self.tell(Some(id), Event::CallbackEnded { callback, end });
        if let Some(due) = due {
            plan.remind = self.remind_in_time(plan.remind, due);
            self.promise(id, number, due, by, plan);
        }
    }

    // A stay that was only for the call is over with it; one that has a chat goes on.
    pub(crate) fn end_call_stay(&mut self, id: InteractionId, reason: &str) {
        let found = self.state.interaction(id);
        let wrapping = found
            .and_then(|found| found.assignment.as_ref())
            .is_some_and(|stay| stay.wrap_up.is_some());
        if found.is_some_and(|found| !found.chat) && !wrapping {
            self.end_stay(id, None, None, reason);
        }
    }
}

/// The attempt that goes on, before both sides heard each other.
pub(crate) fn attempted(found: &Interaction) -> Option<(&Call, CallbackId)> {
    let call = found.call.as_ref().filter(|call| call.bridged.is_none())?;
    match call.kind {
        CallKind::Callback(callback) => Some((call, callback)),
        CallKind::Inbound | CallKind::Escalation => None,
    }
}

/// Tells whether the customer of an attempt answered and nobody is there for them, dialled or about to be.
pub(crate) fn is_kept_waiting(found: &Interaction) -> bool {
    let stay = found.assignment.as_ref();
    attempted(found).is_some_and(|(call, _)| {
        call.agent.is_none()
            && found.leg(call.customer).is_some_and(Leg::is_answered)
            && stay.is_none_or(|stay| !stay.voice)
    })
}
