//! Promises to call: never two attempts at a time, each in the journal before it is dialled.

mod alone;
mod attempt;
mod chance;
mod due;
mod revise;
mod twin;
mod waits;

pub(crate) use attempt::{attempted, is_kept_waiting};
pub use revise::Revision;
pub use waits::{Awaits, Waits};

use std::collections::BTreeMap;

use ws::{
    agent::Channel,
    callback::{Wanted, Wish},
    frame::{Code, Refusal},
    id::{CallbackId, CustomerId, InteractionId, Number, QueueId, Timestamp},
    timeline::Author,
};

use crate::{
    event::{CallbackEnd, Event},
    gate::{Closed, Way},
    hub::Hub,
    input::{Actor, CauseKind, Done, refuse},
    promise::Plan,
    settle::cause,
};

/// How many callbacks one interaction may have open.
const OPEN: usize = 5;
/// Why a chat ended in whose place a call was promised.
const INSTEAD: &str = "a call was promised instead";

/// What comes of the wish for a call.
enum Weighed {
    /// Its customer is being called already.
    Dialled(CallbackId),
    /// It can be promised so.
    Ready(Box<Ready>),
}

/// A promise that can be made.
struct Ready {
    number: Number,
    due: Timestamp,
    plan: Plan,
    /// Those it stands in for.
    twins: Vec<CallbackId>,
    /// Those in its own contact that become it.
    changes: Vec<CallbackId>,
    /// Whether it stands in for the chat that waits.
    stands_in: bool,
}

impl Hub {
    pub(crate) fn ask_callback(
        &mut self,
        id: InteractionId,
        queue: Option<QueueId>,
        by: &Actor,
        wanted: Wanted,
    ) -> Result<Done, Refusal> {
        if let (Some(_), Some(first)) = (&queue, self.first_promise(id, &wanted.number)) {
            return Ok(Done::Promised { callback: first });
        }
        let number = wanted.number.clone();
        let found = self.state.interaction(id);
        let place = found.map(|found| found.queue.clone()).or(queue.clone());
        let customer = found.map(|found| found.customer);
        let ready = match self.weigh(id, place.as_ref(), (by, customer), wanted)? {
            Weighed::Dialled(callback) => return Ok(Done::Promised { callback }),
            Weighed::Ready(ready) => ready,
        };
        match (self.state.interaction(id), queue) {
            (Some(_), _) => self.check_promise(id, by, &ready)?,
            (None, Some(queue)) => {
                self.open_for_callback(id, queue, by, &number, ready.due)?;
            }
            (None, None) => {
                return refuse(
                    Code::NotFound,
                    "there is no such interaction, or its record is closed",
                );
            }
        }
        let callback = self.keep(id, by, *ready);
        Ok(Done::Promised { callback })
    }

    // Tells what a promise would be, or why there is none. `customer` is whose it would be, as far as that is known.
    fn weigh(
        &mut self,
        id: InteractionId,
        queue: Option<&QueueId>,
        (by, customer): (&Actor, Option<CustomerId>),
        wanted: Wanted,
    ) -> Result<Weighed, Refusal> {
        let Wanted { number, at, wish } = wanted;
        let wish = wish.map(|wish| *wish).unwrap_or_default();
        check_choices(by, &wish)?;
        // A promise is for later, when there is room again; who may not call now is promised nothing for now.
        let agent = by.agent();
        let for_now = at.is_none_or(|at| at <= self.now);
        // What was said of contacts counts at the time of the call.
        let way = match for_now {
            true => self.admit_for(&number, customer, agent),
            false => self.admit_way(&number, agent),
        };
        match way {
            Err(closed) if !closed.is_spent() || (for_now && closed == Closed::AgentSpent) => {
                return Err(self.turn_away(id, Way::Promise, (&number, agent), closed));
            }
            Ok(_) | Err(_) => {}
        }
        let due = self.check_wish(&number, &wish, at, queue)?;
        if let Some((closed, refusal)) = self.barred_then(&number, customer, due) {
            self.turn_away(id, Way::Promise, (&number, agent), closed);
            return Err(refusal);
        }
        let mut twins = self.twins(&number, self.whose(by, customer, &number), queue, &wish);
        // Who is being called is not called again.
        if let Some(callback) = self.dialled(&twins).filter(|_| for_now) {
            return Ok(Weighed::Dialled(callback));
        }
        let changes = self.changed_by(id, by);
        twins.retain(|twin| !changes.contains(twin));
        let place = self.place_of(id, wish.keep_place)?;
        let plan = Plan {
            timed: at.is_some_and(|at| at > self.now),
            until: wish.until,
            zone: wish.zone,
            owner: wish.owner,
            order: wish.order,
            remind: self.reminder(wish.remind, due),
            place,
            voicemails: 0,
            attempts: 0,
            failed: BTreeMap::new(),
        };
        Ok(Weighed::Ready(Box::new(Ready {
            number,
            due,
            plan,
            twins,
            changes,
            stands_in: wish.keep_place,
        })))
    }

    // Whose promises a new one stands in for. Who comes by a page and is not known is nobody whose number they typed.
    fn whose(
        &self,
        by: &Actor,
        customer: Option<CustomerId>,
        number: &Number,
    ) -> Option<CustomerId> {
        customer.or_else(|| match by {
            Actor::Visitor(_) | Actor::Customer(_) => None,
            Actor::Agent(_) | Actor::House(_) => self.owner_of(number),
        })
    }

    // Makes the promise that was weighed.
    fn keep(&mut self, id: InteractionId, by: &Actor, ready: Ready) -> CallbackId {
        let by = self.author(by);
        let found = self.state.interaction(id);
        let number = |one: &CallbackId| Some(&found?.callback(*one)?.number);
        let same = |one: &CallbackId| number(one) == Some(&ready.number);
        let (same, others): (Vec<_>, Vec<_>) = ready.changes.into_iter().partition(same);
        let callback = match same.first() {
            Some(&one) => {
                self.move_callback(one, ready.due, ready.plan, by.clone());
                one
            }
            None => self.promise(id, ready.number, ready.due, by.clone(), ready.plan),
        };
        self.stand_in(ready.twins, callback);
        for other in others {
            self.stop_callback(other, CallbackEnd::Cancelled { by: by.clone() });
        }
        if ready.stands_in {
            // The promise stands in for the chat that waited.
            self.finish(id, by, INSTEAD);
        }
        callback
    }

    // How many seconds before a call its customer is reminded: as is wished, not at all where that is 0, else as the house does with
    // a call that is far enough ahead.
    fn reminder(&self, wished: Option<u64>, due: Timestamp) -> Option<u64> {
        match wished {
            Some(0) => None,
            Some(_) => wished,
            None => {
                let before = self.setup.callbacks.remind?;
                self.remind_in_time(Some(before.as_secs()), due)
            }
        }
    }

    // Since when the customer of a waiting chat waits, where that place is to be kept.
    fn place_of(&self, id: InteractionId, keep: bool) -> Result<Option<Timestamp>, Refusal> {
        if !keep {
            return Ok(None);
        }
        let found = self.state.interaction(id);
        // A message waits to be heard, whatever is promised beside it.
        let waits = found.filter(|found| found.writes() && found.call.is_none());
        let entry = waits.and_then(|found| found.entry.as_ref());
        match entry.filter(|entry| entry.callback.is_none()) {
            Some(entry) => Ok(Some(entry.key.since)),
            None => refuse(
                Code::Conflict,
                "no chat waits in this interaction, so there is no place to keep",
            ),
        }
    }

    /// Makes a promise a fact.
    pub(crate) fn promise(
        &mut self,
        id: InteractionId,
        number: Number,
        due: Timestamp,
        by: Author,
        plan: Plan,
    ) -> CallbackId {
        let found = self.state.interaction(id);
        let last = found.and_then(|f| f.callbacks.last());
        let callback = CallbackId {
            interaction: id,
            n: last.map_or(0, |(n, _)| n).saturating_add(1),
        };
        let plan = Box::new(plan);
        self.tell(
            Some(id),
            Event::CallbackPromised {
                callback,
                number,
                due,
                by,
                plan,
            },
        );
        callback
    }

    fn check_wish(
        &self,
        number: &Number,
        wish: &Wish,
        at: Option<Timestamp>,
        queue: Option<&QueueId>,
    ) -> Result<Timestamp, Refusal> {
        if let Some(owner) = &wish.owner {
            self.check_owner(owner, queue)?;
        }
        let plan = Plan {
            until: wish.until,
            zone: wish.zone.clone(),
            owner: wish.owner.clone(),
            remind: wish.remind,
            ..Plan::default()
        };
        self.check_plan(number, &plan, at.unwrap_or(self.now).max(self.now))
    }

    fn check_promise(&self, id: InteractionId, by: &Actor, ready: &Ready) -> Result<(), Refusal> {
        // An agent may still promise a call while wrapping up.
        let found = match by {
            Actor::Agent(_) => self.scoped(id, by)?,
            Actor::Visitor(_) | Actor::Customer(_) | Actor::House(_) => self.going_on(id, by)?,
        };
        let open = found.callbacks.iter().filter(|(_, c)| c.is_open());
        let goes = |one| ready.twins.contains(&one) || ready.changes.contains(&one);
        let open = open.filter(|(n, _)| !goes(found.callback_id(*n)));
        if open.count() >= OPEN {
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
        due: Timestamp,
    ) -> Result<(), Refusal> {
        if matches!(by, Actor::Visitor(_) | Actor::Customer(_)) {
            return refuse(Code::Forbidden, "ask for the callback in your own chat");
        }
        self.admit_new(id, &queue)?;
        self.check_room(&queue, due)?;
        let known = self.owner_of(number);
        let customer = known.unwrap_or_else(|| CustomerId::mint(&mut self.rng));
        self.tell(
            Some(id),
            Event::Opened {
                channel: Channel::Voice,
                queue,
                zone: None,
                page: None,
                referrer: None,
                customer,
                name: None,
                answers: Vec::new(),
            },
        );
        // The house named the number itself: who is there is known by it, and found by it the next time.
        self.know(id, customer, None, Some(number.clone()));
        // An agent who calls somebody up is not asked the same again.
        if matches!(by, Actor::House(_)) {
            self.link_by_queue(id);
        }
        Ok(())
    }

    // A call that is due later is promised all the same: there may be room then.
    fn check_room(&self, queue: &QueueId, due: Timestamp) -> Result<(), Refusal> {
        let limit = self.setup.queues.get(queue).map_or(0, |setup| setup.limit);
        match due <= self.now && self.waiting_in(queue) >= limit {
            true => refuse(
                Code::Full,
                "too many people are waiting already; try again later",
            ),
            false => Ok(()),
        }
    }

    pub(crate) fn cancel_callback(
        &mut self,
        callback: CallbackId,
        by: &Actor,
    ) -> Result<Done, Refusal> {
        self.mine(callback, by)?;
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
        let open: Vec<_> = open.map(|(n, _)| found.callback_id(n)).collect();
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

    // Who asks for a new interaction by an id that is there already asks again for what was done.
    fn first_promise(&self, id: InteractionId, number: &Number) -> Option<CallbackId> {
        let found = self.state.interaction(id)?;
        let (n, first) = found.callbacks.first()?;
        (first.number == *number).then(|| found.callback_id(n))
    }
}

fn check_choices(by: &Actor, wish: &Wish) -> Result<(), Refusal> {
    if matches!(by, Actor::Visitor(_) | Actor::Customer(_))
        && (wish.owner.is_some() || wish.order.is_some())
    {
        return refuse(
            Code::Forbidden,
            "who calls, and in which order, is the house's to choose; leave `owner` and `order` out",
        );
    }
    Ok(())
}
