//! Who may be contacted by what: what customers said, and the house's own rules, each by customer or bare address and
//! by channel. A fold over facts; the gate asks it before every way out.

mod ends;
mod list;
mod passing;
mod subject;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ws::{
    consent::ContactChannel,
    id::{CustomerId, Timestamp},
    timeline::Author,
};

use ends::Ends;
pub use list::{LineFault, NumberList};
use passing::Passing;
pub use passing::STRANGER;
pub use subject::{NotASubject, Subject};

/// What is said of a customer and a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// The customer allows it.
    Given,
    /// The customer does not allow it any more.
    Withdrawn,
    /// The house forbids it, whatever the customer says.
    Suppressed,
    /// The house does not forbid it any more; what the customer said counts again.
    Unsuppressed,
}

/// From where it was learnt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A word the customer wrote in a chat.
    Keyword,
    /// A key the customer pressed in a call.
    Keypad,
    /// A link in a mail.
    Link,
    /// An agent, for the customer.
    Agent,
    /// A program.
    Api,
    /// The telephone network's answer to a call: 607 (RFC 8197) or 608 (RFC 8688).
    Network,
}

impl Source {
    /// Returns the word it is written as.
    pub fn word(self) -> &'static str {
        match self {
            Self::Keyword => "keyword",
            Self::Keypad => "keypad",
            Self::Link => "link",
            Self::Agent => "agent",
            Self::Api => "api",
            Self::Network => "network",
        }
    }
}

impl Change {
    /// Returns the word it is written as.
    pub fn word(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Withdrawn => "withdrawn",
            Self::Suppressed => "suppressed",
            Self::Unsuppressed => "unsuppressed",
        }
    }
}

/// What was said last, and where it came from. Why, in somebody's words, is in the journal and its table only, where an erasure
/// takes it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Whether it lets pass: consent given, or a suppression lifted.
    pub allows: bool,
    /// When it was said.
    pub at: Timestamp,
    /// From where it was learnt.
    pub source: Source,
    /// Until when it counts; none means for good.
    pub until: Option<Timestamp>,
}

impl Mark {
    fn counts(&self, at: Timestamp) -> bool {
        self.until.is_none_or(|until| at < until)
    }

    fn forbids(&self, at: Timestamp) -> bool {
        self.counts(at) && !self.allows
    }

    // Whether it counts at least as long as another.
    pub(crate) fn outlasts(&self, other: &Self) -> bool {
        match (self.until, other.until) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(until), Some(other)) => until >= other,
        }
    }
}

/// How it stands with one subject and channel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// What the customer said last.
    pub consent: Option<Mark>,
    /// What the house said last.
    pub suppression: Option<Mark>,
}

/// Why somebody may not be contacted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bar {
    /// The house forbids it.
    Suppressed,
    /// The customer withdrew the consent.
    Withdrawn,
    /// The channel needs consent, and none was given.
    NoConsent,
    /// The number stands in a list of those that must not be called.
    Listed,
}

/// How it stands with everybody of whom something was said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Consents {
    standings: BTreeMap<(Subject, ContactChannel), Standing>,
    passing: Passing,
    ends: Ends,
}

impl Consents {
    /// Returns how it stands with one subject and channel.
    pub fn get(&self, subject: &Subject, channel: ContactChannel) -> Option<&Standing> {
        self.standings.get(&(subject.clone(), channel))
    }

    /// Returns what was said last of `subjects`, who are one person, and of which: what forbids before what does not.
    pub fn last<'a>(
        &'a self,
        subjects: &'a [Subject],
        channel: ContactChannel,
        at: Timestamp,
        of: impl Fn(&'a Standing) -> Option<&'a Mark>,
    ) -> Option<(&'a Subject, &'a Mark)> {
        let marks = subjects.iter().filter_map(|subject| {
            let mark = of(self.get(subject, channel)?)?;
            Some((subject, mark))
        });
        marks.max_by_key(|(_, mark)| (mark.forbids(at), mark.at))
    }

    /// Tells why nobody of `subjects`, who are one person, may be contacted at `at`. Any one bar counts for all;
    /// consent that is `required` may have been given for any one.
    pub fn bar(
        &self,
        subjects: &[Subject],
        channel: ContactChannel,
        required: bool,
        at: Timestamp,
    ) -> Option<Bar> {
        let known = || subjects.iter().filter_map(|of| self.get(of, channel));
        let last = |mark: &Option<Mark>| mark.as_ref().filter(|m| m.counts(at)).map(|m| m.allows);
        if known().any(|found| last(&found.suppression) == Some(false)) {
            return Some(Bar::Suppressed);
        }
        if known().any(|found| last(&found.consent) == Some(false)) {
            return Some(Bar::Withdrawn);
        }
        let given = || known().any(|found| last(&found.consent) == Some(true));
        (required && !given()).then_some(Bar::NoConsent)
    }

    /// Returns what forbids to contact `subjects`, who are one person, at `at`: of each kind the mark that counts longest.
    pub(crate) fn forbidding(
        &self,
        subjects: &[Subject],
        channel: ContactChannel,
        at: Timestamp,
    ) -> BTreeMap<Change, &Mark> {
        let known = subjects.iter().filter_map(|of| self.get(of, channel));
        let marks = known.flat_map(|standing| {
            [
                (Change::Withdrawn, &standing.consent),
                (Change::Suppressed, &standing.suppression),
            ]
        });
        let mut found: BTreeMap<Change, &Mark> = BTreeMap::new();
        for (change, mark) in marks {
            let Some(mark) = mark.as_ref().filter(|mark| mark.forbids(at)) else {
                continue;
            };
            let longest = found.entry(change).or_insert(mark);
            if mark.outlasts(longest) {
                *longest = mark;
            }
        }
        found
    }

    pub(crate) fn apply(&mut self, at: Timestamp, said: &Statement) {
        if said.subject.is_nobody() {
            return;
        }
        let key = (said.subject.clone(), said.channel);
        let standing = self.standings.entry(key).or_default();
        let before = standing.clone();
        let mark = |allows| {
            Some(Mark {
                allows,
                at,
                source: said.source,
                until: said.until,
            })
        };
        match said.change {
            Change::Given => standing.consent = mark(true),
            Change::Withdrawn => standing.consent = mark(false),
            Change::Suppressed => standing.suppression = mark(false),
            Change::Unsuppressed => standing.suppression = mark(true),
        }
        let of = (&said.subject, said.channel);
        self.ends.follow(of, &before, standing);
        self.passing.follow(said);
        while let Some((customer, channel)) = self.passing.pop(at) {
            self.drop_consent(customer, channel);
        }
    }

    /// Forgets what was said of records that are erased, and of their `addresses` all but that they are not to be contacted.
    pub(crate) fn erase(&mut self, records: &[CustomerId], addresses: &[Subject], at: Timestamp) {
        for address in addresses {
            for channel in ContactChannel::ALL {
                self.keep_forbidden((address.clone(), channel), at);
            }
        }
        for customer in records {
            for channel in ContactChannel::ALL {
                self.passing.remove(*customer, channel);
                let key = (Subject::Customer(*customer), channel);
                if let Some(before) = self.standings.remove(&key) {
                    let after = Standing::default();
                    self.ends.follow((&key.0, channel), &before, &after);
                }
            }
        }
    }

    fn keep_forbidden(&mut self, key: (Subject, ContactChannel), at: Timestamp) {
        let Some(standing) = self.standings.get_mut(&key) else {
            return;
        };
        standing.consent.take_if(|mark| !mark.forbids(at));
        standing.suppression.take_if(|mark| !mark.forbids(at));
        if *standing == Standing::default() {
            self.standings.remove(&key);
        }
    }

    /// Returns what a record's customer said as a stranger, which counts for a while only.
    pub(crate) fn passing(&self, customer: CustomerId) -> Vec<(ContactChannel, &Mark)> {
        let each = ContactChannel::ALL.into_iter();
        let each = each.filter(|channel| self.passing.has(customer, *channel));
        let marks = each.filter_map(|channel| {
            let standing = self.get(&Subject::Customer(customer), channel)?;
            Some((channel, standing.consent.as_ref()?))
        });
        marks.collect()
    }

    /// Returns when something that was said of a customer ends next after a time.
    pub fn next_end(&self, since: Timestamp) -> Option<Timestamp> {
        self.ends.next(since)
    }

    /// Returns of which customers something ended after a time, and by another.
    pub fn ended(&self, since: Timestamp, until: Timestamp) -> impl Iterator<Item = CustomerId> {
        self.ends.between(since, until)
    }

    fn drop_consent(&mut self, customer: CustomerId, channel: ContactChannel) {
        let key = (Subject::Customer(customer), channel);
        if let Some(standing) = self.standings.get_mut(&key) {
            let before = standing.clone();
            standing.consent = None;
            self.ends.follow((&key.0, channel), &before, standing);
            if standing.suppression.is_none() {
                self.standings.remove(&key);
            }
        }
    }
}

/// One thing said of a subject and a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// Of whom.
    pub subject: Subject,
    /// For what.
    pub channel: ContactChannel,
    /// What.
    pub change: Change,
    /// From where it was learnt.
    pub source: Source,
    /// Why, in words for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Until when it counts; none means for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Which agent or program said it, where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Author>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const VOICE: ContactChannel = ContactChannel::Voice;

    fn number(text: &str) -> Subject {
        Subject::Number(text.parse().unwrap())
    }

    fn said(subject: &Subject, change: Change, until: Option<u64>) -> Statement {
        Statement {
            subject: subject.clone(),
            channel: VOICE,
            change,
            source: Source::Api,
            reason: None,
            until: until.map(Timestamp),
            by: None,
        }
    }

    #[test]
    fn consent_given_again_does_not_lift_a_suppression() {
        let mut consents = Consents::default();
        let ida = number("+4930100");
        let bar = |consents: &Consents| {
            consents.bar(std::slice::from_ref(&ida), VOICE, false, Timestamp(9))
        };

        consents.apply(Timestamp(1), &said(&ida, Change::Withdrawn, None));
        assert_eq!(bar(&consents), Some(Bar::Withdrawn));
        consents.apply(Timestamp(2), &said(&ida, Change::Given, None));
        assert_eq!(bar(&consents), None);
        consents.apply(Timestamp(3), &said(&ida, Change::Suppressed, None));
        consents.apply(Timestamp(4), &said(&ida, Change::Given, None));
        assert_eq!(bar(&consents), Some(Bar::Suppressed));
        consents.apply(Timestamp(5), &said(&ida, Change::Unsuppressed, None));

        assert_eq!(bar(&consents), None);
    }

    #[test]
    fn what_was_said_of_an_erased_record_is_forgotten_and_what_was_said_of_its_number_is_not() {
        let mut consents = Consents::default();
        let ida = CustomerId::new(7).unwrap();
        let subjects = [Subject::Customer(ida), number("+4930100")];
        for subject in &subjects {
            for change in [Change::Withdrawn, Change::Suppressed] {
                consents.apply(Timestamp(1), &said(subject, change, None));
            }
        }

        consents.erase(&[ida], &subjects[1..], Timestamp(2));

        assert_eq!(consents.get(&subjects[0], VOICE), None);
        assert!(consents.get(&subjects[1], VOICE).is_some());
    }

    #[test]
    fn of_an_erased_address_only_what_forbids_to_contact_it_is_kept() {
        let address = number("+4930100");
        for (change, until, kept) in [
            (Change::Given, None, false),
            (Change::Unsuppressed, None, false),
            (Change::Withdrawn, None, true),
            (Change::Suppressed, Some(9), true),
            (Change::Suppressed, Some(5), false),
        ] {
            let mut consents = Consents::default();
            consents.apply(Timestamp(1), &said(&address, change, until));

            consents.erase(&[], std::slice::from_ref(&address), Timestamp(5));

            let found = consents.get(&address, VOICE);
            assert_eq!(found.is_some(), kept, "{change:?} until {until:?}");
        }
    }

    #[test]
    fn the_ends_of_what_was_said_of_customers_are_known() {
        let [ida, ben] = [1, 2].map(|n| CustomerId::new(n).unwrap());
        let mut consents = Consents::default();
        let mut says = |of: Subject, change, until| {
            consents.apply(Timestamp(1), &said(&of, change, until));
        };
        says(Subject::Customer(ida), Change::Given, Some(20));
        says(Subject::Customer(ida), Change::Suppressed, Some(20));
        says(Subject::Customer(ben), Change::Given, Some(30));
        says(number("+4930100"), Change::Given, Some(10));
        // What is said anew ends when that does.
        says(Subject::Customer(ida), Change::Given, Some(40));
        says(Subject::Customer(ben), Change::Given, None);
        let ended = |consents: &Consents, since, until| {
            Vec::from_iter(consents.ended(Timestamp(since), Timestamp(until)))
        };

        assert_eq!(consents.next_end(Timestamp(1)), Some(Timestamp(20)));
        assert_eq!(ended(&consents, 1, 19), []);
        assert_eq!(ended(&consents, 1, 20), [ida]);
        assert_eq!(consents.next_end(Timestamp(20)), Some(Timestamp(40)));
        assert_eq!(ended(&consents, 20, 100), [ida]);
        consents.erase(&[ida], &[], Timestamp(2));
        assert_eq!(consents.next_end(Timestamp(0)), None);
    }

    #[test]
    fn what_counts_for_a_while_ends_by_itself() {
        let mut consents = Consents::default();
        let ida = [number("+4930100")];
        consents.apply(
            Timestamp(1),
            &said(&ida[0], Change::Suppressed, Some(1_000)),
        );

        assert_eq!(
            consents.bar(&ida, VOICE, false, Timestamp(999)),
            Some(Bar::Suppressed)
        );
        assert_eq!(consents.bar(&ida, VOICE, false, Timestamp(1_000)), None);
        assert_eq!(
            consents.bar(&ida, ContactChannel::Mail, false, Timestamp(9)),
            None
        );
    }

    #[test]
    fn where_consent_is_required_silence_is_none_and_any_one_address_gives_it() {
        let mut consents = Consents::default();
        let ida = [number("+4930100"), number("+4930101")];

        assert_eq!(
            consents.bar(&ida, VOICE, true, Timestamp(9)),
            Some(Bar::NoConsent)
        );
        consents.apply(Timestamp(1), &said(&ida[1], Change::Given, None));

        assert_eq!(consents.bar(&ida, VOICE, true, Timestamp(9)), None);
    }

    #[test]
    fn one_address_that_is_barred_bars_the_person() {
        let mut consents = Consents::default();
        let ida = [number("+4930100"), number("+4930101")];
        consents.apply(Timestamp(1), &said(&ida[0], Change::Given, None));
        consents.apply(Timestamp(1), &said(&ida[1], Change::Withdrawn, None));

        assert_eq!(
            consents.bar(&ida, VOICE, true, Timestamp(9)),
            Some(Bar::Withdrawn)
        );
    }
}
