//! Promises to call: never two attempts at a time, each in the journal before it is dialled.

use std::time::Duration;

use ws::{
    agent::Channel,
    frame::{Code, Refusal},
    id::{AgentId, CallbackId, CustomerId, InteractionId, Number, QueueId, Timestamp, TrunkId},
    timeline::Author,
};

use crate::{
    event::{CallbackEnd, Event, LegCause},
    gate::Way,
    hub::Hub,
    input::{Actor, Cause, CauseKind, Done, refuse},
    settle::cause,
};

/// How far ahead a callback may be promised.
const FURTHEST: Duration = Duration::from_secs(90 * 86_400);
/// After how long an attempt that a restart cut is made again where no retries are configured.
const AFTER_RESTART: Duration = Duration::from_secs(300);
/// How many callbacks one interaction may have open.
const OPEN: usize = 5;

impl Hub {
    pub(crate) fn ask_callback(
        &mut self,
        id: InteractionId,
        queue: Option<QueueId>,
        by: &Actor,
        number: Number,
        at: Option<Timestamp>,
    ) -> Result<Done, Refusal> {
        let due = at.unwrap_or(self.now).max(self.now);
        if due > self.now + FURTHEST {
            return refuse(
                Code::OutOfRange,
                "a callback is promised for the next 90 days at most",
            );
        }
        let customer = self.state.interaction(id).map(|found| found.customer);
        if let Err(closed) = self.admit(&number, customer) {
            return Err(self.turn_away(id, Way::Promise, closed));
        }
        if let (Some(_), Some(first)) = (&queue, self.first_promise(id, &number)) {
            return Ok(Done::Promised { callback: first });
        }
        match (self.state.interaction(id), queue) {
            (Some(_), _) => self.check_promise(id, by)?,
            (None, Some(queue)) => self.open_for_callback(id, queue, by, &number)?,
            (None, None) => {
                return refuse(
                    Code::NotFound,
                    "there is no such interaction, or its record is closed",
                );
            }
        }
        let found = self.state.interaction(id);
        let last = found.and_then(|f| f.callbacks.last_key_value());
        let callback = CallbackId {
            interaction: id,
            n: last.map_or(0, |(n, _)| *n).saturating_add(1),
        };
        let by = self.author(by);
        self.tell(
            Some(id),
            Event::CallbackPromised {
                callback,
                number,
                due,
                by,
            },
        );
        Ok(Done::Promised { callback })
    }

    // Who asks for a new interaction by an id that is there already asks again for what was done.
    fn first_promise(&self, id: InteractionId, number: &Number) -> Option<CallbackId> {
        let found = self.state.interaction(id)?;
        let (n, first) = found.callbacks.first_key_value()?;
        (first.number == *number).then(|| found.callback_id(*n))
    }

    fn check_promise(&self, id: InteractionId, by: &Actor) -> Result<(), Refusal> {
        // An agent may still promise a call while wrapping up.
        let found = match by {
            Actor::Agent(_) => self.scoped(id, by)?,
            Actor::Visitor(_) | Actor::Api => self.going_on(id, by)?,
        };
        let open = found.callbacks.values().filter(|c| c.is_open()).count();
        if open >= OPEN {
            return refuse(
                Code::Conflict,
                "enough callbacks are promised in this interaction; take one back first",
            );
        }
        Ok(())
    }

    fn open_for_callback(
        &mut self,
        id: InteractionId,
        queue: QueueId,
        by: &Actor,
        number: &Number,
    ) -> Result<(), Refusal> {
        if matches!(by, Actor::Visitor(_)) {
            return refuse(Code::Forbidden, "ask for the callback in your own chat");
        }
        self.admit_new(id, &queue)?;
        let limit = self.setup.queues.get(&queue).map_or(0, |setup| setup.limit);
        if self.state.queues().length(&queue) >= limit {
            return refuse(
                Code::Full,
                "too many people are waiting already; try again later",
            );
        }
        let known = self.state.customers().by_number(number);
        let customer = known.unwrap_or_else(|| CustomerId::mint(&mut self.rng));
        self.tell(
            Some(id),
            Event::Opened {
                channel: Channel::Voice,
                queue,
                zone: None,
                page: None,
                customer,
                name: None,
            },
        );
        // The number is learnt when it is reached.
        self.know(id, customer, None, None);
        // An agent who calls somebody up is not asked the same again.
        if *by == Actor::Api {
            self.link_by_queue(id);
        }
        Ok(())
    }

    pub(crate) fn cancel_callback(
        &mut self,
        callback: CallbackId,
        by: &Actor,
    ) -> Result<Done, Refusal> {
        let id = callback.interaction;
        let found = match by {
            // Whoever serves its queue may take a promise back.
            Actor::Agent(agent) => match self.state.interaction(id) {
                Some(found) if self.roster.fits(agent, &found.queue) => found,
                Some(_) | None => self.scoped(id, by)?,
            },
            Actor::Visitor(_) | Actor::Api => self.scoped(id, by)?,
        };
        match found.callback(callback) {
            None => return refuse(Code::NotFound, "there is no such callback"),
            Some(promise) if !promise.is_open() => {
                return refuse(Code::Conflict, "this callback is over already");
            }
            Some(_) => {}
        }
        let by = self.author(by);
        self.stop_callback(callback, CallbackEnd::Cancelled { by });
        Ok(Done::Ok)
    }

    /// Ends every open callback of an interaction.
    pub(crate) fn cancel_all(&mut self, id: InteractionId, by: &Author) {
        let Some(found) = self.state.interaction(id) else {
            return;
        };
        let open = found.callbacks.iter().filter(|(_, c)| c.is_open());
        let open: Vec<_> = open.map(|(n, _)| found.callback_id(*n)).collect();
        for callback in open {
            let by = by.clone();
            self.stop_callback(callback, CallbackEnd::Cancelled { by });
        }
    }

    /// Ends a callback; an attempt under way is broken off.
    pub(crate) fn stop_callback(&mut self, callback: CallbackId, end: CallbackEnd) {
        let id = callback.interaction;
        let attempting = self.attempting(id) == Some(callback);
        let words = end.words();
        if attempting {
            self.release_call(id, &cause(CauseKind::Cancelled, words));
        }
        self.tell(Some(id), Event::CallbackEnded { callback, end });
        if attempting {
            self.end_call_stay(id, words);
        }
    }

    /// Makes an attempt: the fact first, then the dialling. The gate was passed: `trunk` is its answer.
    pub(crate) fn attempt(
        &mut self,
        id: InteractionId,
        callback: CallbackId,
        agent: &AgentId,
        trunk: TrunkId,
    ) {
        let found = self.state.interaction(id);
        let Some(promise) = found.and_then(|found| found.callback(callback)) else {
            return;
        };
        let (attempt, number) = (promise.attempts.saturating_add(1), promise.number.clone());
        let (customer_leg, agent_leg) = self.two_legs(id);
        self.tell(
            Some(id),
            Event::CallbackAttempted {
                callback,
                attempt,
                customer_leg,
                agent_leg,
                agent: agent.clone(),
            },
        );
        self.dial_both(id, LegCause::Callback, agent, trunk, number);
    }

    /// Closes a failed attempt and plans the next, or gives up.
    pub(crate) fn attempt_failed(&mut self, id: InteractionId, callback: CallbackId, cause: Cause) {
        let found = self.state.interaction(id);
        let Some(promise) = found.and_then(|found| found.callback(callback)) else {
            return;
        };
        let attempt = promise.attempts;
        let due = self.next_attempt(attempt, cause.kind);
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

    fn next_attempt(&self, attempt: u8, kind: CauseKind) -> Option<Timestamp> {
        let retries = &self.setup.spans.retries;
        let next = retries.get(usize::from(attempt).saturating_sub(1));
        let span = match kind {
            CauseKind::Unwanted => None,
            // Nobody knows what came of it, so it does not count as the last.
            CauseKind::Interrupted if attempt < u8::MAX => {
                next.or(retries.last()).copied().or(Some(AFTER_RESTART))
            }
            CauseKind::Interrupted
            | CauseKind::Normal
            | CauseKind::Cancelled
            | CauseKind::Busy
            | CauseKind::NoAnswer
            | CauseKind::Rejected
            | CauseKind::Unreachable
            | CauseKind::MediaLost
            | CauseKind::Fault => next.copied(),
        };
        span.map(|span| self.now + span)
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
