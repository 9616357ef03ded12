//! Six digits that bring a page and a contact together: shown by one side, typed or keyed by the other. They are short,
//! so they live shortly, count once, and who guesses is stopped.

use std::{collections::BTreeMap, time::Duration};

use rand::RngExt;
use ws::{
    cobrowse::Act,
    frame::{Code, Refusal},
    id::{AgentId, InteractionId, LegId, Timestamp, VisitorId, ZoneId},
    timeline::Author,
};

use crate::{
    event::{Event, LegCause, Party},
    hub::Hub,
    input::{Actor, Done, refuse},
};

/// How long a code is good.
const LIFE: Duration = Duration::from_secs(300);
/// Codes that are open at a time; guessing must stay hopeless.
const OPEN: usize = 1_000;
/// Wrong codes that one may try, and after what time that is forgotten.
const GUESSES: u32 = 5;
const FORGOTTEN: Duration = Duration::from_secs(300);
/// A key that begins a code, and how long the next may take.
const BEGIN: char = '*';
const PATIENCE: Duration = Duration::from_secs(10);
const DIGITS: usize = 6;

/// Codes that are open, and who tried wrong ones. Nothing of it outlives a restart.
#[derive(Debug, Default)]
pub(crate) struct Pairing {
    open: BTreeMap<String, (Shown, Timestamp)>,
    wrong: BTreeMap<Guesser, (u32, Timestamp)>,
    keyed: BTreeMap<LegId, (String, Timestamp)>,
}

/// Whose code it is.
#[derive(Clone, Debug, PartialEq)]
enum Shown {
    /// A visitor's page shows it.
    Page(VisitorId, Option<ZoneId>),
    /// An agent tells it to the customer.
    Contact(InteractionId),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Guesser {
    Agent(AgentId),
    Visitor(VisitorId),
    Caller(LegId),
}

impl Pairing {
    fn forget(&mut self, now: Timestamp) {
        self.open.retain(|_, (_, until)| *until > now);
        self.wrong.retain(|_, (_, since)| *since + FORGOTTEN > now);
        self.keyed.retain(|_, (_, since)| *since + PATIENCE > now);
    }

    fn show(&mut self, shown: Shown, code: String, now: Timestamp) -> Timestamp {
        // Another wish takes the place of the one before.
        self.open.retain(|_, (other, _)| *other != shown);
        let until = now + LIFE;
        self.open.insert(code, (shown, until));
        until
    }

    fn may_try(&self, who: &Guesser) -> Result<(), Refusal> {
        match self.wrong.get(who) {
            Some((count, _)) if *count >= GUESSES => refuse(
                Code::RateLimited,
                "too many codes were wrong; ask for a new one in a few minutes",
            ),
            Some(_) | None => Ok(()),
        }
    }

    fn note_wrong(&mut self, who: Guesser, now: Timestamp) {
        let (count, _) = self.wrong.entry(who).or_insert((0, now));
        *count += 1;
    }

    fn wrong<T>(&mut self, who: Guesser, now: Timestamp) -> Result<T, Refusal> {
        self.note_wrong(who, now);
        refuse(
            Code::NotFound,
            "no page or contact shows this code, or it is too old; codes are good once and for five minutes",
        )
    }
}

impl Hub {
    fn new_code(&mut self, shown: Shown) -> Result<Done, Refusal> {
        self.pairing.forget(self.now);
        let others = self.pairing.open.values();
        let others = others.filter(|(other, _)| *other != shown).count();
        if others >= OPEN {
            return refuse(
                Code::Unavailable,
                "too many codes are open; try again in a minute",
            );
        }
        let code = loop {
            let code = format!("{:06}", self.rng.random_range(0..1_000_000));
            if !self.pairing.open.contains_key(&code) {
                break code;
            }
        };
        let contact = match shown {
            Shown::Contact(id) => Some(id),
            Shown::Page(..) => None,
        };
        let until = self.pairing.show(shown, code.clone(), self.now);
        Ok(Done::Code {
            code,
            until,
            contact,
        })
    }

    /// Makes a code for a visitor's page to show.
    pub(super) fn code_of_visitor(
        &mut self,
        visitor: VisitorId,
        zone: Option<ZoneId>,
    ) -> Result<Done, Refusal> {
        if !self.may_show(zone.as_ref()) {
            return refuse(Code::Forbidden, "pages are not seen together here");
        }
        self.new_code(Shown::Page(visitor, zone))
    }

    /// Makes a code for the customer of a contact to type.
    pub(super) fn code_of_contact(
        &mut self,
        id: InteractionId,
        agent: &AgentId,
    ) -> Result<Done, Refusal> {
        let found = self.going_on(id, &Actor::Agent(agent.clone()))?;
        if !self.may_cobrowse(found) {
            return refuse(Code::Forbidden, "pages are not seen together here");
        }
        self.new_code(Shown::Contact(id))
    }

    /// Returns the code that a contact has, and until when it is good.
    pub fn code_of(&self, id: InteractionId) -> Option<(String, Timestamp)> {
        self.shown_code(&Shown::Contact(id))
    }

    /// Returns the code that a visitor's pages of a zone have, and until when it is good.
    pub fn code_of_pages(
        &self,
        visitor: VisitorId,
        zone: Option<ZoneId>,
    ) -> Option<(String, Timestamp)> {
        self.shown_code(&Shown::Page(visitor, zone))
    }

    fn shown_code(&self, by: &Shown) -> Option<(String, Timestamp)> {
        let mut open = self.pairing.open.iter();
        let (code, (_, until)) =
            open.find(|(_, (shown, until))| shown == by && *until > self.now)?;
        Some((code.clone(), *until))
    }

    /// Brings the page that shows a code into an agent's contact.
    pub(super) fn pair_contact(
        &mut self,
        id: InteractionId,
        agent: &AgentId,
        code: &str,
    ) -> Result<Done, Refusal> {
        self.going_on(id, &Actor::Agent(agent.clone()))?;
        let by = self.agent_author(agent);
        self.pair_page(id, Guesser::Agent(agent.clone()), by, code)
    }

    fn pair_page(
        &mut self,
        id: InteractionId,
        who: Guesser,
        by: Author,
        code: &str,
    ) -> Result<Done, Refusal> {
        self.pairing.forget(self.now);
        self.pairing.may_try(&who)?;
        match self.pairing.open.get(code) {
            Some((Shown::Page(visitor, zone), _)) => {
                let (visitor, zone) = (*visitor, zone.clone());
                self.pair(id, visitor, zone, by)?;
                self.pairing.open.remove(code);
                Ok(Done::Ok)
            }
            Some((Shown::Contact(_), _)) | None => self.pairing.wrong(who, self.now),
        }
    }

    /// Brings a visitor's page into the contact whose agent told the code.
    pub(super) fn pair_visitor(
        &mut self,
        visitor: VisitorId,
        zone: Option<ZoneId>,
        code: &str,
    ) -> Result<Done, Refusal> {
        self.pairing.forget(self.now);
        let who = Guesser::Visitor(visitor);
        self.pairing.may_try(&who)?;
        match self.pairing.open.get(code) {
            Some((Shown::Contact(id), _)) => {
                let id = *id;
                self.pair(id, visitor, zone, Author::Customer)?;
                self.pairing.open.remove(code);
                Ok(Done::Ok)
            }
            Some((Shown::Page(..), _)) | None => self.pairing.wrong(who, self.now),
        }
    }

    fn pair(
        &mut self,
        id: InteractionId,
        visitor: VisitorId,
        zone: Option<ZoneId>,
        by: Author,
    ) -> Result<(), Refusal> {
        let Some(found) = self.state.interaction(id).filter(|f| f.ended.is_none()) else {
            return refuse(Code::Conflict, "the contact is over");
        };
        if !self.may_cobrowse(found) || !self.may_show(zone.as_ref()) {
            return refuse(Code::Forbidden, "pages are not seen together here");
        }
        if found.visitor.is_some() {
            return refuse(
                Code::Conflict,
                "a page of the customer belongs to this contact already",
            );
        }
        let other = self.state.of_visitor(visitor).find(|f| f.ended.is_none());
        if other.is_some() {
            return refuse(
                Code::Conflict,
                "this page belongs to another contact that goes on; end that first",
            );
        }
        let parent = found.call.as_ref().map(|call| call.customer);
        self.tell_cobrowse(id, by, Act::Paired);
        let party = Party::CustomerPage { visitor, zone };
        if let Some(leg) = self.begin_leg(id, party, LegCause::Pairing, parent) {
            self.tell(Some(id), Event::LegAnswered { leg });
        }
        Ok(())
    }

    /// Takes a key that a caller pressed; tells whether it belongs to a code.
    pub(crate) fn code_key(&mut self, leg: LegId, digit: char) -> bool {
        self.pairing.forget(self.now);
        if digit == BEGIN && self.setup.cobrowse.enabled {
            let begun = (String::new(), self.now);
            self.pairing.keyed.insert(leg, begun);
            return true;
        }
        let Some((keyed, at)) = self.pairing.keyed.get_mut(&leg) else {
            return false;
        };
        if !digit.is_ascii_digit() {
            self.pairing.keyed.remove(&leg);
            return false;
        }
        keyed.push(digit);
        *at = self.now;
        if keyed.len() == DIGITS {
            let code = std::mem::take(keyed);
            self.pairing.keyed.remove(&leg);
            self.pair_keyed(leg, &code);
        }
        true
    }

    // A caller hears nothing of it; their agent sees what came in, or why nothing did.
    fn pair_keyed(&mut self, leg: LegId, code: &str) {
        let (id, who) = (leg.interaction, Guesser::Caller(leg));
        let found = self.state.interaction(id);
        if found.is_none_or(|found| found.ended.is_some()) {
            return;
        }
        let refused = self
            .pair_page(id, who.clone(), Author::Customer, code)
            .err();
        let Some(refusal) = refused.filter(|refusal| refusal.code != Code::RateLimited) else {
            return;
        };
        // What is right and may not come in is no better than a guess: it does not fill the record.
        if refusal.code != Code::NotFound {
            self.pairing.note_wrong(who, self.now);
        }
        let reason = refusal.text;
        self.tell_cobrowse(id, Author::Customer, Act::Astray { reason });
    }
}
