//! Contacts that are a promise alone: their visitor wants to be called later, and no chat waits beside it until they write.

use ws::{
    agent::Channel,
    callback::Wanted,
    frame::{Code, Refusal},
    id::{CallbackId, InteractionId, Mid, VisitorId, ZoneId},
    timeline::Author,
};

use super::{INSTEAD, Weighed};
use crate::{
    event::{LegCause, Party},
    form::{self, Outcome},
    hub::Hub,
    input::{Actor, CauseKind, Done, Introduction, refuse},
    interaction::Interaction,
    settle::cause,
    state::State,
};

impl Hub {
    /// Begins a contact of a visitor that is a promise alone, with what they wrote of it; where they have one, or a chat, the
    /// promise is made there.
    pub(crate) fn open_callback(
        &mut self,
        candidate: InteractionId,
        who: &Introduction,
        (mid, text): (Mid, String),
        wanted: Wanted,
    ) -> Result<Done, Refusal> {
        if let Some(done) = self.check_opening(who, (&mid, &text))? {
            return Ok(done);
        }
        if let Some(id) = self.state.contact_of(who.visitor, &who.zone) {
            return self.promise_within(id, &Actor::Visitor(who.visitor), (mid, text), wanted);
        }
        let Some(zone) = self.setup.zones.get(&who.zone) else {
            return refuse(Code::NotFound, format!("there is no zone `{}`", who.zone));
        };
        // The number is the way to answer them.
        let read = form::read(&zone.form, who, &self.setup.numbering, true)?;
        let Outcome {
            who,
            answers,
            queue,
        } = read;
        let queue = queue.unwrap_or_else(|| zone.queue.clone());
        self.admit_new(candidate, &queue)?;
        let by = Actor::Visitor(who.visitor);
        let customer = self.state.customers().by_introduction(&who);
        let ready = match self.weigh(candidate, Some(&queue), (&by, customer), wanted)? {
            Weighed::Ready(ready) => ready,
            Weighed::Dialled(_) => {
                return refuse(Code::Conflict, "you are being called at this moment");
            }
        };
        self.check_room(&queue, ready.due)?;
        self.introduce(candidate, Channel::Voice, queue, &who, answers);
        let visitor = who.visitor;
        self.begin_leg(
            candidate,
            Party::CustomerChat { visitor },
            LegCause::Inbound,
            None,
        );
        self.link_by_queue(candidate);
        let done = self.write(candidate, Author::Customer, mid, text.clone());
        self.keep(candidate, &by, *ready);
        // Nobody is asked to chat.
        let instead = cause(CauseKind::Normal, INSTEAD);
        self.end_chat_legs(candidate, &instead, |_| true);
        self.heed(candidate, &text);
        done
    }

    // What is written of it stands before the promise, which may end the chat.
    fn promise_within(
        &mut self,
        id: InteractionId,
        by: &Actor,
        (mid, text): (Mid, String),
        wanted: Wanted,
    ) -> Result<Done, Refusal> {
        if let Some(done) = self.written_before(id, by, &mid)? {
            return Ok(done);
        }
        let found = self.going_on(id, by)?;
        let (queue, customer) = (found.queue.clone(), found.customer);
        let ready = match self.weigh(id, Some(&queue), (by, Some(customer)), wanted)? {
            Weighed::Ready(ready) => Some(ready),
            Weighed::Dialled(_) => None,
        };
        if let Some(ready) = &ready {
            self.check_promise(id, by, ready)?;
        }
        let done = self.write(id, Author::Customer, mid, text.clone());
        if let Some(ready) = ready {
            self.keep(id, by, *ready);
        }
        self.heed(id, &text);
        done
    }

    /// Tells whether who writes may begin a chat in a contact that is a promise alone: its visitor, who has no other chat there,
    /// where there are chats.
    pub(crate) fn may_begin_chat(&self, found: &Interaction, by: &Actor) -> bool {
        let Actor::Visitor(visitor) = by else {
            return false;
        };
        let Some(zone) = found.zone.as_ref() else {
            return false;
        };
        let open = self.setup.zones.get(zone).is_none_or(|setup| setup.chat);
        let chats = self.state.live_chat(*visitor, zone);
        open && found.is_promise_alone() && chats.is_none()
    }

    /// Has a contact that is a promise alone become a chat too, as its visitor writes.
    pub(crate) fn chat_beside(
        &mut self,
        id: InteractionId,
        by: &Actor,
        mid: &Mid,
    ) -> Result<(), Refusal> {
        let found = self.state.interaction(id).filter(|found| !found.chat);
        let (Some(found), Actor::Visitor(visitor)) = (found, by) else {
            return Ok(());
        };
        let (queue, zone, visitor) = (found.queue.clone(), found.zone.clone(), *visitor);
        self.check_busy((&queue, zone.as_ref()), Channel::Chat, Some((visitor, mid)))?;
        self.begin_leg(id, Party::CustomerChat { visitor }, LegCause::Inbound, None);
        Ok(())
    }

    // Who asks again in such a contact changes what they were promised there, also where to.
    pub(super) fn changed_by(&self, id: InteractionId, by: &Actor) -> Vec<CallbackId> {
        let theirs = matches!(by, Actor::Visitor(_) | Actor::Customer(_));
        let found = self.state.interaction(id);
        let Some(found) = found.filter(|found| theirs && found.is_promise_alone()) else {
            return Vec::new();
        };
        let own = found.callbacks.iter();
        let own = own.filter(|(_, one)| one.is_pending() && one.by == Author::Customer);
        own.map(|(n, _)| found.callback_id(n)).collect()
    }
}

impl State {
    /// Finds where a visitor goes on in a zone: their chat, else what is promised to them there.
    pub(crate) fn contact_of(&self, visitor: VisitorId, zone: &ZoneId) -> Option<InteractionId> {
        let promised = || {
            let mut theirs = self.of_visitor(visitor);
            theirs.find(|found| found.is_promise_alone() && found.zone.as_ref() == Some(zone))
        };
        let found = self.live_chat(visitor, zone).or_else(promised)?;
        Some(found.id)
    }
}

impl Interaction {
    /// Tells whether a call is promised in it to a visitor, and nothing else goes on.
    pub fn is_promise_alone(&self) -> bool {
        let idle = !self.chat && self.call.is_none() && self.assignment.is_none();
        idle && self.ended.is_none() && self.visitor.is_some() && self.has_open_callback()
    }
}
