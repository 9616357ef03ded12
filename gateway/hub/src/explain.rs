//! How a choice came about: who was looked at, and how they stood.

use ws::{
    agent::Channel,
    board::Hold,
    id::{AgentId, InteractionId, QueueId, Timestamp},
};

use crate::{
    demand::{Lack, Skills, lack},
    event::{Candidate, Leaning, Route, Verdict, Why},
    hub::Hub,
    interaction::{Entry, Interaction, Vain},
    priority::Priority,
    roster::Seat,
    routing::{Kept, View},
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
            let next = free.map(|(_, _, _, seat)| *seat);
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
        let kept = self.kept(found, entry);
        let kept = kept.filter(|kept| kept.seat == Some(chosen));
        let candidates = named
            .into_iter()
            .map(|seat| self.candidate(found, entry, &skills, (seat, kept.as_ref())));
        let waited = self.now.since(entry.key.since).as_millis();
        Some(Route {
            why,
            waited_ms: u64::try_from(waited).unwrap_or(u64::MAX),
            considered: u32::try_from(staff.len()).unwrap_or(u32::MAX),
            candidates: candidates.collect(),
            priority: entry.priority,
            quiet: entry.key.waits_for_quiet(),
            skills,
        })
    }

    // Somebody and how they stand towards an entry that is kept for somebody, or for nobody.
    fn candidate(
        &self,
        found: &Interaction,
        entry: &Entry,
        skills: &Skills,
        (seat, kept): (Seat, Option<&Kept>),
    ) -> Candidate {
        let anothers = kept.is_some_and(|kept| kept.seat != Some(seat));
        let verdict = match self.verdict(found, entry, skills, seat) {
            Verdict::Free { .. } | Verdict::AskedBefore if anothers => Verdict::KeptForAnother,
            other => other,
        };
        Candidate {
            agent: self.roster.name(seat).clone(),
            verdict,
        }
    }

    // How an agent stands towards an entry that is kept for nobody.
    fn verdict(&self, found: &Interaction, entry: &Entry, skills: &Skills, seat: Seat) -> Verdict {
        let able = self.roster.able(seat);
        let own =
            entry.kept_until.is_some() && entry.familiar.as_ref() == Some(self.roster.name(seat));
        let lacks = lack(able, skills).filter(|_| !own);
        if let Some(Lack { skill, least, has }) = lacks {
            return Verdict::Lacks { skill, least, has };
        }
        let free = self.board.seated(seat);
        let name = self.roster.name(seat);
        if let Some(reason) = free.why_not(entry.channel) {
            return self.nearer(reason.clone(), name);
        }
        if self.in_peace(found, name).is_some() {
            let tried = found.tried.get(name).map(|tried| tried.how);
            return match tried {
                Some(Vain::NotCalled) => Verdict::NotCalled,
                Some(Vain::Refused | Vain::Silent) | None => Verdict::InPeace,
            };
        }
        if found.tried.contains_key(name) {
            return Verdict::AskedBefore;
        }
        let idle = self.now.since(free.since).as_millis();
        Verdict::Free {
            leaning: Leaning::of(free.prefers, entry.channel),
            load: free.load,
            idle_ms: u64::try_from(idle).unwrap_or(u64::MAX),
        }
    }
}

impl View<'_> {
    /// Tells what an agent has instead of a call, where that is why they are not free.
    pub(crate) fn nearer(&self, why: Verdict, name: &AgentId) -> Verdict {
        match (why, self.called(name)) {
            (Verdict::InCall, called) => called,
            (Verdict::BesideCall, Verdict::Offered) => Verdict::BesideOffer,
            (Verdict::BesideCall, Verdict::WrapUp) => Verdict::BesideWrapUp,
            (why, _) => why,
        }
    }

    // What keeps the voice slot of an agent.
    fn called(&self, name: &AgentId) -> Verdict {
        let agent = self.state.agents().get(name).into_iter();
        let calls = agent.flat_map(|agent| &agent.calls);
        let each = calls.map(|id| {
            let found = self.state.interaction(*id);
            let offer = found.and_then(|found| found.offer.as_ref());
            let stay = found.and_then(|found| found.assignment.as_ref());
            let wraps = stay.is_some_and(|stay| stay.agent == *name && stay.wrap_up.is_some());
            match (offer.is_some_and(|offer| offer.agent == *name), wraps) {
                (true, _) => Verdict::Offered,
                (false, true) => Verdict::WrapUp,
                (false, false) => Verdict::InCall,
            }
        });
        let mut each: Vec<_> = each.collect();
        let talks = each.iter().position(|verdict| *verdict == Verdict::InCall);
        match talks {
            Some(_) => Verdict::InCall,
            None => each.pop().unwrap_or(Verdict::InCall),
        }
    }
}

/// Why an entry waits, and who would get it: worked out when it is asked for, and kept nowhere.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// On what channel an agent is wanted.
    pub channel: Channel,
    /// In which queue it stands.
    pub queue: QueueId,
    /// Its place there, from 1.
    pub position: Option<u32>,
    /// Since when it waits.
    pub since: Timestamp,
    /// What moves it forward.
    pub priority: Priority,
    /// What an agent must be able to do now.
    pub skills: Skills,
    /// When less may be asked.
    pub relaxes_at: Option<Timestamp>,
    /// Before whom it is.
    pub offered: Option<AgentId>,
    /// Whom it is kept for, and until when if not for good.
    pub kept_for: Option<(AgentId, Option<Timestamp>)>,
    /// Whether the configuration does not name its queue, so that nobody serves it; not where it waits for somebody by name.
    pub queue_unknown: bool,
    /// Whether it may be put before nobody now: the way out is closed for its callback.
    pub barred: bool,
    /// Whether it is a message that waits for the hours of its queue.
    pub out_of_hours: bool,
    /// When these begin; none if they do not within 400 days.
    pub held_until: Option<Timestamp>,
    /// Whether it is a promised call that waits for a quiet time.
    pub held_back: bool,
    /// Who would get it now, and why. Nobody while it is offered, and nobody while nobody fits.
    pub next: Option<(AgentId, Why)>,
    /// Everybody at the queue, and how they stand.
    pub candidates: Vec<Candidate>,
}

impl Hub {
    /// Explains how an interaction stands in its queue; nothing when it does not wait.
    pub fn explain(&self, id: InteractionId, now: Timestamp) -> Option<Explanation> {
        let view = View {
            now: now.max(self.now),
            ..self.view()
        };
        let found = self.state().interaction(id)?;
        let entry = found.entry.as_ref()?;
        let skills = view.demand(entry);
        let kept = view.kept(found, entry);
        let hold = self.why_held(found);
        let held_until = match hold {
            Some(Hold::Hours { until }) => until,
            Some(Hold::QueueUnknown | Hold::Quiet | Hold::Barred) | None => None,
        };
        let name = |seat: Seat| view.roster.name(seat).clone();
        let staff = view.roster.staff(&entry.queue).iter();
        let candidates =
            staff.map(|seat| view.candidate(found, entry, &skills, (*seat, kept.as_ref())));
        Some(Explanation {
            channel: entry.channel,
            queue: entry.queue.clone(),
            position: self.state().position(id),
            since: entry.key.since,
            priority: entry.priority,
            relaxes_at: view.relaxes_at(entry),
            offered: found.offer.as_ref().map(|offer| offer.agent.clone()),
            kept_for: kept.and_then(|kept| Some((name(kept.seat?), kept.until))),
            queue_unknown: hold == Some(Hold::QueueUnknown),
            barred: hold == Some(Hold::Barred),
            out_of_hours: matches!(hold, Some(Hold::Hours { .. })),
            held_until,
            held_back: hold == Some(Hold::Quiet),
            next: view.agent_for(found).map(|(seat, why)| (name(seat), why)),
            candidates: candidates.collect(),
            skills,
        })
    }
}
