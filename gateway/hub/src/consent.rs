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
    /// What was said before, forbids contact for longer, and so counts again once this does not.
    pub before: Option<Box<Mark>>,
}

impl Mark {
    fn counts(&self, at: Timestamp) -> bool {
        self.until.is_none_or(|until| at < until)
    }

    fn each(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(self.before.as_deref())
    }

    /// Returns what counts at a time: this, or what was said before.
    pub fn counting(&self, at: Timestamp) -> Option<&Self> {
        self.each().find(|mark| mark.counts(at))
    }

    fn forbids(&self, at: Timestamp) -> bool {
        self.counting(at).is_some_and(|mark| !mark.allows)
    }

    // What forbids at a time, or would if nothing allowed it for a while. What was said before does so for longer.
    fn forbidding(&self, at: Timestamp) -> Option<&Self> {
        let forbid = self.each().filter(|mark| mark.counts(at) && !mark.allows);
        forbid.last()
    }

    // Takes what is said later; of what was said before it keeps what forbids for longer, the longest.
    fn say(last: &mut Option<Self>, mut said: Self) {
        let mut earlier = last.take();
        let before = earlier.as_mut().and_then(|mark| mark.before.take());
        let all = before.map(|mark| *mark).into_iter().chain(earlier);
        let longer = all.filter(|mark| !mark.allows && !said.outlasts(mark));
        let longest = longer.max_by_key(|mark| (mark.until.is_none(), mark.until));
        said.before = longest.map(Box::new);
        *last = Some(said);
    }

    // What an erasure leaves: that contact is forbidden, without what allowed it for a while.
    fn forbidden(self, at: Timestamp) -> Option<Self> {
        let left = match self.allows {
            true => self.before.map(|mark| *mark),
            false => Some(self),
        };
        left.filter(|mark| mark.forbids(at))
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

    /// Returns what counts, or was said last, of `subjects`, who are one person, and of which: what forbids before what does not.
    pub fn last<'a>(
        &'a self,
        subjects: &'a [Subject],
        channel: ContactChannel,
        at: Timestamp,
        of: impl Fn(&'a Standing) -> Option<&'a Mark>,
    ) -> Option<(&'a Subject, &'a Mark)> {
        let marks = subjects.iter().filter_map(|subject| {
            let mark = of(self.get(subject, channel)?)?;
            Some((subject, mark.counting(at).unwrap_or(mark)))
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
        let last = |mark: &Option<Mark>| Some(mark.as_ref()?.counting(at)?.allows);
        if known().any(|found| last(&found.suppression) == Some(false)) {
            return Some(Bar::Suppressed);
        }
        if known().any(|found| last(&found.consent) == Some(false)) {
            return Some(Bar::Withdrawn);
        }
        let given = || known().any(|found| last(&found.consent) == Some(true));
        (required && !given()).then_some(Bar::NoConsent)
    }

    /// Returns what forbids to contact `subjects`, who are one person, at `at`, or once what allows it for a while has ended: of each
    /// kind the mark that counts longest.
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
            let Some(mark) = mark.as_ref().and_then(|mark| mark.forbidding(at)) else {
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
        let (last, allows) = match said.change {
            Change::Given => (&mut standing.consent, true),
            Change::Withdrawn => (&mut standing.consent, false),
            Change::Suppressed => (&mut standing.suppression, false),
            Change::Unsuppressed => (&mut standing.suppression, true),
        };
        let mark = Mark {
            allows,
            at,
            source: said.source,
            until: said.until,
            before: None,
        };
        Mark::say(last, mark);
        let of = (&said.subject, said.channel);
        self.ends.follow(of, &before, standing);
        if let Subject::Customer(customer) = said.subject {
            let consent = standing.consent.iter().flat_map(Mark::each);
            self.passing.follow((customer, said.channel), consent);
        }
        while let Some((key, until)) = self.passing.pop(at) {
            self.drop_passed(key, until);
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
        for mark in [&mut standing.consent, &mut standing.suppression] {
            *mark = mark.take().and_then(|mark| mark.forbidden(at));
        }
        if *standing == Standing::default() {
            self.standings.remove(&key);
        }
    }

    /// Returns what a record's customer said as a stranger, which counts for a while only, and what somebody said later that counts
    /// before it.
    pub(crate) fn passing(
        &self,
        customer: CustomerId,
    ) -> Vec<(ContactChannel, &Mark, Option<&Mark>)> {
        let marks = ContactChannel::ALL.into_iter().filter_map(|channel| {
            let standing = self.get(&Subject::Customer(customer), channel)?;
            let last = standing.consent.as_ref()?;
            let passing = last.each().find(|mark| mark.passes().is_some())?;
            let later = Some(last).filter(|last| last.passes().is_none());
            Some((channel, passing, later))
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

    fn drop_passed(&mut self, (customer, channel): (CustomerId, ContactChannel), until: Timestamp) {
        let key = (Subject::Customer(customer), channel);
        if let Some(standing) = self.standings.get_mut(&key) {
            let before = standing.clone();
            let consent = standing.consent.take();
            standing.consent = consent.and_then(|mark| mark.passed(until));
            self.ends.follow((&key.0, channel), &before, standing);
            if *standing == Standing::default() {
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
    fn the_end_of_what_counts_again_is_known_too() {
        let ida = CustomerId::new(1).unwrap();
        let mut consents = Consents::default();
        for (change, until) in [(Change::Withdrawn, 40), (Change::Given, 20)] {
            let of = Subject::Customer(ida);
            consents.apply(Timestamp(1), &said(&of, change, Some(until)));
        }

        let next = [0, 20, 40].map(|since| consents.next_end(Timestamp(since)));

        assert_eq!(next, [Some(Timestamp(20)), Some(Timestamp(40)), None]);
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

    type Said<'a> = &'a [(Change, Option<u64>)];

    // What bars +4930100 at a time after those things were said of it, each with its end.
    fn barred(all: Said<'_>, at: u64) -> Option<Bar> {
        let mut consents = Consents::default();
        let ida = number("+4930100");
        for (n, (change, until)) in (1..).zip(all) {
            consents.apply(Timestamp(n), &said(&ida, *change, *until));
        }
        consents.bar(&[ida], VOICE, false, Timestamp(at))
    }

    #[test]
    fn what_allows_contact_until_a_time_leaves_what_forbade_it_for_longer() {
        use Change::{Given, Suppressed, Unsuppressed, Withdrawn};
        let (withdrawn, suppressed) = (Some(Bar::Withdrawn), Some(Bar::Suppressed));
        let cases: [(Said<'_>, [Option<Bar>; 2]); 10] = [
            (&[(Withdrawn, None), (Given, Some(100))], [None, withdrawn]),
            (
                &[(Withdrawn, Some(200)), (Given, Some(100))],
                [None, withdrawn],
            ),
            (&[(Withdrawn, Some(90)), (Given, Some(100))], [None, None]),
            (&[(Withdrawn, None), (Given, None)], [None, None]),
            (
                &[(Withdrawn, None), (Given, Some(100)), (Given, None)],
                [None, None],
            ),
            (
                &[(Withdrawn, None), (Given, Some(80)), (Given, Some(100))],
                [None, withdrawn],
            ),
            (
                &[
                    (Withdrawn, None),
                    (Given, Some(200)),
                    (Withdrawn, Some(100)),
                ],
                [withdrawn, withdrawn],
            ),
            (&[(Given, None), (Withdrawn, Some(100))], [withdrawn, None]),
            (
                &[(Suppressed, None), (Unsuppressed, Some(100))],
                [None, suppressed],
            ),
            (
                &[(Suppressed, None), (Suppressed, Some(100))],
                [suppressed, suppressed],
            ),
        ];

        for (said, bars) in cases {
            assert_eq!([99, 100].map(|at| barred(said, at)), bars, "{said:?}");
        }
    }

    #[test]
    fn what_is_told_of_a_subject_is_what_counts() {
        let mut consents = Consents::default();
        let ida = [number("+4930100")];
        consents.apply(Timestamp(1), &said(&ida[0], Change::Withdrawn, None));
        consents.apply(Timestamp(2), &said(&ida[0], Change::Given, Some(100)));

        let told = [99, 100].map(|at| {
            let last = consents.last(&ida, VOICE, Timestamp(at), |known| known.consent.as_ref());
            last.map(|(_, mark)| (mark.allows, mark.at.0))
        });

        assert_eq!(told, [Some((true, 2)), Some((false, 1))]);
    }

    #[test]
    fn an_erasure_takes_what_allowed_an_address_for_a_while_and_leaves_what_forbids_it() {
        let mut consents = Consents::default();
        let ida = [number("+4930100")];
        consents.apply(Timestamp(1), &said(&ida[0], Change::Withdrawn, None));
        consents.apply(Timestamp(2), &said(&ida[0], Change::Given, Some(100)));

        consents.erase(&[], &ida, Timestamp(3));

        let bar = consents.bar(&ida, VOICE, false, Timestamp(4));
        assert_eq!(bar, Some(Bar::Withdrawn));
    }

    #[test]
    fn of_what_forbids_an_address_the_longest_is_told() {
        use Change::{Given, Suppressed, Unsuppressed, Withdrawn};
        let mut consents = Consents::default();
        let ida = [number("+4930100")];
        for (at, change, until) in [
            (1, Withdrawn, None),
            (2, Given, Some(100)),
            (3, Withdrawn, Some(50)),
            (4, Suppressed, Some(90)),
            (5, Unsuppressed, Some(20)),
        ] {
            consents.apply(Timestamp(at), &said(&ida[0], change, until));
        }

        let found = consents.forbidding(&ida, VOICE, Timestamp(6));

        let found: Vec<_> = found
            .iter()
            .map(|(change, mark)| (*change, mark.until))
            .collect();
        let until = Some(Timestamp(90));
        assert_eq!(found, [(Withdrawn, None), (Suppressed, until)]);
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
