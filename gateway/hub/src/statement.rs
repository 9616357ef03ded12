//! What is said about contact, taken in: a word in a chat, a key in a call, an answer of the network, an agent, a
//! program. Whatever was promised against it ends at once.

use std::collections::BTreeSet;

use ws::{
    consent::ContactChannel,
    frame::{Code, Refusal},
    id::{CallbackId, CustomerId, InteractionId, LegId, Number, Timestamp},
    timeline::Author,
};

use crate::{
    consent::{Change, Mark, STRANGER, Source, Statement, Subject},
    customer::Identity,
    event::{CallbackEnd, Event, Party},
    hub::Hub,
    input::{Actor, Cause, CauseKind, Done, refuse},
    interaction::Interaction,
    numbering,
    scope::{NAME, check_field},
};

/// What a customer says about contact, or somebody for them.
pub(crate) struct Word {
    channel: ContactChannel,
    change: Change,
    source: Source,
    reason: Option<String>,
    by: Option<Author>,
}

impl Word {
    pub(crate) fn of(channel: ContactChannel, given: bool, source: Source) -> Self {
        let change = match given {
            true => Change::Given,
            false => Change::Withdrawn,
        };
        Self {
            channel,
            change,
            source,
            reason: None,
            by: None,
        }
    }

    /// Says it of a record, and of addresses that are known to be theirs.
    pub(crate) fn about(
        &self,
        customer: CustomerId,
        addresses: impl IntoIterator<Item = Subject>,
    ) -> Vec<Statement> {
        let subjects = std::iter::once(Subject::Customer(customer)).chain(addresses);
        let each = subjects.map(|subject| Statement {
            subject,
            channel: self.channel,
            change: self.change,
            source: self.source,
            reason: self.reason.clone(),
            until: None,
            by: self.by.clone(),
        });
        each.collect()
    }
}

impl Hub {
    /// Takes in what a program says, or a customer by the link in a mail. Whose mail it is may say so of themselves, and of
    /// the address it came to; which telephones are theirs besides is known here.
    pub(crate) fn set_consent(
        &mut self,
        mut said: Statement,
        id: Option<InteractionId>,
        by: &Actor,
    ) -> Result<Done, Refusal> {
        check_field("reason", said.reason.as_ref(), NAME)?;
        if let Subject::Number(number) = &said.subject {
            numbering::check(number)?;
        }
        said.by = self.staff(by);
        if let Subject::Customer(customer) = said.subject
            && self.state.customers().record(customer).is_none()
            && !matches!(by, Actor::Customer(_))
        {
            let text = format!("there is no customer {customer}, or they were erased");
            return refuse(Code::NotFound, text);
        }
        if let Some(id) = id {
            self.said_in(id, &said.subject)?;
        }
        let mut all = vec![said.clone()];
        if let (Actor::Customer(_), Subject::Customer(customer)) = (by, &said.subject)
            && said.channel == ContactChannel::Voice
        {
            let known = self.state.customers().get(*customer);
            let number = known.and_then(|known| known.number.clone());
            all.extend(number.map(|number| Statement {
                subject: Subject::Number(number),
                ..said
            }));
        }
        self.state_consent(id, all);
        Ok(Done::Ok)
    }

    // Something is said of whoever a contact is with, and of addresses that are in it or known to be theirs.
    fn said_in(&self, id: InteractionId, subject: &Subject) -> Result<(), Refusal> {
        let Some(found) = self.state.interaction(id) else {
            let text =
                format!("interaction: there is no interaction {id}, or its record is closed");
            return refuse(Code::OutOfRange, text);
        };
        let customers = self.state.customers();
        let root = customers.root(found.customer);
        let is_theirs = match subject {
            Subject::Customer(customer) => customers.root(*customer) == root,
            Subject::Number(number) => {
                let spellings = self.setup.numbering.spellings(number);
                let mut known = found.number.iter().chain(&found.reached);
                self.owner_of(number) == Some(root) || known.any(|one| spellings.contains(one))
            }
            Subject::Mail(mail) => Identity::mail(mail).is_some_and(|mail| {
                let known = customers.get(root);
                known.is_some_and(|known| known.identities.contains_key(&mail))
            }),
        };
        if !is_theirs {
            let text = format!("interaction: {id} is not with {subject}");
            return refuse(Code::OutOfRange, text);
        }
        Ok(())
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
        let word = Word {
            reason,
            by: self.staff(by),
            ..Word::of(channel, given, source)
        };
        let said = word.about(found.customer, self.proved(found, channel));
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
        let each = channels.into_iter().flat_map(|channel| {
            let word = Word::of(channel, given, Source::Keyword);
            word.about(found.customer, self.proved(found, channel))
        });
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
        if let Some(number) = party.and_then(Party::number).cloned() {
            self.suppress_unwanted(leg.interaction, number, cause.text.clone());
        }
    }

    /// Keeps that the network of a number that was called in `id` does not want such calls.
    pub(crate) fn suppress_unwanted(&mut self, id: InteractionId, number: Number, why: String) {
        let said = Statement {
            subject: Subject::Number(number),
            channel: ContactChannel::Voice,
            change: Change::Suppressed,
            source: Source::Network,
            reason: Some(why),
            until: None,
            by: None,
        };
        self.state_consent(Some(id), vec![said]);
    }

    // The addresses of a channel that are known to be the customer's: signed, called from, answered at. What was only typed
    // may be anybody's, who would lose calls, or get them, by the word of a stranger.
    fn proved(&self, found: &Interaction, channel: ContactChannel) -> BTreeSet<Subject> {
        let known = self.state.customers().get(found.customer);
        match channel {
            ContactChannel::Voice => {
                let number = known.and_then(|known| known.number.clone());
                let numbers = found.reached.iter().cloned().chain(number);
                numbers.map(Subject::Number).collect()
            }
            ContactChannel::Mail => {
                let mail = self.proved_mail(found.customer);
                mail.as_deref()
                    .and_then(Subject::mail)
                    .into_iter()
                    .collect()
            }
            ContactChannel::Chat => BTreeSet::new(),
        }
    }

    /// Returns the mail address of a customer, where it is known to be theirs.
    pub(crate) fn proved_mail(&self, customer: CustomerId) -> Option<String> {
        let customers = self.state.customers();
        let mail = customers.get(customer)?.mail.clone()?;
        let owner = customers.by_mail(&mail);
        (owner == Some(customers.root(customer))).then_some(mail)
    }

    /// Returns the number of a contact that is known to be its customer's: the one in it, or the last of theirs.
    pub(crate) fn proved_number(&self, found: &Interaction) -> Option<Number> {
        let customers = self.state.customers();
        let theirs = |number: &Number| {
            let owner = self.owner_of(number);
            owner == Some(customers.root(found.customer)) || found.reached.contains(number)
        };
        let number = found.number.clone().filter(theirs);
        number.or_else(|| customers.get(found.customer)?.number.clone())
    }

    /// Says of every address that leads to a customer what was said of the record alone, which is about to go: that somebody
    /// is not to be contacted is not forgotten with who they were.
    pub(crate) fn outlive(&mut self, root: CustomerId) {
        let family = self.of_whom(&Subject::Customer(root));
        let consents = self.state.consents();
        let mut said = Vec::new();
        for (address, channel) in self.addresses_of(root) {
            let stands = consents.forbidding(std::slice::from_ref(&address), channel, self.now);
            for (change, mark) in consents.forbidding(&family, channel, self.now) {
                let already = stands.get(&change);
                if already.is_some_and(|stands| stands.outlasts(mark)) {
                    continue;
                }
                said.push(Statement {
                    subject: address.clone(),
                    channel,
                    change,
                    source: mark.source,
                    reason: None,
                    until: mark.until,
                    by: None,
                });
            }
        }
        self.state_consent(None, said);
    }

    /// Makes statements facts, and breaks off what they forbid.
    pub(crate) fn state_consent(&mut self, id: Option<InteractionId>, said: Vec<Statement>) {
        let id = id.filter(|id| self.state.interaction(*id).is_some());
        let mut open = BTreeSet::new();
        for mut one in self.once_each(said) {
            if !self.is_kept(&mut one) {
                continue;
            }
            open.extend(self.concerned(&one.subject));
            self.tell(id, Event::ConsentChanged(one));
        }
        for callback in open {
            let of = callback.interaction;
            if self.attempting(of) == Some(callback) && self.is_barred(callback, self.now) {
                self.stop_callback(callback, CallbackEnd::Suppressed);
            }
            self.touch(of);
        }
    }

    // An address that is told of by itself may be told of as one of its customer's, too.
    fn once_each(&self, said: Vec<Statement>) -> Vec<Statement> {
        let mut once: Vec<Statement> = Vec::new();
        for one in said.into_iter().flat_map(|one| self.of_the_whole(one)) {
            let is_same = |other: &Statement| {
                (&other.subject, other.channel, other.change)
                    == (&one.subject, one.channel, one.change)
            };
            if !once.iter().any(is_same) {
                once.push(one);
            }
        }
        once
    }

    // The addresses that lead to a record.
    fn addresses_of(&self, customer: CustomerId) -> Vec<(Subject, ContactChannel)> {
        let customers = self.state.customers();
        let root = customers.root(customer);
        let Some(whole) = customers.get(root) else {
            return Vec::new();
        };
        let theirs = whole.identities.keys();
        let theirs = theirs.filter(|identity| customers.by(identity) == Some(root));
        theirs.filter_map(addressed).collect()
    }

    // What lifts something of a record lifts it of all that were merged into one with it: they are one person, who is believed last. What
    // they allow again, they allow by all their addresses; what the house said of an address stays.
    fn of_the_whole(&self, said: Statement) -> Vec<Statement> {
        let lifted = match said.change {
            Change::Given => Change::Withdrawn,
            Change::Unsuppressed => Change::Suppressed,
            Change::Withdrawn | Change::Suppressed => return vec![said],
        };
        let consents = self.state.consents();
        let addresses = match (said.change, &said.subject) {
            (Change::Given, Subject::Customer(customer)) => self.addresses_of(*customer),
            _ => Vec::new(),
        };
        let addresses = addresses
            .into_iter()
            .filter(|(_, by)| *by == said.channel)
            .map(|(address, _)| address);
        let others = self.of_whom(&said.subject).into_iter().chain(addresses);
        let others = others.filter(|other| {
            let one = std::slice::from_ref(other);
            let forbids = consents.forbidding(one, said.channel, self.now);
            *other != said.subject && forbids.contains_key(&lifted)
        });
        let others = others.map(|subject| Statement {
            subject,
            ..said.clone()
        });
        std::iter::once(said.clone()).chain(others).collect()
    }

    // Nothing is kept of who was erased, and the word of a stranger for a while: nobody else comes as that record.
    fn is_kept(&self, said: &mut Statement) -> bool {
        let Subject::Customer(customer) = said.subject else {
            return true;
        };
        let customers = self.state.customers();
        if customers.record(customer).is_none() {
            return false;
        }
        if said.source.is_customers() && customers.is_stranger(customer) {
            said.until.get_or_insert(self.now + STRANGER);
        }
        true
    }

    /// Lets count for good what somebody said while they were a stranger, once they are known by more than a browser.
    pub(crate) fn stand_by(&mut self, customer: CustomerId) {
        let customers = self.state.customers();
        let root = customers.root(customer);
        if customers.is_stranger(root) {
            return;
        }
        let (mut said, mut again) = (Vec::new(), Vec::new());
        for record in customers.family(root) {
            for (channel, mark, later) in self.state.consents().passing(record) {
                let of = (record, channel);
                let for_good = mark.said_of(of, None);
                match later {
                    None => said.push(for_good),
                    // In the order in which both were said, so that it stands as before.
                    Some(later) => again.extend([for_good, later.said_of(of, later.until)]),
                }
            }
        }
        self.state_consent(None, said);
        for one in again {
            self.tell(None, Event::ConsentChanged(one));
        }
    }

    /// Returns the open callbacks that what is said of somebody can forbid: to the number, to those of the customer, and in
    /// interactions of the customer. There may be thousands of others, and strangers say things too.
    pub(crate) fn concerned(&self, subject: &Subject) -> BTreeSet<CallbackId> {
        let customers = self.state.customers();
        let to = |number: &Number| -> Vec<CallbackId> {
            let all = self.setup.numbering.spellings(number);
            let all = all.iter().flat_map(|one| self.state.callbacks_to(one));
            all.collect()
        };
        let root = match subject {
            Subject::Number(number) => return to(number).into_iter().collect(),
            Subject::Customer(customer) => Some(customers.root(*customer)),
            Subject::Mail(mail) => customers.by_mail(mail),
        };
        let Some(root) = root else {
            return BTreeSet::new();
        };
        let whole = customers.get(root);
        let identities = whole.iter().flat_map(|whole| whole.identities.keys());
        let numbers = identities.filter_map(|identity| match identity {
            Identity::Number(number) => Some(number),
            Identity::Mail(_)
            | Identity::Visitor(_)
            | Identity::Subject(_)
            | Identity::External { .. } => None,
        });
        let family = customers.family(root);
        let live = family
            .iter()
            .flat_map(|record| self.state.matters().of(*record));
        let live = live.filter_map(|id| self.state.interaction(id));
        let within = live.flat_map(|found| {
            let open = found.callbacks.iter().filter(|(_, one)| one.is_open());
            open.map(|(n, _)| found.callback_id(n))
        });
        numbers.flat_map(to).chain(within).collect()
    }

    fn is_barred(&self, callback: CallbackId, at: Timestamp) -> bool {
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

impl Mark {
    // What was said of a record's consent, to be said again.
    fn said_of(&self, of: (CustomerId, ContactChannel), until: Option<Timestamp>) -> Statement {
        Statement {
            subject: Subject::Customer(of.0),
            channel: of.1,
            change: match self.allows {
                true => Change::Given,
                false => Change::Withdrawn,
            },
            source: self.source,
            reason: None,
            until,
            by: None,
        }
    }
}

// By what an identity that is an address is used.
fn addressed(identity: &Identity) -> Option<(Subject, ContactChannel)> {
    let channel = match identity {
        Identity::Number(_) => ContactChannel::Voice,
        Identity::Mail(_) => ContactChannel::Mail,
        Identity::Visitor(_) | Identity::Subject(_) | Identity::External { .. } => return None,
    };
    Some((identity.address()?, channel))
}
