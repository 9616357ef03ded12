//! Deadlines: every state an interaction can be in has one, and what happens when it passes.

use std::time::Duration;

use ws::{
    id::{InteractionId, LegId, Timestamp},
    timeline::Author,
};

use crate::{
    aside::Heard,
    early::Early,
    event::{CallbackEnd, Event, OfferEnd},
    hub::{Due, Hub},
    input::CauseKind,
    interaction::{Call, CallKind, Interaction},
    recording::finishes,
    settle::cause,
};

/// A released leg that is silent for this long is taken to be over: longer than any transaction of SIP lives.
const RELEASE: Duration = Duration::from_secs(40);
/// How often a waiting caller is told a place that changed.
const ANNOUNCE: Duration = Duration::from_secs(10);

/// How long a caller hears why the call ends.
const FAREWELL: Duration = Duration::from_secs(6);

/// What is to be done at a deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    OfferOver,
    InvitationOver,
    WrapUpOver,
    RangOut(LegId),
    LostRelease(LegId),
    Silent(LegId),
    Unheard(LegId),
    Idle,
    FarewellOver(LegId),
    MenuOver(LegId),
    VoicemailOver(LegId),
    Park,
    VisitorGone,
    PageGone(LegId),
    TooOld,
    RatingOver(LegId),
    Cobrowse,
    Recording,
    StopKey(LegId),
    // A look at the interaction is enough: a callback falls due, a window closes, a place is told.
    Look,
    // Who waits may be told another time.
    Tell,
}

/// When an interaction is to be looked at again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Next {
    /// For whatever reason.
    pub(crate) due: Timestamp,
    /// For another reason than what those who wait are told.
    pub(crate) still: Timestamp,
}

impl Hub {
    /// Returns when something is due for an interaction.
    pub(crate) fn next_deadline(&self, id: InteractionId) -> Option<Next> {
        let found = self.state.interaction(id)?;
        let never = found.opened + Duration::MAX;
        let mut next = Next {
            due: never,
            still: never,
        };
        self.deadlines(found, &mut |at, act| {
            next.due = next.due.min(at);
            if act != Act::Tell {
                next.still = next.still.min(at);
            }
        });
        Some(next)
    }

    /// Does what is due for an interaction.
    pub(crate) fn sweep(&mut self, id: InteractionId) {
        if let Some(aside) = self.asides.get_mut(&id) {
            aside.due = None;
            // Nothing else follows from words.
            if let Some(still) = aside.still.filter(|still| self.now < *still) {
                let again = self.tell_wait(id);
                return self.look_at(id, again.map_or(still, |again| again.min(still)));
            }
        }
        let mut due = Vec::new();
        if let Some(found) = self.state.interaction(id) {
            self.deadlines(found, &mut |at, act| {
                if at <= self.now {
                    due.push(act);
                }
            });
        }
        for act in due {
            self.act(id, act);
        }
        self.touch(id);
    }

    // Sets the timer of one who waits and of whom nothing else is due before.
    fn look_at(&mut self, id: InteractionId, due: Timestamp) {
        self.timers.insert((due, Due::Interaction(id)));
        self.asides.entry(id).or_default().due = Some(due);
    }

    fn deadlines(&self, found: &Interaction, put: &mut impl FnMut(Timestamp, Act)) {
        let moved = self.asides.get(&found.id).map(|aside| &aside.moved);
        let moved = moved.filter(|moved| !moved.is_empty());
        self.set_deadlines(found, &mut |at, act| {
            put(moved.map_or(at, |moved| moved.due(act, at)), act);
        });
    }

    /// Tells every deadline as it was set, before any step of the clock.
    pub(crate) fn set_deadlines(&self, found: &Interaction, put: &mut impl FnMut(Timestamp, Act)) {
        let spans = &self.setup.spans;
        // What was ended for its age may still wait for the file of its recording, which has a deadline of its own.
        let oldest = self.oldest(found);
        let oldest = match finishes(found) {
            Some(until) if until >= oldest => until + Duration::from_millis(1),
            Some(_) | None => oldest,
        };
        put(oldest, Act::TooOld);
        if let Some(offer) = &found.offer {
            put(offer.deadline, Act::OfferOver);
        }
        for invited in &found.room.invited {
            put(invited.deadline, Act::InvitationOver);
        }
        if let Some(until) = found.assignment.as_ref().and_then(|stay| stay.wrap_up) {
            put(until, Act::WrapUpOver);
        }
        for (_, due) in self.ready_callbacks(found) {
            if found.entry.is_none() {
                put(due, Act::Look);
            }
        }
        self.promise_deadlines(found, &mut |at| put(at, Act::Look));
        if found.is_waiting() {
            self.waiting_deadlines(found, put);
        }
        if let Some(due) = self.parks_at(found) {
            put(due, Act::Park);
        }
        if found.writes() && found.call.is_none() {
            if let Some(stay) = &found.assignment {
                let silent = self.silent_since(found);
                let silent = silent.max(stay.since).max(stay.resumed);
                // Nobody is silent whom nobody hears.
                if !stay.paused {
                    put(silent + spans.idle_chat, Act::Idle);
                }
            }
            let widget = found.visitor.and_then(|visitor| self.widgets.get(&visitor));
            // Who left a message need not stay for the answer.
            let stays = found.message.is_none();
            if let Some(lost) = widget.and_then(|widget| widget.lost).filter(|_| stays) {
                put(lost + spans.visitor_gone, Act::VisitorGone);
            }
        }
        if let Some((leg, end)) = self.rating_ends(found) {
            put(end, Act::RatingOver(leg));
        } else if let Some(rating) = &found.rating
            && rating.is_open(self.now)
        {
            put(rating.until, Act::Look);
        }
        self.cobrowse_deadlines(found, &mut |at| put(at, Act::Cobrowse));
        if let Some(due) = self.recording_due(found) {
            put(due, Act::Recording);
        }
        if let Some((due, leg)) = self.stops_at(found.id) {
            put(due, Act::StopKey(leg));
        }
        self.leg_deadlines(found, put);
    }

    // An interaction lives as long as a promise to call in it stands, or a message waits.
    pub(crate) fn oldest(&self, found: &Interaction) -> Timestamp {
        let longest = self.setup.spans.longest;
        // Lived is what passed; what is promised for a time of day is promised for that.
        let opened = found.stepped.shift(found.opened);
        let lives = match found.message {
            None => opened + longest,
            Some(left) => {
                let waits = self.message_waits_until(found, left);
                let stay = found.assignment.as_ref();
                stay.map_or(waits, |stay| waits.max(stay.since + longest))
            }
        };
        let open = found.callbacks.values().filter(|c| c.is_open());
        let stand = open.map(|promise| self.setup.stands_until(&found.queue, promise, self.now));
        stand.fold(lives, Timestamp::max)
    }

    fn waiting_deadlines(&self, found: &Interaction, put: &mut impl FnMut(Timestamp, Act)) {
        let spans = &self.setup.spans;
        let view = self.view();
        if let Some(entry) = &found.entry {
            let kept = view.kept(found, entry).and_then(|kept| kept.until);
            for at in kept.into_iter().chain(view.relaxes_at(entry)) {
                put(at, Act::Look);
            }
        }
        if let Some(at) = self.waits_for_quiet_until(found) {
            put(at, Act::Look);
        }
        if let Some(at) = self.tells_at(found) {
            put(at, Act::Tell);
        }
        if let Some(entry) = &found.entry
            && let Some(at) = self.ruled_at(found, entry)
        {
            put(at, Act::Look);
        }
        if found.message.is_some()
            && let Some(opens) = self.opens_for(found)
        {
            put(opens, Act::Look);
        }
        for agent in found.tried.keys() {
            if let Some(until) = view.in_peace(found, agent) {
                put(until, Act::Look);
            }
        }
        let aside = self.asides.get(&found.id);
        let calls = |call: &Call| call.kind == CallKind::Inbound && call.agent.is_none();
        let Some(call) = found.call.as_ref().filter(|call| calls(call)) else {
            return;
        };
        let early = aside.map(|aside| aside.early);
        match aside.map(|aside| (aside.heard, aside.answered)) {
            Some((Heard::Waiting { at, .. }, _)) => put(at + ANNOUNCE, Act::Look),
            Some((Heard::Place { at }, false)) if early == Some(Early::Closed) => {
                put(at + spans.answer_after, Act::Look);
            }
            Some((Heard::Place { .. }, _))
            | Some((Heard::Nothing | Heard::Ring | Heard::Ringback | Heard::Farewell { .. }, _))
            | None => {}
        }
        // Once it is over they are being answered, or hear why they are not.
        let until = self.early_until(found, call.customer);
        if let Some(until) = until.filter(|until| *until > self.now) {
            put(until, Act::Look);
        }
        if let Some(leg) = found.leg(call.customer)
            && let Some(since) = leg.answered_at().filter(|_| leg.flowing.is_none())
            && !self.is_releasing(call.customer)
        {
            put(since + spans.unheard, Act::Unheard(call.customer));
        }
    }

    pub(crate) fn is_releasing(&self, leg: LegId) -> bool {
        let aside = self.asides.get(&leg.interaction);
        aside.is_some_and(|aside| aside.releasing.iter().any(|(n, _)| *n == leg.n))
    }

    fn leg_deadlines(&self, found: &Interaction, put: &mut impl FnMut(Timestamp, Act)) {
        let releasing = self.asides.get(&found.id).map(|aside| &aside.releasing);
        for (n, at) in releasing.into_iter().flatten() {
            put(*at + RELEASE, Act::LostRelease(found.leg_id(*n)));
        }
        let Some(call) = &found.call else {
            return;
        };
        if let Some(gone) = self.page_lost(found, call) {
            put(
                gone + self.setup.spans.page_gone,
                Act::PageGone(call.customer),
            );
        }
        if let Some(until) = self.menu_until(found, call) {
            put(until, Act::MenuOver(call.customer));
        }
        if let Some(until) = self.voicemail_until(found, call) {
            put(until, Act::VoicemailOver(call.customer));
        }
        let heard = self.asides.get(&found.id).map(|aside| aside.heard);
        if let (Some(Heard::Farewell { at }), false) = (heard, self.is_releasing(call.customer)) {
            let own = found.turned.map(|rule| self.farewell(found, rule));
            let own = own.map_or(Duration::ZERO, |program| self.setup.own_length(&program));
            put(at + FAREWELL + own, Act::FarewellOver(call.customer));
        }
        let own = [Some(call.customer), call.agent];
        for leg in own.into_iter().flatten().chain(call.others()) {
            let Some(at) = found.leg(leg).filter(|leg| leg.is_live()) else {
                continue;
            };
            if at.is_dialled() && !at.is_answered() {
                put(at.started + self.setup.spans.ring, Act::RangOut(leg));
            }
            if let Some(bridged) = call.bridged
                && own.contains(&Some(leg))
                && at.flowing.is_none()
                && !at.silent
            {
                put(bridged + self.setup.spans.media, Act::Silent(leg));
            }
        }
    }

    // Since when the visitor of a call that nobody took closed their last page, where nothing comes of their browser either.
    // One who is connected, or whose network is lost, is waited for by the media plane.
    fn page_lost(&self, found: &Interaction, call: &Call) -> Option<Timestamp> {
        let leg = found.leg(call.customer).filter(|leg| leg.is_live())?;
        let waits = call.bridged.is_none() && !self.is_releasing(call.customer);
        let widget = self.widgets.get(&found.visitor?)?;
        let gone = leg.is_from_page() && !leg.hears && widget.went;
        widget.lost.filter(|_| gone && waits)
    }

    // An act whose reason is gone by now, because of one before it, does nothing.
    fn act(&mut self, id: InteractionId, act: Act) {
        match act {
            Act::OfferOver => self.end_offer(id, OfferEnd::Expired),
            Act::InvitationOver => self.expire_invitations(id),
            Act::WrapUpOver => self.end_stay(id, None, None, "the wrap-up time is over"),
            Act::RangOut(leg) => {
                let cause = cause(CauseKind::NoAnswer, "nobody answered");
                self.release(leg, &cause);
                self.leg_lost(leg, &cause);
            }
            Act::LostRelease(leg) => self.mend_release(leg),
            Act::Silent(leg) => {
                self.tell(Some(id), Event::OneWayAudio { leg });
            }
            Act::Unheard(leg) => {
                let cause = cause(
                    CauseKind::MediaLost,
                    "nothing was ever heard from the caller",
                );
                self.release(leg, &cause);
            }
            Act::FarewellOver(leg) => {
                let cause = self.turned_away(leg);
                self.release(leg, &cause);
            }
            Act::VoicemailOver(leg) => self.voicemail_over(leg),
            Act::MenuOver(leg) => self.menu_over(leg),
            Act::Park => self.park_silent(id),
            Act::Idle => self.finish(id, Author::System, "nothing was written for too long"),
            Act::VisitorGone => self.finish(id, Author::System, "the visitor left the page"),
            Act::PageGone(leg) => {
                let cause = cause(CauseKind::MediaLost, "the visitor left the page");
                self.release(leg, &cause);
            }
            Act::TooOld => self.grow_too_old(id),
            Act::RatingOver(leg) => self.rating_over(leg),
            Act::Cobrowse => self.cobrowse_due(id),
            Act::Recording => self.recording_over(id),
            Act::StopKey(leg) => self.stop_key_over(leg),
            Act::Look | Act::Tell => {}
        }
    }

    fn mend_release(&mut self, leg: LegId) {
        if self.is_live(leg) {
            let what = format!("leg {leg} was released and never told its end");
            self.tell(Some(leg.interaction), Event::Mended { what });
            let cause = cause(CauseKind::Fault, "the end was never told");
            self.leg_ended(leg, cause);
        }
    }

    // Lived as long as it may. Nobody took a message: that happens. All else is a fault, and ends whatever it is.
    fn grow_too_old(&mut self, id: InteractionId) {
        let found = self.state.interaction(id);
        if found.is_some_and(Interaction::is_message_alone) {
            return self.end_everything(id, CauseKind::Normal, "nobody took the message");
        }
        let what = "the interaction lived longer than any may".to_owned();
        self.tell(Some(id), Event::Mended { what });
        let open = self.state.interaction(id).map(|found| {
            let open = found.callbacks.iter().filter(|(_, c)| c.is_pending());
            open.map(|(n, _)| found.callback_id(n)).collect::<Vec<_>>()
        });
        for callback in open.unwrap_or_default() {
            let end = CallbackEnd::GivenUp;
            self.tell(Some(id), Event::CallbackEnded { callback, end });
        }
        self.end_everything(id, CauseKind::Fault, "it lived longer than any may");
    }

    /// Ends all of an interaction at once: chat, call, promises, the agent's stay, legs.
    pub(crate) fn end_everything(&mut self, id: InteractionId, kind: CauseKind, why: &str) {
        self.finish(id, Author::System, why);
        self.give_up_callbacks(id);
        self.end_stay(id, None, None, why);
        let found = self.state.interaction(id);
        let phones = found.into_iter().flat_map(|found| {
            let live = found.legs.iter().filter(|(_, leg)| leg.is_live());
            // Pages that are seen together end with the contact.
            let live = live.filter(|(_, leg)| leg.is_phone());
            live.map(|(n, _)| found.leg_id(n)).collect::<Vec<_>>()
        });
        for leg in phones.collect::<Vec<_>>() {
            let cause = cause(kind, why);
            self.release(leg, &cause);
            self.leg_ended(leg, cause);
        }
    }

    fn give_up_callbacks(&mut self, id: InteractionId) {
        let found = self.state.interaction(id);
        let open: Vec<_> = found
            .into_iter()
            .flat_map(|found| {
                let open = found.callbacks.iter().filter(|(_, c)| c.is_open());
                open.map(|(n, _)| found.callback_id(n))
            })
            .collect();
        for callback in open {
            let end = CallbackEnd::GivenUp;
            self.tell(Some(id), Event::CallbackEnded { callback, end });
        }
    }

    /// Tells whether an interaction's call is an attempt that did not reach anybody yet.
    pub(crate) fn attempting(&self, id: InteractionId) -> Option<ws::id::CallbackId> {
        let call = self.state.interaction(id)?.call.as_ref()?;
        match call.kind {
            CallKind::Callback(callback) if call.bridged.is_none() => Some(callback),
            CallKind::Callback(_) | CallKind::Escalation | CallKind::Inbound => None,
        }
    }
}

/// Tells how long a told place stands before a changed one is told.
pub(crate) fn announced(at: Timestamp, now: Timestamp) -> bool {
    now.since(at) < ANNOUNCE
}
