//! A visitor's contact follows them to another website of its zone. The page that is left names a pass, from where to where
//! it goes; the page that is come to shows it. A pass lives shortly and counts once, whoever shows it and whatever comes of
//! it, so that one that was taken elsewhere is of no use. Nothing of it is a fact, or outlives a restart.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};

use ws::{
    crossing::{Carried, Pass},
    frame::{Code, Refusal},
    id::{InteractionId, Timestamp, VisitorId, ZoneId},
};

use crate::{
    hub::Hub,
    input::{Done, Signed, refuse},
};

/// How long a pass is good.
const LIFE: Duration = Duration::from_secs(60);
/// Passes of one visitor; one more takes the place of the oldest.
const EACH: usize = 8;
/// Passes that are good at a time.
const OPEN: usize = 10_000;

/// A visitor on their way from one website to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Crossing {
    /// Who.
    pub visitor: VisitorId,
    /// What follows them.
    pub interaction: InteractionId,
    /// In which zone.
    pub zone: ZoneId,
    /// The signed identity they have there.
    pub verified: Option<Signed>,
    /// When their credential ends: another origin does not make it longer.
    pub until: Timestamp,
    /// The origin that is left.
    pub from: String,
    /// The origin that is gone to.
    pub to: String,
    /// What the page that is left knows by itself.
    pub carried: Carried,
}

/// What a page that shows a pass says of itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrival {
    /// Its origin.
    pub at: String,
    /// The origin it was come from.
    pub from: String,
    /// The zone it names, if it names one.
    pub zone: Option<ZoneId>,
    /// Who its visitor is there already.
    pub own: Option<VisitorId>,
}

/// Passes that are good.
#[derive(Debug, Default)]
pub(crate) struct Crossings {
    open: BTreeMap<Pass, (Crossing, Timestamp)>,
    deadlines: BTreeSet<(Timestamp, Pass)>,
    theirs: BTreeMap<VisitorId, VecDeque<Pass>>,
}

impl Crossings {
    fn put(&mut self, pass: Pass, crossing: Crossing, now: Timestamp) -> Result<(), Refusal> {
        self.forget(now);
        if self.open.contains_key(&pass) {
            return refuse(Code::Conflict, "this pass is another's; make one by chance");
        }
        let theirs = self.theirs.get(&crossing.visitor);
        if let Some(theirs) = theirs.filter(|theirs| theirs.len() >= EACH) {
            let oldest = theirs[0];
            self.take(oldest);
        }
        if self.open.len() >= OPEN {
            return refuse(
                Code::Unavailable,
                "too many visitors are on their way at the moment",
            );
        }
        let until = now + LIFE;
        self.deadlines.insert((until, pass));
        let theirs = self.theirs.entry(crossing.visitor).or_default();
        theirs.push_back(pass);
        self.open.insert(pass, (crossing, until));
        Ok(())
    }

    // The three change together, or a pass would be found by one that another forgot.
    fn take(&mut self, pass: Pass) -> Option<Crossing> {
        let (crossing, until) = self.open.remove(&pass)?;
        self.deadlines.remove(&(until, pass));
        if let Some(theirs) = self.theirs.get_mut(&crossing.visitor) {
            theirs.retain(|other| *other != pass);
            if theirs.is_empty() {
                self.theirs.remove(&crossing.visitor);
            }
        }
        Some(crossing)
    }

    fn forget(&mut self, now: Timestamp) {
        while let Some(&(_, pass)) = self.deadlines.first().filter(|due| due.0 <= now) {
            self.take(pass);
        }
    }
}

impl Hub {
    /// Takes the pass of a visitor who leaves for another website of their zone.
    pub(crate) fn cross(&mut self, pass: Pass, crossing: Crossing) -> Result<Done, Refusal> {
        if !self.goes_on(crossing.interaction) {
            return refuse(Code::Conflict, "there is no contact that could be followed");
        }
        self.crossings.put(pass, crossing, self.now)?;
        Ok(Done::Ok)
    }

    /// Tells a page that shows a pass who came to it.
    pub(crate) fn arrive(&mut self, pass: Pass, page: &Arrival) -> Result<Done, Refusal> {
        self.crossings.forget(self.now);
        let Some(crossing) = self.crossings.take(pass) else {
            return refuse(
                Code::NotFound,
                "there is no such pass; it is good once and for a minute",
            );
        };
        if crossing.to != page.at || crossing.from != page.from {
            return refuse(
                Code::Forbidden,
                "the pass is for another way between two websites",
            );
        }
        if page
            .zone
            .as_ref()
            .is_some_and(|zone| *zone != crossing.zone)
        {
            return refuse(Code::Conflict, "the page names another zone");
        }
        if !self.goes_on(crossing.interaction) {
            return refuse(Code::Conflict, "the contact is over");
        }
        let other = page.own.filter(|own| *own != crossing.visitor);
        let mut others = other.into_iter().flat_map(|own| self.state.of_visitor(own));
        if others.any(|it| it.ended.is_none()) {
            return refuse(Code::Conflict, "another contact goes on at this website");
        }
        Ok(Done::Arrived(Box::new(crossing)))
    }

    fn goes_on(&self, id: InteractionId) -> bool {
        let found = self.state.interaction(id);
        found.is_some_and(|found| found.ended.is_none())
    }
}
