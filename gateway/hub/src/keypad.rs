//! Keys that customers press: 1 while they wait keeps the place for a call back, 9 in a call of ours ends such calls.

use std::time::Duration;

use ws::{
    agent::Channel,
    consent::ContactChannel,
    id::{InteractionId, LegId, Number, Timestamp},
    timeline::Author,
};

use crate::{
    aside::Keyed,
    command::Program,
    consent::{Source, Subject},
    event::{Event, LegCause, OfferEnd},
    hub::Hub,
    input::CauseKind,
    interaction::{CallKind, Interaction},
    leg::Leg,
    promise::Plan,
    settle::cause,
    statement::Word,
};

/// How long before and after a 9 no other key is pressed, where somebody listens whom keys may be for as well.
const ALONE: Duration = Duration::from_secs(2);

impl Hub {
    /// Takes a key. That it reaches the other side too is the telephone edge's and the media plane's to do.
    pub(crate) fn leg_digit(&mut self, leg: LegId, digit: char) {
        if self.menu_key(leg, digit)
            || self.voicemail_key(leg, digit)
            || self.recording_key(leg, digit)
            || self.code_key(leg, digit)
        {
            return;
        }
        self.rating_key(leg, digit);
        let id = leg.interaction;
        let Some(found) = self.state.interaction(id) else {
            return;
        };
        let call = found.call.as_ref().filter(|call| call.customer == leg);
        let Some(call) = call.filter(|_| found.leg(leg).is_some_and(Leg::is_answered)) else {
            return;
        };
        // It stays a call of ours when it is given to somebody else.
        let cause = found.leg(leg).map(|leg| leg.cause);
        let dialled = matches!(cause, Some(LegCause::Callback | LegCause::Escalation));
        let ours = dialled || call.kind != CallKind::Inbound;
        if digit == '1' && self.may_keep_place(found).is_some() {
            self.keep_place(id, leg);
        } else if ours && self.setup.callbacks.stop_key {
            let talks = call.bridged.is_some();
            self.stop_key(leg, digit, talks);
        }
    }

    // Whoever talks with somebody may key a number or a choice to them: there a 9 is for us that stands alone.
    fn stop_key(&mut self, leg: LegId, digit: char, talks: bool) {
        if !talks {
            if digit == '9' {
                self.stop_calls(leg);
            }
            return;
        }
        let aside = self.asides.entry(leg.interaction).or_default();
        let alone = (aside.keyed).is_none_or(|before| self.now >= before.at + ALONE);
        aside.keyed = Some(Keyed {
            at: self.now,
            stops: (alone && digit == '9').then_some(leg),
        });
        self.touch(leg.interaction);
    }

    /// Returns when a 9 has stood alone for long enough, and of whose leg it came.
    pub(crate) fn stops_at(&self, id: InteractionId) -> Option<(Timestamp, LegId)> {
        let keyed = self.asides.get(&id)?.keyed?;
        Some((keyed.at + ALONE, keyed.stops?))
    }

    /// Takes that no other key follows a 9: time passed, or the leg has ended.
    pub(crate) fn stop_key_over(&mut self, leg: LegId) {
        let keyed = self.asides.get_mut(&leg.interaction);
        let keyed = keyed.and_then(|aside| aside.keyed.as_mut());
        if keyed.is_some_and(|keyed| keyed.stops.take_if(|stops| *stops == leg).is_some()) {
            self.stop_calls(leg);
        }
    }

    /// Takes that a leg heard what was said to it. What was replaced meanwhile is over already: the end of one thing is not
    /// that of the next.
    pub(crate) fn leg_heard(&mut self, leg: LegId, turn: u32) {
        if self.turns.get(&leg) != Some(&turn) {
            return;
        }
        self.menu_heard(leg);
        self.voicemail_heard(leg);
        self.rating_heard(leg);
        self.recording_heard(leg);
        self.farewell_heard(leg);
    }

    /// Returns the number a waiting caller may be called back at in the place they have; none where they may not.
    pub(crate) fn may_keep_place(&self, found: &Interaction) -> Option<Number> {
        let offered = self.setup.callbacks.keep_place || found.offered_back.is_some();
        let call = found.call.as_ref().filter(|_| offered)?;
        let entry = found.entry.as_ref()?;
        let waits = call.kind == CallKind::Inbound
            && call.agent.is_none()
            && entry.channel == Channel::Voice
            && entry.callback.is_none();
        let number = found.leg(call.customer)?.party.customer_number();
        let number = number.filter(|_| waits)?.clone();
        let customer = Some(found.customer);
        self.admit(&number, customer).is_ok().then_some(number)
    }

    fn keep_place(&mut self, id: InteractionId, leg: LegId) {
        let Some(found) = self.state.interaction(id) else {
            return;
        };
        let (Some(number), Some(entry)) = (self.may_keep_place(found), &found.entry) else {
            return;
        };
        let promised = found.callbacks.iter();
        let mut promised = promised.filter(|(_, c)| c.is_pending() && c.number == number);
        let promised = promised.next();
        let wished = promised.map(|(_, promise)| promise.plan.clone());
        let promised = promised.map(|(n, _)| found.callback_id(n));
        // What was wished of a call that is promised already holds of it; it is wanted at once, so that a reminder, and a
        // window of which there is nothing left, are nothing any more.
        let mut plan = Plan {
            place: Some(entry.key.since),
            timed: false,
            remind: None,
            ..wished.unwrap_or_default()
        };
        plan.until = plan.until.filter(|until| *until > self.now);
        let Some(due) = self.fit(&number, &plan, self.now) else {
            return;
        };
        self.end_offer(id, OfferEnd::Withdrawn);
        match promised {
            // Who was promised a call already, and called first, has it moved here.
            Some(callback) => self.move_callback(callback, due, plan, Author::Customer),
            None => {
                self.promise(id, number, due, Author::Customer, plan);
            }
        }
        let why = cause(CauseKind::Normal, "a call was promised instead");
        // Whoever was taken in before the call was passed on waited with the caller.
        let call = self.state.interaction(id).and_then(|f| f.call.clone());
        if let Some(call) = call {
            self.release_agent(&call, &why);
        }
        self.hang_up_after(leg, Program::Promised, &why);
        self.tell(Some(id), Event::CallEnded { leg, cause: why });
    }

    // Said of the person before the call ends, so that nothing promised to them is left.
    fn stop_calls(&mut self, leg: LegId) {
        let id = leg.interaction;
        let Some(found) = self.state.interaction(id) else {
            return;
        };
        let bridged = found
            .call
            .as_ref()
            .is_some_and(|call| call.bridged.is_some());
        // Whoever presses it has this telephone at hand, and no other.
        let numbers = found.leg(leg).and_then(|leg| leg.party.customer_number());
        let numbers = numbers.cloned();
        let word = Word::of(ContactChannel::Voice, false, Source::Keypad);
        let said = word.about(found.customer, numbers.map(Subject::Number));
        if !bridged && self.is_live(leg) {
            let why = cause(CauseKind::Normal, "the customer wants no such calls");
            self.hang_up_after(leg, Program::Stopped, &why);
        }
        self.state_consent(Some(id), said);
    }
}
