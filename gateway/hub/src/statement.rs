//! What is said about contact, taken in: a word in a chat, a key in a call, an answer of the network, an agent, a
//! program. Whatever was promised against it ends at once.

use ws::{
    consent::ContactChannel,
    frame::Refusal,
    id::{InteractionId, LegId, Timestamp},
    timeline::Author,
};

use crate::{
    consent::{Change, Source, Statement, Subject},
    event::{CallbackEnd, Event, Party},
    hub::Hub,
    input::{Actor, Cause, CauseKind, Done},
    interaction::Interaction,
    scope::{NAME, check_field},
};

impl Hub {
    /// Takes in what a program, or a link it made, says.
    pub(crate) fn set_consent(&mut self, mut said: Statement, by: &Actor) -> Result<Done, Refusal> {
        check_field("reason", said.reason.as_ref(), NAME)?;
        said.by = self.staff(by);
        self.state_consent(None, vec![said]);
        Ok(Done::Ok)
    }

    /// Takes in what an agent says for the customer of a contact.
    pub(crate) fn tell_consent(
        &mut self,
        id: InteractionId,
        by: &Actor,
        channel: ContactChannel,
        given: bool,
        reason: Option<String>,
    ) -> Result<Done, Refusal> {
        check_field("reason", reason.as_ref(), NAME)?;
        let found = self.scoped(id, by)?;
        let source = match by {
            Actor::Agent(_) => Source::Agent,
            Actor::Visitor(_) => Source::Keyword,
            Actor::House(_) => Source::Api,
            Actor::Customer(_) => Source::Link,
        };
        let mut said = self.of_customer(found, channel, given, source, reason);
        let by = self.staff(by);
        for one in &mut said {
            one.by.clone_from(&by);
        }
        self.state_consent(Some(id), said);
        Ok(Done::Ok)
    }

    /// Takes a customer at their word, if the whole of a message is one of those that mean it.
    pub(crate) fn heed(&mut self, id: InteractionId, text: &str) {
        let consent = &self.setup.consent;
        let given = match (consent.is_stop(text), consent.is_start(text)) {
            (true, _) => false,
            (false, true) => true,
            (false, false) => return,
        };
        let answer = match given {
            true => consent.started.clone(),
            false => consent.stopped.clone(),
        };
        let channels = consent.channels.clone();
        let Some(found) = self.state.interaction(id) else {
            return;
        };
        let each = channels
            .into_iter()
            .flat_map(|channel| self.of_customer(found, channel, given, Source::Keyword, None));
        let said: Vec<_> = each.collect();
        self.state_consent(Some(id), said);
        self.say_ourselves(id, answer);
    }

    /// Takes in that the network says a number does not want such calls (RFC 8197, RFC 8688).
    pub(crate) fn heed_network(&mut self, leg: LegId, cause: &Cause) {
        if cause.kind != CauseKind::Unwanted {
            return;
        }
        let found = self.state.interaction(leg.interaction);
        let party = found.and_then(|found| found.leg(leg)).map(|leg| &leg.party);
        let Some(Party::CustomerPhone {
            number: Some(number),
            ..
        }) = party
        else {
            return;
        };
        let said = Statement {
            subject: Subject::Number(number.clone()),
            channel: ContactChannel::Voice,
            change: Change::Suppressed,
            source: Source::Network,
            reason: Some(cause.text.clone()),
            until: None,
            by: None,
        };
        self.state_consent(Some(leg.interaction), vec![said]);
    }

    /// What a customer says, said of the record and of every address of it that is known.
    pub(crate) fn of_customer(
        &self,
        found: &Interaction,
        channel: ContactChannel,
        given: bool,
        source: Source,
        reason: Option<String>,
    ) -> Vec<Statement> {
        let known = self.state.customers().get(found.customer);
        let mut subjects = vec![Subject::Customer(found.customer)];
        match channel {
            ContactChannel::Voice => {
                let numbers = [
                    found.number.clone(),
                    known.and_then(|known| known.number.clone()),
                ];
                subjects.extend(numbers.into_iter().flatten().map(Subject::Number));
            }
            ContactChannel::Mail => {
                let mail = known.and_then(|known| known.mail.clone());
                subjects.extend(mail.as_deref().and_then(Subject::mail));
            }
            ContactChannel::Chat => {}
        }
        subjects.dedup();
        let change = match given {
            true => Change::Given,
            false => Change::Withdrawn,
        };
        let each = subjects.into_iter().map(|subject| Statement {
            subject,
            channel,
            change,
            source,
            reason: reason.clone(),
            until: None,
            by: None,
        });
        each.collect()
    }

    /// Makes statements facts, and breaks off what they forbid.
    pub(crate) fn state_consent(&mut self, id: Option<InteractionId>, said: Vec<Statement>) {
        let id = id.filter(|id| self.state.interaction(*id).is_some());
        for one in said {
            self.tell(id, Event::ConsentChanged(one));
        }
        let open: Vec<_> = self.state.open_callbacks().collect();
        for callback in open {
            let of = callback.interaction;
            if self.attempting(of) == Some(callback) && self.is_barred(callback, self.now) {
                self.stop_callback(callback, CallbackEnd::Suppressed);
            }
            self.touch(of);
        }
    }

    fn is_barred(&self, callback: ws::id::CallbackId, at: Timestamp) -> bool {
        let found = self.state.interaction(callback.interaction);
        let promise = found.and_then(|found| Some((found.callback(callback)?, found.customer)));
        promise.is_some_and(|(promise, customer)| {
            self.bar_call(&promise.number, Some(customer), at).is_some()
        })
    }

    fn say_ourselves(&mut self, id: InteractionId, text: String) {
        if text.is_empty() {
            return;
        }
        let mid = InteractionId::mint(&mut self.rng).to_string();
        let Ok(mid) = mid.parse() else {
            return;
        };
        let from = Author::System;
        self.tell(Some(id), Event::Said { from, mid, text });
    }
}
