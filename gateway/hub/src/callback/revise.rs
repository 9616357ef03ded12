//! What happens to a promise before it is dialled: it is moved, given to somebody else, reminded of, or too late.

use std::time::Duration;

use ws::{
    frame::{Code, Refusal},
    id::{AgentId, CallbackId, CustomerId, InteractionId, Number, QueueId, Timestamp},
    timeline::Author,
};

use super::{Awaits, Waits};
use crate::{
    calling::CallingHours,
    consent::Bar,
    event::{CallbackEnd, Event, OfferEnd},
    gate::Closed,
    hub::Hub,
    input::{Actor, Done, refuse},
    interaction::{CallKind, Callback, Interaction},
    mail::Matter,
    promise::Plan,
};

/// How far ahead a callback may be promised.
pub(super) const FURTHEST: Duration = Duration::from_secs(90 * 86_400);

/// What is to be changed of a promise; what is not given stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Revision {
    /// Not before this time.
    pub at: Option<Timestamp>,
    /// Not after this time.
    pub until: Option<Timestamp>,
    /// Whose it is from now on; nobody's where that is none.
    pub owner: Option<Option<AgentId>>,
    /// Whose it is as far as is known to who asks; nothing is changed where that is not so any more.
    pub owner_was: Option<Option<AgentId>>,
}

impl Hub {
    /// Moves a promise, or gives it to somebody else.
    pub(crate) fn revise_callback(
        &mut self,
        callback: CallbackId,
        by: &Actor,
        change: Revision,
    ) -> Result<Done, Refusal> {
        let promise = self.mine(callback, by)?;
        if !promise.is_pending() {
            return refuse(
                Code::Conflict,
                "this callback is being dialled or is over; it cannot be changed",
            );
        }
        if let Some(was) = &change.owner_was
            && *was != promise.plan.owner
        {
            return self.refuse_owner(promise.plan.owner.as_ref());
        }
        let (number, due) = (promise.number.clone(), promise.due);
        let (was, wanted) = (promise.plan.clone(), promise.wanted);
        let mut plan = self.revised(callback, &was, &change)?;
        if plan == was && change.at.is_none_or(|at| at == due && at == wanted) {
            return Ok(Done::Ok);
        }
        // Who moves a call that near knows of it.
        let remind = plan.remind.take();
        let fits = self.check_plan(&number, &plan, change.at.unwrap_or(due).max(self.now))?;
        // One whose time has come keeps its place, whoever is to call.
        let due = change.at.map_or(due, |_| fits);
        let customer = self.state.interaction(callback.interaction);
        let customer = customer.map(|found| found.customer);
        if let Some((_, refusal)) = self.barred_then(&number, customer, fits) {
            return Err(refusal);
        }
        plan.remind = self.remind_in_time(remind, due);
        let by = self.author(by);
        self.move_callback(callback, due, plan, by);
        Ok(Done::Ok)
    }

    fn revised(&self, id: CallbackId, was: &Plan, change: &Revision) -> Result<Plan, Refusal> {
        let mut plan = was.clone();
        if let Some(owner) = &change.owner {
            if let Some(owner) = owner {
                let found = self.state.interaction(id.interaction);
                self.check_owner(owner, found.map(|found| &found.queue))?;
            }
            plan.owner.clone_from(owner);
        }
        if change.at.is_some() {
            // A window of another day says nothing of the new one.
            plan.until = change.until;
            plan.timed = true;
            plan.place = None;
        } else if change.until.is_some() {
            plan.until = change.until;
        }
        Ok(plan)
    }

    // Somebody was faster than who asks.
    fn refuse_owner(&self, owner: Option<&AgentId>) -> Result<Done, Refusal> {
        let Some(owner) = owner else {
            return refuse(
                Code::Conflict,
                "this callback is for whoever is free meanwhile; look at it again",
            );
        };
        let name = self.agent_name(owner);
        refuse(
            Code::Conflict,
            format!("{name} is to make this call meanwhile; look at it again"),
        )
    }

    /// Tells why a customer may not be called at a later time, and the refusal: what allows it may end before.
    pub(crate) fn barred_then(
        &self,
        number: &Number,
        customer: Option<CustomerId>,
        due: Timestamp,
    ) -> Option<(Closed, Refusal)> {
        let bar = self.bar_call(number, customer, due)?;
        let closed = Closed::from(bar);
        let mut refusal = closed.refusal();
        if matches!(bar, Bar::NoConsent | Bar::Withdrawn)
            && self.bar_call(number, customer, self.now).is_none()
        {
            refusal.text =
                "the customer's consent to calls ends before that time; promise an earlier one"
                    .to_owned();
        }
        Some((closed, refusal))
    }

    /// Returns a reminder, in seconds before a call, that still comes before `due` by so much.
    pub(crate) fn remind_in_time(&self, before: Option<u64>, due: Timestamp) -> Option<u64> {
        before.filter(|before| self.now + Duration::from_secs(*before) <= due)
    }

    pub(crate) fn move_callback(
        &mut self,
        callback: CallbackId,
        due: Timestamp,
        plan: Plan,
        by: Author,
    ) {
        let id = callback.interaction;
        let found = self.state.interaction(id);
        let waits = found.and_then(|found| found.entry.as_ref());
        if waits.is_some_and(|entry| entry.callback == Some(callback)) {
            self.end_offer(id, OfferEnd::Withdrawn);
        }
        let plan = Box::new(plan);
        self.tell(
            Some(id),
            Event::CallbackMoved {
                callback,
                due,
                plan,
                by,
            },
        );
    }

    /// Finds a promise that `by` may change: their own, or one of a queue they serve.
    pub(crate) fn mine(&self, callback: CallbackId, by: &Actor) -> Result<&Callback, Refusal> {
        let id = callback.interaction;
        let found = match by {
            Actor::Agent(agent) => match self.state.interaction(id) {
                Some(found) if self.roster.fits(agent, &found.queue) => found,
                Some(_) | None => self.scoped(id, by)?,
            },
            Actor::Visitor(_) | Actor::Customer(_) | Actor::House(_) => self.scoped(id, by)?,
        };
        match found.callback(callback) {
            None => refuse(Code::NotFound, "there is no such callback"),
            Some(promise) if !promise.is_open() => {
                refuse(Code::Conflict, "this callback is over already")
            }
            Some(promise) => Ok(promise),
        }
    }

    /// Checks who is to own a promise of a queue: one who can take its calls, at once or after a wait.
    pub(crate) fn check_owner(
        &self,
        owner: &AgentId,
        queue: Option<&QueueId>,
    ) -> Result<(), Refusal> {
        if !self.setup.agents.contains_key(owner) {
            return refuse(Code::NotFound, format!("there is no agent \"{owner}\""));
        }
        let Some(queue) = queue.filter(|queue| self.is_configured(queue)) else {
            return Ok(());
        };
        let mut reaches = self.roster.reaches(owner).iter();
        if reaches.any(|(reached, _)| reached == queue) {
            return Ok(());
        }
        let text = format!(
            "{owner} does not serve queue \"{queue}\", or has not the skills it asks; name an agent who can take the call"
        );
        refuse(Code::Conflict, text)
    }

    /// Checks what is wished of a promise that is wanted at `at`, and tells when it will be due.
    pub(crate) fn check_plan(
        &self,
        number: &Number,
        plan: &Plan,
        at: Timestamp,
    ) -> Result<Timestamp, Refusal> {
        if at > self.now + FURTHEST {
            return refuse(
                Code::OutOfRange,
                "a callback is promised for the next 90 days at most",
            );
        }
        if plan.until.is_some_and(|until| until <= at) {
            return refuse(
                Code::OutOfRange,
                "the window ends before it begins; `until` must be after `at` and after now",
            );
        }
        if let Some(zone) = plan
            .zone
            .as_ref()
            .filter(|zone| !CallingHours::is_zone(zone))
        {
            return refuse(
                Code::OutOfRange,
                format!("there is no time zone \"{zone}\"; write one such as \"Europe/Berlin\""),
            );
        }
        let Some(due) = self.fit(number, plan, at) else {
            return refuse(
                Code::OutOfRange,
                "the window has no moment at which this customer may be called; calls are made by day where they are",
            );
        };
        let remind = plan
            .remind
            .map(|before| self.now + Duration::from_secs(before));
        if remind.is_some_and(|earliest| earliest > due) {
            return refuse(
                Code::OutOfRange,
                "the time of the reminder has passed; remind later before the call",
            );
        }
        Ok(due)
    }

    /// What is promised in an interaction that became part of another is kept in that one, as long as it goes on; tells
    /// whether a promise went there. A number that is to be called there anyway is called once, at the earlier time.
    pub(crate) fn settle_merged(&mut self, id: InteractionId) -> bool {
        let root = self.state.links().root(id);
        let (found, kept) = (self.state.interaction(id), self.state.interaction(root));
        let (Some(found), Some(kept)) = (found, kept) else {
            return false;
        };
        if root == id || is_on_the_line(found) {
            return false;
        }
        let mut pending = found.callbacks.iter().filter(|(_, c)| c.is_pending());
        let Some((n, promise)) = pending.next() else {
            return false;
        };
        let (callback, promise) = (found.callback_id(n), promise.clone());
        let mut theirs = kept.callbacks.iter();
        let same = theirs.find(|(_, theirs)| theirs.is_open() && theirs.number == promise.number);
        let same = same.map(|(n, theirs)| (kept.callback_id(n), theirs.clone()));
        let to = match same {
            Some((to, theirs)) => {
                if theirs.is_pending() && promise.due < theirs.due {
                    self.move_callback(to, promise.due, theirs.plan, Author::System);
                }
                to
            }
            None => self.promise_on(root, promise),
        };
        self.hand_on(callback, to);
        true
    }

    // The same promise in another interaction, with what was tried already.
    pub(crate) fn promise_on(&mut self, id: InteractionId, promise: Callback) -> CallbackId {
        let plan = Plan {
            attempts: promise.attempts,
            failed: promise.failed,
            remind: promise.plan.remind.filter(|_| !promise.reminded),
            ..promise.plan
        };
        self.promise(id, promise.number, promise.due, promise.by, plan)
    }

    /// Ends promises that are too late, moves those that fell due in the night, and reminds of others; tells whether
    /// anything was done.
    pub(crate) fn settle_promises(&mut self, id: InteractionId) -> bool {
        let Some(found) = self.state.interaction(id) else {
            return false;
        };
        if is_on_the_line(found) {
            return false;
        }
        let mut pending = found.callbacks.iter().filter(|(_, c)| c.is_pending());
        let todo = pending.find_map(|(n, promise)| {
            let act = self.overdue(promise)?;
            Some((found.callback_id(n), act))
        });
        let Some((callback, todo)) = todo else {
            return false;
        };
        match todo {
            Todo::End(end) => {
                self.tell(Some(id), Event::CallbackEnded { callback, end });
            }
            Todo::Move(due, plan) => {
                let waits = Waits {
                    until: Some(due),
                    ..Waits::new(callback, Awaits::Hours)
                };
                self.tell(Some(id), Event::CallbackWaits(waits));
                self.move_callback(callback, due, plan, Author::System);
            }
            Todo::Remind => self.remind(callback),
        }
        true
    }

    fn overdue(&self, promise: &Callback) -> Option<Todo> {
        let plan = &promise.plan;
        if plan.until.is_some_and(|until| until <= self.now) {
            return Some(Todo::End(match promise.attempts {
                0 => CallbackEnd::Missed,
                _ => CallbackEnd::GivenUp,
            }));
        }
        if promise.due <= self.now {
            return match self.fit(&promise.number, plan, self.now) {
                None => Some(Todo::End(CallbackEnd::Missed)),
                Some(due) if due > self.now => Some(Todo::Move(due, plan.clone())),
                // A promise whose window opened is called at once; the reminder would come too late.
                Some(_) => None,
            };
        }
        let remind = remind_at(promise)?;
        (remind <= self.now).then_some(Todo::Remind)
    }

    fn remind(&mut self, callback: CallbackId) {
        let id = callback.interaction;
        let found = self.state.interaction(id);
        let Some(due) = found.and_then(|found| Some(found.callback(callback)?.due)) else {
            return;
        };
        self.tell(Some(id), Event::CallbackReminded { callback, due });
        self.post(id, Matter::Reminder { callback, due });
    }

    /// The first moment from `at` on at which a promise may be kept: within calling hours, not after its window.
    pub(crate) fn fit(&self, number: &Number, plan: &Plan, at: Timestamp) -> Option<Timestamp> {
        let hours = &self.setup.callbacks.hours;
        let next = hours.next(number, plan.zone.as_deref(), at)?;
        plan.until.is_none_or(|until| next < until).then_some(next)
    }

    /// Tells when something is due for a promise.
    pub(crate) fn promise_deadlines(&self, found: &Interaction, put: &mut impl FnMut(Timestamp)) {
        if is_on_the_line(found) {
            return;
        }
        for promise in found.callbacks.values().filter(|c| c.is_pending()) {
            if let Some(until) = promise.plan.until {
                put(until);
            }
            if promise.due > self.now {
                put(promise.due);
                if let Some(at) = remind_at(promise) {
                    put(at);
                }
            }
        }
        let waits = found.entry.as_ref().and_then(|entry| entry.callback);
        if let Some(promise) = waits.and_then(|callback| found.callback(callback)) {
            let hours = &self.setup.callbacks.hours;
            let zone = promise.plan.zone.as_deref();
            if let Some(closes) = hours.closes(&promise.number, zone, self.now) {
                put(closes);
            }
        }
    }
}

// While the customer calls, their promises rest: either they are served now, or it is looked at them after the call.
fn is_on_the_line(found: &Interaction) -> bool {
    let call = found.call.as_ref();
    call.is_some_and(|call| call.kind == CallKind::Inbound)
}

/// What is to be done for a promise.
enum Todo {
    End(CallbackEnd),
    Move(Timestamp, Plan),
    Remind,
}

fn remind_at(promise: &Callback) -> Option<Timestamp> {
    let before = promise.plan.remind?.saturating_mul(1_000);
    (!promise.reminded).then(|| Timestamp(promise.due.0.saturating_sub(before)))
}
