//! The one way out: nobody outside is dialled or written to but through here. It knows consent, suppression, the lists,
//! drain, how far and how often calls leave the house, and the trunk.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use ws::{
    consent::ContactChannel,
    frame::{Code, Refusal},
    id::{AgentId, CustomerId, InteractionId, LegId, Number, Timestamp, TrunkId},
};

use crate::{
    consent::{Bar, Subject},
    event::{Event, LegCause},
    hub::Hub,
    input::{Actor, By},
    interaction::{Callback, Interaction},
    numbering::UNREADABLE,
};

/// What is said of a promise that no trunk takes now.
const NO_ROOM: &str = "no trunk has room for another call; the promise waits until one has";

/// On which way out somebody was to be contacted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// A call is promised.
    Promise,
    /// A promised call is made.
    Callback,
    /// A chat becomes a call.
    Escalation,
    /// A call is handed on.
    Transfer,
    /// Whoever was dialled names somebody else.
    Redirection,
    /// A mail reminds of a promised call.
    Reminder,
    /// A visitor has a chat mailed.
    Transcript,
    /// A program writes into a chat as the house.
    Message,
}

/// Why the gate is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Closed {
    /// The house forbids the contact.
    Suppressed,
    /// The customer withdrew the consent.
    Withdrawn,
    /// The channel needs consent, and none was given.
    NoConsent,
    /// The number stands in a list of those that must not be called.
    Listed,
    /// The server is shutting down.
    Draining,
    /// There is no way to dial.
    NoTrunk,
    /// No rule of the house allows calls to that number.
    NotAllowed,
    /// Which number it is cannot be told, so no rule of the house can be held against it.
    Unreadable,
    /// What is known as the mail address is none.
    NoAddress,
    /// The house does not call such destinations.
    Denied,
    /// As many calls as may went to such destinations within the hour.
    PrefixSpent,
    /// The agent asked for as many calls as they may within the hour.
    AgentSpent,
    /// As many calls as may left the house within the hour.
    HouseSpent,
    /// As many calls as may left by the trunk within the hour.
    TrunkSpent,
    /// Whoever has the number is in a call with the house, or dialled for another promise.
    OnCall,
    /// No trunk has room for another call.
    NoRoom,
}

impl From<Bar> for Closed {
    fn from(bar: Bar) -> Self {
        match bar {
            Bar::Suppressed => Self::Suppressed,
            Bar::Withdrawn => Self::Withdrawn,
            Bar::NoConsent => Self::NoConsent,
            Bar::Listed => Self::Listed,
        }
    }
}

impl Closed {
    /// Tells whether the customer is not to be contacted; else the house cannot at the moment.
    pub fn is_barred(self) -> bool {
        match self {
            Self::Suppressed | Self::Withdrawn | Self::NoConsent | Self::Listed => true,
            Self::Draining
            | Self::NoTrunk
            | Self::NotAllowed
            | Self::Unreadable
            | Self::NoAddress
            | Self::Denied
            | Self::PrefixSpent
            | Self::AgentSpent
            | Self::HouseSpent
            | Self::TrunkSpent
            | Self::OnCall
            | Self::NoRoom => false,
        }
    }

    /// Tells whether there will be room again within the hour.
    pub fn is_spent(self) -> bool {
        match self {
            Self::PrefixSpent | Self::AgentSpent | Self::HouseSpent | Self::TrunkSpent => true,
            Self::Suppressed
            | Self::Withdrawn
            | Self::NoConsent
            | Self::Listed
            | Self::Draining
            | Self::NoTrunk
            | Self::NotAllowed
            | Self::Unreadable
            | Self::NoAddress
            | Self::Denied
            | Self::OnCall
            | Self::NoRoom => false,
        }
    }

    /// Returns the word it is written as.
    pub fn word(self) -> &'static str {
        match self {
            Self::Suppressed => "suppressed",
            Self::Withdrawn => "withdrawn",
            Self::NoConsent => "no_consent",
            Self::Listed => "listed",
            Self::Draining => "draining",
            Self::NoTrunk => "no_trunk",
            Self::NotAllowed => "not_allowed",
            Self::Unreadable => "unreadable",
            Self::NoAddress => "no_address",
            Self::Denied => "denied",
            Self::PrefixSpent => "prefix_spent",
            Self::AgentSpent => "agent_spent",
            Self::HouseSpent => "house_spent",
            Self::TrunkSpent => "trunk_spent",
            Self::OnCall => "on_call",
            Self::NoRoom => "no_room",
        }
    }

    /// Returns what is told to who asked.
    pub fn refusal(self) -> Refusal {
        let (code, text) = match self {
            Self::Suppressed => (Code::Suppressed, "this customer must not be contacted"),
            Self::Withdrawn => (
                Code::Suppressed,
                "this customer withdrew the consent to be contacted so",
            ),
            Self::NoConsent => (
                Code::Suppressed,
                "this channel needs the customer's consent, and none was given",
            ),
            Self::Listed => (
                Code::Suppressed,
                "this number stands in a list of those that must not be called",
            ),
            Self::Draining => (
                Code::Unavailable,
                "the server is shutting down and places no new calls",
            ),
            Self::NoTrunk => (
                Code::Unavailable,
                "no trunk for outbound calls is configured",
            ),
            Self::NotAllowed => (
                Code::Forbidden,
                "no rule of the house allows calls to be handed to this number",
            ),
            Self::Unreadable => (Code::OutOfRange, UNREADABLE),
            Self::NoAddress => (
                Code::OutOfRange,
                "this is no mail address; write one such as ida@example.org",
            ),
            Self::Denied => (Code::Forbidden, "the house does not call such numbers"),
            Self::PrefixSpent => (
                Code::Unavailable,
                "too many calls went to such numbers within the hour; try again later",
            ),
            Self::AgentSpent => (
                Code::Unavailable,
                "you asked for as many calls as you may within an hour; try again later",
            ),
            Self::HouseSpent => (
                Code::Unavailable,
                "too many calls left the house within the hour; try again later",
            ),
            Self::TrunkSpent => (
                Code::Unavailable,
                "too many calls left by the trunk within the hour; try again later",
            ),
            Self::OnCall => (
                Code::Conflict,
                "this number is in a call with the house already; the promise waits until it is over",
            ),
            Self::NoRoom => (Code::Unavailable, NO_ROOM),
        };
        Refusal {
            code,
            text: text.to_owned(),
        }
    }
}

impl Hub {
    /// Admits a dialling of `number`, for `customer` where that is known, and tells by which trunk.
    pub(crate) fn admit(
        &self,
        number: &Number,
        customer: Option<CustomerId>,
    ) -> Result<TrunkId, Closed> {
        self.admit_for(number, customer, None)
    }

    /// The same for a call that an agent asks for.
    pub(crate) fn admit_for(
        &self,
        number: &Number,
        customer: Option<CustomerId>,
        by: Option<&AgentId>,
    ) -> Result<TrunkId, Closed> {
        if let Some(bar) = self.bar_call(number, customer, self.now) {
            return Err(bar.into());
        }
        self.admit_way(number, by)
    }

    /// Tells by which trunk a number would be dialled, whatever was said of contacts with whoever has it.
    pub(crate) fn admit_way(
        &self,
        number: &Number,
        by: Option<&AgentId>,
    ) -> Result<TrunkId, Closed> {
        if self.draining {
            return Err(Closed::Draining);
        }
        if !self.is_readable(number) {
            return Err(Closed::Unreadable);
        }
        if let Some(closed) = self.toll(number, by) {
            return Err(closed);
        }
        let ways = self.ways_to(number);
        let none = match ways.is_empty() {
            true => Closed::NoTrunk,
            false => Closed::TrunkSpent,
        };
        let mut free = ways.into_iter().filter(|way| !self.is_trunk_spent(way));
        free.next().ok_or(none)
    }

    /// Admits the call of a promise, in the name of the agent who gave it. Nobody is dialled who is in a call with the house.
    pub(crate) fn admit_callback(
        &self,
        found: &Interaction,
        promise: &Callback,
    ) -> Result<TrunkId, Closed> {
        let trunk = self.admit_for(&promise.number, Some(found.customer), promise.agent())?;
        match self.is_on_call(&promise.number, found.id) {
            true => Err(Closed::OnCall),
            false => Ok(trunk),
        }
    }

    /// Admits another attempt of a promise: not while one before it found no room.
    pub(crate) fn admit_attempt(
        &self,
        found: &Interaction,
        promise: &Callback,
    ) -> Result<TrunkId, Closed> {
        let trunk = self.admit_callback(found, promise)?;
        match self.is_full() {
            true => Err(Closed::NoRoom),
            false => Ok(trunk),
        }
    }

    /// Admits a call of somebody else into a call: only where a rule of the house names the number.
    pub(crate) fn admit_transfer(
        &self,
        number: &Number,
        by: Option<&AgentId>,
    ) -> Result<TrunkId, Closed> {
        let read = self.setup.numbering.read(number);
        if !self.setup.numbering.is_plain(&read) || !self.setup.transfers.allow(&read) {
            return Err(Closed::NotAllowed);
        }
        self.admit_for(number, None, by)
    }

    /// Admits a call by the trunk that asked for it, to a number of its own, which is written as it likes.
    pub(crate) fn admit_back(&self, number: &Number) -> Result<(), Closed> {
        match self.admit(number, None) {
            Ok(_) | Err(Closed::NoTrunk | Closed::Unreadable) => Ok(()),
            Err(closed) => Err(closed),
        }
    }

    /// Admits a call to the number that whoever was dialled by `leg` names in their place. A promised call goes to nobody who is
    /// in a call with the house.
    pub(crate) fn admit_redirection(&self, number: &Number, leg: LegId) -> Result<TrunkId, Closed> {
        let trunk = self.admit_transfer(number, None)?;
        let found = self.state.interaction(leg.interaction);
        let dialled = found.and_then(|found| found.leg(leg));
        let promised = dialled.is_some_and(|leg| {
            leg.cause == LegCause::Callback && leg.party.customer_number().is_some()
        });
        if promised && self.is_on_call(number, leg.interaction) {
            return Err(Closed::OnCall);
        }
        // What leaves by a trunk is sent elsewhere by the same; a phone of the house by the way that calls leave the house by.
        let own = dialled.and_then(|leg| leg.party.trunk());
        let own = own.filter(|own| !self.is_trunk_spent(own));
        Ok(own.cloned().unwrap_or(trunk))
    }

    /// Admits a mail to an address, for `customer`. What is admitted while the house drains is sent after the next start.
    pub(crate) fn admit_mail(
        &self,
        to: &str,
        customer: CustomerId,
        at: Timestamp,
    ) -> Result<(), Closed> {
        let address = Subject::mail(to).ok_or(Closed::NoAddress)?;
        let customers = self.state.customers();
        let owner = customers.by_mail(to);
        let customer = customers.root(customer);
        let whose = (owner.as_slice(), Some(customer));
        let bar = self.bar_all(&[address], whose, ContactChannel::Mail, at);
        bar.map_or(Ok(()), |bar| Err(bar.into()))
    }

    /// Admits what a program puts into a chat as the house. What an agent does there answers its customer, who began it.
    pub(crate) fn admit_message(&mut self, id: InteractionId, by: &Actor) -> Result<(), Refusal> {
        let by_itself = match by {
            Actor::House(By::Program(_) | By::Tandem) => true,
            Actor::House(By::Agent(_))
            | Actor::Agent(_)
            | Actor::Visitor(_)
            | Actor::Customer(_) => false,
        };
        let found = self.state.interaction(id).filter(|_| by_itself);
        let channel = ContactChannel::Chat;
        let bar = found.and_then(|found| {
            let customer = Subject::Customer(found.customer);
            self.bar(&customer, channel, self.now)
        });
        let Some(closed) = bar.map(Closed::from) else {
            return Ok(());
        };
        self.tell(
            Some(id),
            Event::ContactRefused {
                channel,
                way: Way::Message,
                closed,
            },
        );
        Err(closed.refusal())
    }

    /// Tells why a customer or an address may not be contacted at `at`, as far as is known of that alone.
    pub fn bar(&self, subject: &Subject, channel: ContactChannel, at: Timestamp) -> Option<Bar> {
        match (subject, channel) {
            (Subject::Number(number), ContactChannel::Voice) => self.bar_call(number, None, at),
            (Subject::Mail(mail), ContactChannel::Mail) => {
                let owner = self.state.customers().by_mail(mail);
                let address = std::slice::from_ref(subject);
                self.bar_all(address, (owner.as_slice(), None), channel, at)
            }
            (Subject::Customer(_) | Subject::Number(_) | Subject::Mail(_), _) => {
                let required = self.setup.consent.required.contains(&channel);
                let subjects = self.of_whom(subject);
                self.state.consents().bar(&subjects, channel, required, at)
            }
        }
    }

    /// Returns of whom something is said that counts for a subject: of a record, with all that were merged into one with it.
    pub fn of_whom(&self, subject: &Subject) -> Vec<Subject> {
        let Subject::Customer(customer) = subject else {
            return vec![subject.clone()];
        };
        let customers = self.state.customers();
        let family = customers.family(customers.root(*customer)).into_iter();
        family.map(Subject::Customer).collect()
    }

    /// Tells why `number` may not be called at `at`.
    pub(crate) fn bar_call(
        &self,
        number: &Number,
        customer: Option<CustomerId>,
        at: Timestamp,
    ) -> Option<Bar> {
        let consent = &self.setup.consent;
        let all = self.setup.numbering.spellings(number);
        if all.iter().any(|one| self.setup.suppressed.contains(one)) {
            return Some(Bar::Suppressed);
        }
        if all.iter().any(|one| consent.list.contains(one)) {
            return Some(Bar::Listed);
        }
        let customers = self.state.customers();
        let owners = all.iter().filter_map(|one| customers.by_number(one));
        let owners: Vec<_> = owners.collect();
        let customer = customer.map(|id| customers.root(id));
        let addresses: Vec<_> = all.into_iter().map(Subject::Number).collect();
        self.bar_all(&addresses, (&owners, customer), ContactChannel::Voice, at)
    }

    // What forbids it counts of an address in all its spellings, of its owners and of who is to be contacted by it. Consent to what is somebody's
    // is theirs alone to give. What was said of a record that was merged into another is said of the whole person.
    fn bar_all(
        &self,
        addresses: &[Subject],
        (owners, customer): (&[CustomerId], Option<CustomerId>),
        channel: ContactChannel,
        at: Timestamp,
    ) -> Option<Bar> {
        let customers = self.state.customers();
        let with = |roots: BTreeSet<CustomerId>| {
            let records = roots.into_iter().flat_map(|root| customers.family(root));
            let records = records.map(Subject::Customer);
            let subjects: Vec<_> = addresses.iter().cloned().chain(records).collect();
            subjects
        };
        let consents = self.state.consents();
        let all = with(owners.iter().copied().chain(customer).collect());
        let bar = consents.bar(&all, channel, false, at);
        if bar.is_some() || !self.setup.consent.required.contains(&channel) {
            return bar;
        }
        let theirs = with(match owners {
            [] => customer.into_iter().collect(),
            owners => owners.iter().copied().collect(),
        });
        consents.bar(&theirs, channel, true, at)
    }

    /// Notes that somebody was not called by `number`, which `by` asked for, and makes the answer.
    pub(crate) fn turn_away(
        &mut self,
        interaction: InteractionId,
        way: Way,
        (number, by): (&Number, Option<&AgentId>),
        closed: Closed,
    ) -> Refusal {
        self.note_refused_toll(closed, number, by);
        let known = self.state.interaction(interaction).map(|found| found.id);
        self.tell(
            known,
            Event::ContactRefused {
                channel: ContactChannel::Voice,
                way,
                closed,
            },
        );
        closed.refusal()
    }
}
