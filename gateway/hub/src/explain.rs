//! How a choice came about: who was looked at, and how they stood.

use crate::{
    demand::{Lack, Skills, lack},
    event::{Candidate, Route, Verdict, Why},
    interaction::{Entry, Interaction},
    roster::Seat,
    routing::{View, unavailable},
};

/// How many of those who would have been next a kept route names, so that there is room for others and their reasons.
const RUNNERS_UP: usize = 6;

impl View<'_> {
    /// Tells how the choice of `chosen` came about.
    pub(crate) fn route(&self, found: &Interaction, chosen: Seat, why: Why) -> Option<Route> {
        let entry = found.entry.as_ref()?;
        let skills = self.demand(entry);
        let staff = self.roster.staff(&entry.queue);
        let mut named = vec![chosen];
        if let Some(team) = self.board.listed(found.id).and_then(|it| it.stand.team()) {
            let free = self.board.free(team, entry.channel);
            let next = free.map(|(_, _, seat)| *seat);
            named.extend(next.filter(|seat| *seat != chosen).take(RUNNERS_UP));
        }
        for seat in staff {
            if named.len() == Route::CANDIDATES {
                break;
            }
            if !named.contains(seat) {
                named.push(*seat);
            }
        }
        let candidates = named.into_iter().map(|seat| Candidate {
            agent: self.roster.name(seat).clone(),
            verdict: self.verdict(found, entry, &skills, seat),
        });
        let waited = self.now.since(entry.key.since).as_millis();
        Some(Route {
            why,
            waited_ms: u64::try_from(waited).unwrap_or(u64::MAX),
            considered: u32::try_from(staff.len()).unwrap_or(u32::MAX),
            candidates: candidates.collect(),
            priority: entry.priority,
            skills,
        })
    }

    /// Tells how an agent stands towards an entry.
    pub(crate) fn verdict(
        &self,
        found: &Interaction,
        entry: &Entry,
        skills: &Skills,
        seat: Seat,
    ) -> Verdict {
        let name = self.roster.name(seat);
        let Some(setup) = self.setup.agents.get(name) else {
            return Verdict::SignedOut;
        };
        if let Some(Lack { skill, least, has }) = lack(&setup.skills, skills) {
            return Verdict::Lacks { skill, least, has };
        }
        let agent = self.state.agents().get(name);
        if let Some(reason) = unavailable(setup, agent, entry.channel, self.now) {
            return reason;
        }
        let free = self.board.seated(seat);
        if !self.board.is_free(seat, entry.channel) {
            return Verdict::Lost;
        }
        if self.in_peace(found, name).is_some() {
            return Verdict::InPeace;
        }
        let idle = self.now.since(free.since).as_millis();
        Verdict::Free {
            load: free.load,
            idle_ms: u64::try_from(idle).unwrap_or(u64::MAX),
        }
    }
}
