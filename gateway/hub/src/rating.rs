//! Asking customers how well they were served, once an interaction: in the widget after a chat, by the keypad after a
//! call. The agent's slot is free meanwhile; only the seal waits.

use std::time::Duration;

use ws::{
    agent::Channel,
    frame::{Code, Refusal},
    id::{InteractionId, LegId, Timestamp},
    rating::Score,
};

use crate::{
    command::{Command, Program},
    event::{Event, Party},
    hub::Hub,
    input::{Actor, CauseKind, Done, refuse},
    interaction::{Answer, Call, Interaction, Rating},
    leg::Leg,
    scope::{COMMENT, check_field, written},
    settle::cause,
};

/// How long thanks may take to be heard.
const THANKS: Duration = Duration::from_secs(10);
/// How often a rating may be told.
const CHANGES: u32 = 20;

impl Hub {
    // Once, where an agent was met, and not on the way out.
    fn may_ask(&self, found: &Interaction, channel: Channel) -> bool {
        let ratings = self.setup.queues.get(&found.queue).map(|q| q.ratings);
        let wanted = ratings.is_some_and(|ratings| match channel {
            Channel::Chat => ratings.chat,
            Channel::Voice => ratings.call,
        });
        let may = found.met && found.rating.is_none() && !self.draining;
        wanted && may && !self.is_erased(found)
    }

    /// Tells whether the customer was erased while it went on.
    pub(crate) fn is_erased(&self, found: &Interaction) -> bool {
        self.state.customers().record(found.customer).is_none()
    }

    /// Asks a visitor whose contact is over and who is still there.
    pub(crate) fn settle_rating(&mut self, id: InteractionId) -> bool {
        let Some(found) = self.state.interaction(id) else {
            return false;
        };
        let over = found.ended.is_some() && !found.chat && found.call.is_none();
        if !over
            || found.has_open_callback()
            || self.now >= self.oldest(found)
            || !self.may_ask(found, Channel::Chat)
        {
            return false;
        }
        let there = found.visitor.is_some_and(|visitor| {
            self.widgets.get(&visitor).is_some_and(|widget| {
                let gone = |lost| self.now.since(lost) >= self.setup.spans.visitor_gone;
                !widget.lost.is_some_and(gone)
            })
        });
        if there {
            self.ask_rating(id, Channel::Chat, None, self.setup.spans.rating_chat);
        }
        there
    }

    /// Tells whether the caller of a call whose agent goes is to be asked.
    pub(crate) fn asks_caller(&self, id: InteractionId, call: &Call) -> bool {
        let Some(found) = self.state.interaction(id) else {
            return false;
        };
        let there = found.leg(call.customer).is_some_and(Leg::is_answered);
        // Callers by telephone alone are asked so.
        let keys = found
            .leg(call.customer)
            .is_some_and(|leg| !matches!(leg.party, Party::CustomerBrowser { .. }));
        there
            && keys
            && !self.is_releasing(call.customer)
            && call.bridged.is_some()
            // Who connects a colleague with us keeps them instead where nobody is here any more.
            && call.replacement.is_none()
            && !found.chat
            && self.may_ask(found, Channel::Voice)
    }

    /// Asks a caller, who hears the question now.
    pub(crate) fn ask_caller(&mut self, id: InteractionId, leg: LegId) {
        self.ask_rating(id, Channel::Voice, Some(leg), self.setup.spans.rating_call);
        let program = Program::Rate;
        self.ask(Command::Play { leg, program });
    }

    fn ask_rating(
        &mut self,
        id: InteractionId,
        channel: Channel,
        leg: Option<LegId>,
        span: Duration,
    ) {
        let Some(found) = self.state.interaction(id) else {
            return;
        };
        let asked = Event::RatingAsked {
            channel,
            queue: found.queue.clone(),
            agent: found.served.clone(),
            leg,
            until: self.now + span,
        };
        self.tell(Some(id), asked);
    }

    /// Takes a customer's answer, or the wish to give none.
    pub(crate) fn rate(
        &mut self,
        id: InteractionId,
        by: &Actor,
        score: Option<Score>,
        comment: Option<String>,
    ) -> Result<Done, Refusal> {
        let comment = written(comment);
        check_field("comment", comment.as_ref(), COMMENT)?;
        if let Actor::Agent(_) = by {
            return refuse(Code::Forbidden, "only the customer rates a contact");
        }
        let found = self.scoped(id, by)?;
        let erased = self.is_erased(found);
        let rating = found.rating.clone();
        let Some(rating) = rating.filter(|rating| rating.leg.is_none()) else {
            return refuse(Code::Conflict, "nobody asked how this contact was");
        };
        if erased || !rating.is_open(self.now) {
            return refuse(Code::Conflict, "it is too late to rate this contact");
        }
        if score.is_some() && rating.told >= CHANGES {
            return refuse(
                Code::Full,
                "this contact was rated often enough; what was said last stands",
            );
        }
        match score {
            Some(score) => self.rated(id, &rating, score, comment),
            None if rating.answer == Answer::Awaited => {
                let (channel, queue) = (rating.channel, rating.queue);
                self.tell(Some(id), Event::RatingDeclined { channel, queue });
            }
            // What was told stays told.
            None => {}
        }
        Ok(Done::Ok)
    }

    fn rated(&mut self, id: InteractionId, rating: &Rating, score: Score, comment: Option<String>) {
        let same = matches!(&rating.answer, Answer::Given { score: known, comment: words, .. }
            if *known == score && *words == comment);
        if same {
            return;
        }
        let rated = Event::Rated {
            channel: rating.channel,
            queue: rating.queue.clone(),
            agent: rating.agent.clone(),
            score,
            comment,
            asked: rating.asked,
            before: rating.score(),
        };
        self.tell(Some(id), rated);
    }

    // The question that waits for a key of this leg.
    fn asked_on(&self, leg: LegId) -> Option<&Rating> {
        let rating = self.state.interaction(leg.interaction)?.rating.as_ref()?;
        (rating.leg == Some(leg) && self.is_live(leg)).then_some(rating)
    }

    /// Takes a key. The first from 1 to 5 is the answer; all others, and those of other legs, say nothing to us: digits
    /// of a call reach the other side by the relay.
    pub(crate) fn rating_key(&mut self, leg: LegId, digit: char) {
        let asked = self
            .asked_on(leg)
            .filter(|rating| rating.answer == Answer::Awaited && rating.is_open(self.now));
        let (Some(rating), Some(score)) = (asked.cloned(), Score::from_digit(digit)) else {
            return;
        };
        self.rated(leg.interaction, &rating, score, None);
        let program = Program::Thanks;
        self.ask(Command::Play { leg, program });
    }

    /// Lets a caller go who heard the thanks.
    pub(crate) fn rating_heard(&mut self, leg: LegId) {
        let thanked = self.asked_on(leg).and_then(Rating::score).is_some();
        if thanked {
            let why = cause(CauseKind::Normal, "the caller has answered");
            self.release(leg, &why);
        }
    }

    /// Returns when the caller is let go who is asked, or thanked.
    pub(crate) fn rating_ends(&self, found: &Interaction) -> Option<(LegId, Timestamp)> {
        let rating = found.rating.as_ref()?;
        let leg = rating.leg?;
        if self.is_releasing(leg) || !found.leg(leg).is_some_and(Leg::is_live) {
            return None;
        }
        let end = match rating.answer {
            Answer::Given { at, .. } => at + THANKS,
            Answer::Awaited | Answer::Declined => rating.until,
        };
        Some((leg, end))
    }

    /// Lets a caller go who pressed no key, or whose thanks were never heard to their end.
    pub(crate) fn rating_over(&mut self, leg: LegId) {
        let why = cause(CauseKind::Normal, "the question is over");
        self.release(leg, &why);
    }
}
