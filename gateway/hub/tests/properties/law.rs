//! The laws, checked against the state from outside: everything is counted again here. The simulated world of the load
//! tests holds the hub to them too, so nothing here names the town.

use std::collections::{BTreeMap, BTreeSet};

use hub::{
    State,
    consent::Subject,
    event::{Party, Route},
    hours::Opening,
    interaction::{CallKind, Callback, Entry, Interaction, Vain},
    policy::Rule,
    setup::{AgentSetup, ChatsDuringCall, PhoneSetup, Setup},
};
use ws::{
    agent::{Channel, Presence},
    consent::ContactChannel,
    id::{AgentId, CustomerId, InteractionId, Number, Skill, Timestamp},
    timeline::CallbackState,
};

pub struct Seen<'a> {
    pub state: &'a State,
    pub setup: &'a Setup,
    pub consoles: &'a BTreeMap<AgentId, BTreeSet<u64>>,
    pub draining: bool,
    /// Whether promised calls would find no room.
    pub full: bool,
    pub now: Timestamp,
}

impl Seen<'_> {
    pub fn check(&self) {
        self.slots_are_never_overdrawn_and_never_leak();
        self.an_interaction_is_in_one_queue_and_one_offer_at_most();
        self.nobody_waits_while_a_fitting_agent_is_free();
        self.no_number_is_dialled_twice();
        self.one_attempt_at_a_time();
        self.what_is_over_holds_nothing();
        self.colleagues_are_in_chats_that_somebody_has_and_once();
        self.parked_chats_are_their_agents_and_nobody_elses();
        self.nobody_waits_longer_than_they_may();
        self.chats_rest_exactly_while_their_agent_is_in_a_call();
    }

    fn chats_rest_exactly_while_their_agent_is_in_a_call(&self) {
        let stays = || {
            self.state
                .interactions()
                .filter_map(|f| Some((f, f.assignment.as_ref()?)))
        };
        for (found, stay) in stays() {
            let pauses = self.setup.agents[&stay.agent].chats_during_call == ChatsDuringCall::Pause;
            let open =
                found.writes() && stay.chat && stay.parked.is_none() && stay.wrap_up.is_none();
            let calling = stays().any(|(other, theirs)| {
                other.id != found.id
                    && theirs.agent == stay.agent
                    && theirs.voice
                    && theirs.wrap_up.is_none()
            });
            let asked = |other: &Interaction| {
                other.id != found.id && other.on_the_line().any(|agent| *agent == stay.agent)
            };
            let calling = calling || self.state.interactions().any(asked);
            assert_eq!(stay.paused, pauses && open && calling, "{found:?}");
        }
    }

    fn slots_are_never_overdrawn_and_never_leak(&self) {
        let mut chats: BTreeMap<&AgentId, BTreeSet<InteractionId>> = BTreeMap::new();
        let mut calls: BTreeMap<&AgentId, BTreeSet<InteractionId>> = BTreeMap::new();
        for found in self.state.interactions() {
            if let Some(offer) = &found.offer {
                let held = match offer.channel {
                    Channel::Chat => &mut chats,
                    Channel::Voice => &mut calls,
                };
                held.entry(&offer.agent).or_default().insert(found.id);
            }
            if let Some(stay) = &found.assignment {
                assert!(stay.chat || stay.voice, "a stay without a slot: {found:?}");
                if stay.holds_chat_slot() {
                    chats.entry(&stay.agent).or_default().insert(found.id);
                }
                if stay.voice {
                    calls.entry(&stay.agent).or_default().insert(found.id);
                }
                let other = found.call.as_ref().and_then(|call| call.agent);
                let other = other.and_then(|leg| found.leg(leg));
                let calling =
                    other.is_some_and(|leg| matches!(leg.party, Party::AgentPhone { .. }));
                assert!(!calling || stay.voice, "a call without its slot: {found:?}");
            }
            // Whoever an agent asks while the customer hears music is on the phone too.
            for asked in found.on_the_line() {
                calls.entry(asked).or_default().insert(found.id);
            }
            for colleague in found.room.company() {
                chats.entry(colleague).or_default().insert(found.id);
            }
        }
        for (agent, known) in self.state.agents().iter() {
            let most = self.setup.agents[agent].chat_slots.count();
            assert!(known.calls.len() <= 1, "{agent} is in {:?}", known.calls);
            assert!(known.chats.len() <= most, "{agent} holds {:?}", known.chats);
            let chats = chats.remove(agent).unwrap_or_default();
            let calls = calls.remove(agent).unwrap_or_default();
            assert_eq!((&known.chats, &known.calls), (&chats, &calls), "{agent}");
        }
        assert!(chats.is_empty() && calls.is_empty());
    }

    fn an_interaction_is_in_one_queue_and_one_offer_at_most(&self) {
        let mut lines = BTreeMap::new();
        for (name, queue) in self.state.queues().iter() {
            for (place, key) in queue.line().iter().enumerate() {
                let twice = lines.insert(key.interaction, (name, place + 1));
                assert_eq!(twice, None, "{} waits twice", key.interaction);
            }
            for key in queue.quiet().iter() {
                let twice = lines.insert(key.interaction, (name, 0));
                assert_eq!(twice, None, "{} waits twice", key.interaction);
            }
        }
        for found in self.state.interactions() {
            let line = lines.remove(&found.id);
            assert_eq!(found.entry.is_some(), line.is_some(), "{found:?}");
            if let (Some(entry), Some((name, place))) = (&found.entry, line) {
                assert_eq!(entry.queue, *name);
                let place = (place > 0).then_some(place as u32);
                assert_eq!(self.state.position(found.id), place);
            }
            assert!(found.offer.is_none() || found.entry.is_some(), "{found:?}");
        }
        assert!(lines.is_empty(), "sealed ones wait: {lines:?}");
    }

    fn no_number_is_dialled_twice(&self) {
        let mut dialled = BTreeMap::new();
        for found in self.state.interactions() {
            let promises = found.callbacks.values();
            let dials = promises.filter(|promise| promise.state == CallbackState::Dialling);
            for promise in dials {
                let before = dialled.insert(&promise.number, found.id);
                assert_eq!(
                    before, None,
                    "{} is dialled twice: {found:?}",
                    promise.number
                );
            }
        }
    }

    fn nobody_waits_while_a_fitting_agent_is_free(&self) {
        for found in self.state.interactions().filter(|found| found.is_waiting()) {
            for agent in self.setup.agents.keys() {
                assert!(
                    !self.could_take(found, agent),
                    "{agent} could take {} at {:?}: {found:?}\n{:?}",
                    found.id,
                    self.now,
                    self.state.agents().get(agent)
                );
            }
        }
    }

    #[allow(clippy::too_many_lines, reason = "one reason after the other")]
    fn could_take(&self, found: &Interaction, agent: &AgentId) -> bool {
        let entry = found.entry.as_ref().expect("it waits");
        let setup = &self.setup.agents[agent];
        let demand = self.demand(entry);
        let Some(known) = self.state.agents().get(agent) else {
            return false;
        };
        let fits = setup.queues.contains(&entry.queue) && can(setup, &demand);
        let here = known.presence == Presence::Ready
            && self
                .consoles
                .get(agent)
                .is_some_and(|open| !open.is_empty());
        let phone = match setup.phone {
            PhoneSetup::Extension { .. } => true,
            PhoneSetup::Registered => known.phone.as_ref().is_some_and(|p| p.until > self.now),
        };
        let room = match entry.channel {
            Channel::Voice => known.calls.is_empty() && phone,
            Channel::Chat => {
                known.chats.len() < setup.chat_slots.count()
                    && (setup.chats_during_call == ChatsDuringCall::Run || known.calls.is_empty())
            }
        };
        let peace = found
            .tried
            .get(agent)
            .is_some_and(|t| t.how != Vain::Silent && self.now < t.at + self.setup.spans.offer);
        let anothers = found.assignment.as_ref().is_some_and(|s| s.agent != *agent);
        let window = self.setup.queues[&entry.queue].familiar;
        let window = window.unwrap_or(self.setup.spans.familiar);
        let until = entry.kept_until.unwrap_or(entry.entered + window);
        let familiar = entry
            .familiar
            .as_ref()
            .is_some_and(|familiar| familiar != agent && self.now < until);
        // Kept for the colleague, then for who handed it over.
        let handed = found.handed.is_some()
            && self.now
                < entry.entered
                    + self.setup.spans.offer * 2
                    + self.setup.own.wait.max(self.setup.spans.offer);
        let barred = entry.callback.is_some_and(|callback| {
            let number = &found.callback(callback).expect("it waits for it").number;
            let subjects = subjects(self.state, number, found.customer);
            let consents = self.state.consents();
            let bar = consents.bar(&subjects, ContactChannel::Voice, false, self.now);
            self.draining
                || self.full
                || self.setup.outbound.is_none()
                || self.setup.suppressed.contains(number)
                || self.state.is_on_call(number, Some(found.id))
                || bar.is_some()
        });
        let held = found.message.is_some() && found.assignment.is_none() && self.is_closed(found);
        let owned = entry.callback.is_some_and(|callback| {
            let promise = found.callback(callback).expect("it waits for it");
            promise
                .plan
                .owner
                .as_ref()
                .is_some_and(|owner| owner != agent && self.now < self.owner_until(promise))
        });
        // What waits for a quiet time may wait; whom it waits for is told by a test of its own.
        let blended = entry.key.waits_for_quiet();
        let kept = peace || anothers || handed || familiar || barred || held || owned || blended;
        fits && here && room && !kept
    }

    // Others keep a window that is short too: in the second half of it, or while two offers and two rings fit in.
    fn owner_until(&self, promise: &Callback) -> Timestamp {
        let wait = self.setup.callbacks.owner_wait;
        let Some(until) = promise.plan.until else {
            return promise.due + wait;
        };
        let window = until.since(promise.due);
        let needs = (self.setup.spans.offer + self.setup.spans.ring) * 2;
        promise.due + wait.min((window / 2).max(window.saturating_sub(needs)))
    }

    // The hours of a zone count for whom nobody sent elsewhere or had.
    fn is_closed(&self, found: &Interaction) -> bool {
        let sent = found.ruled.iter().any(|(queue, _)| *queue != found.queue);
        let zone = found.zone.as_ref().filter(|_| !sent && !found.met);
        let zone = zone.and_then(|zone| self.setup.zones[zone].hours.as_ref());
        let queue = self.setup.queues[&found.queue].hours.as_ref();
        let mut hours = zone.into_iter().chain(queue);
        hours.any(|hours| matches!(hours.at(self.now), Opening::Closed { .. }))
    }

    fn colleagues_are_in_chats_that_somebody_has_and_once(&self) {
        for found in self.state.interactions() {
            let mut there = BTreeSet::new();
            for colleague in found.room.company() {
                assert!(there.insert(colleague), "twice in one chat: {found:?}");
                let stay = found.assignment.as_ref().expect("somebody has the chat");
                assert!(stay.agent != *colleague, "beside themselves: {found:?}");
                let open = stay.chat && stay.parked.is_none() && stay.wrap_up.is_none();
                assert!(open && found.writes(), "in no chat: {found:?}");
                let known = self.state.agents().get(colleague);
                let gone = known.is_none_or(|known| known.presence == Presence::Gone);
                assert!(!gone, "{colleague} is not there: {found:?}");
            }
            assert!(there.len() <= 3, "a crowd: {found:?}");
            for member in &found.room.members {
                let leg = found.leg(member.leg).expect("they have a leg");
                assert!(leg.is_live(), "by a leg that is over: {found:?}");
            }
        }
    }

    fn parked_chats_are_their_agents_and_nobody_elses(&self) {
        let mut parked: BTreeMap<&AgentId, BTreeSet<InteractionId>> = BTreeMap::new();
        for found in self.state.interactions() {
            if let Some(stay) = found.assignment.as_ref().filter(|s| s.parked.is_some()) {
                parked.entry(&stay.agent).or_default().insert(found.id);
                let answered = !stay.stirred || stay.voice;
                assert!(answered, "its customer wrote and waits: {found:?}");
            }
        }
        for (agent, known) in self.state.agents().iter() {
            assert_eq!(known.parked, parked.remove(agent).unwrap_or_default());
        }
        assert!(parked.is_empty());
    }

    fn nobody_waits_longer_than_they_may(&self) {
        for found in self.state.interactions().filter(|found| found.is_waiting()) {
            let entry = found.entry.as_ref().expect("it waits");
            let policy = &self.setup.queues[&entry.queue].policy;
            let ours = entry.callback.is_some() || found.message.is_some();
            let ruled = found.ruled.contains(&(entry.queue.clone(), Rule::Late));
            if let Some(longest) = policy.longest_wait
                && policy.acts(Rule::Late)
                && !(ours || ruled || found.assignment.is_some())
            {
                let since = match found.met {
                    true => entry.entered,
                    false => found.been[&entry.queue],
                };
                let late = since + longest;
                assert!(self.now < late, "at {:?}: {found:?}", self.now);
            }
        }
    }

    // What is asked now, worked out by the letter of the rule: the higher of both, lowered by every step that is due.
    fn demand(&self, entry: &Entry) -> BTreeMap<Skill, u8> {
        let queue = &self.setup.queues[&entry.queue];
        let waited = self.now.since(entry.key.since);
        let asked = queue.skills.keys().chain(entry.skills.keys());
        let asked = asked.map(|skill| {
            let own = queue.skills.get(skill).copied().unwrap_or(0);
            let extra = entry.skills.get(skill).copied().unwrap_or(0);
            let steps = queue.relax.iter();
            let due = steps.filter(|step| step.skill == *skill && step.after <= waited);
            let cap = due.map(|step| step.level).min().unwrap_or(u8::MAX);
            (skill.clone(), own.max(extra).min(cap))
        });
        asked.collect()
    }

    /// Checks an offer against what was so just before it.
    pub fn check_offer(&self, id: InteractionId, agent: &AgentId, route: &Route) {
        let found = self
            .state
            .interaction(id)
            .expect("only live ones are offered");
        let entry = found.entry.as_ref().expect("only waiting ones are offered");
        let demand = self.demand(entry);
        let setup = &self.setup.agents[agent];
        let has_chat = found.assignment.as_ref().is_some_and(|s| s.agent == *agent);
        // Whom a colleague chose need not be able to do what the queue asks.
        let chosen = found.handed.as_ref();
        let chosen = chosen.is_some_and(|it| [&it.to, &it.from].contains(&agent));
        // Nor whom the customer asked for.
        let own = found.own.as_ref().is_some_and(|own| own.agent == *agent);
        assert!(
            has_chat || chosen || own || can(setup, &demand),
            "{agent} was offered {id} without {demand:?}"
        );
        let asked = demand.into_iter().filter(|(_, least)| *least > 0);
        assert_eq!(route.skills, asked.collect());
        assert!(route.candidates.len() <= Route::CANDIDATES);
        assert_eq!(route.candidates[0].agent, *agent);
        assert!(route.considered as usize <= self.setup.agents.len());
        let names: BTreeSet<_> = route.candidates.iter().map(|c| &c.agent).collect();
        assert_eq!(
            names.len(),
            route.candidates.len(),
            "named twice: {route:?}"
        );
        let kept = found.assignment.is_some() || entry.familiar.is_some() || chosen;
        let channel = entry.channel;
        for other in self.state.interactions().filter(|other| other.is_waiting()) {
            let theirs = other.entry.as_ref().expect("it waits");
            let tried = other.tried.contains_key(agent);
            if other.id == id || theirs.channel != channel || kept || tried {
                continue;
            }
            assert!(
                theirs.key > entry.key || !self.could_take(other, agent),
                "{agent} was offered {id} before {}",
                other.id
            );
        }
    }

    fn one_attempt_at_a_time(&self) {
        for found in self.state.interactions() {
            let dialling: Vec<_> = found
                .callbacks
                .iter()
                .filter(|(_, c)| c.state == CallbackState::Dialling)
                .map(|(n, _)| found.callback_id(n))
                .collect();
            let call = found.call.as_ref().filter(|call| call.bridged.is_none());
            let attempt = call.and_then(|call| match call.kind {
                CallKind::Callback(callback) => Some(callback),
                CallKind::Inbound | CallKind::Escalation => None,
            });
            assert_eq!(dialling, Vec::from_iter(attempt), "{found:?}");
        }
    }

    fn what_is_over_holds_nothing(&self) {
        for found in self.state.interactions() {
            if found.ended.is_some() {
                assert!(!found.chat, "{found:?}");
                assert_eq!(found.cobrowse, None, "a page is shared after the end");
            }
            if let Some(sharing) = &found.cobrowse {
                let page = |leg: &hub::leg::Leg| leg.is_page() && leg.is_live();
                let leg = found
                    .legs
                    .values()
                    .any(|leg| page(leg) && leg.is_customer());
                assert!(leg || sharing.granted.is_empty(), "a page without its leg");
                let stay = found.assignment.as_ref();
                assert!(
                    stay.is_some(),
                    "a page nobody asked for is shared: {found:?}"
                );
            }
            let over = found.rating.is_some() && found.call.is_none();
            if let Some(stay) = found.assignment.as_ref().filter(|_| over) {
                assert!(stay.wrap_up.is_some(), "a question holds a slot: {found:?}");
            }
            let open = found.chat
                || found.call.is_some()
                || found.has_live_leg()
                || found.assignment.is_some()
                || found.has_open_callback()
                || found.rating.as_ref().is_some_and(|r| r.is_open(self.now))
                || found.recordings.running.is_some();
            assert!(open, "it should be sealed: {found:?}");
        }
    }
}

fn can(agent: &AgentSetup, demand: &BTreeMap<Skill, u8>) -> bool {
    let level = |skill| agent.skills.get(skill).copied().unwrap_or(0);
    demand.iter().all(|(skill, least)| level(skill) >= *least)
}

/// Everybody that a call to `number` for `customer` is a call to.
pub fn subjects(state: &State, number: &Number, customer: CustomerId) -> Vec<Subject> {
    let customers = state.customers();
    let owner = customers.by_number(number);
    let roots = owner.into_iter().chain([customers.root(customer)]);
    let families = roots.flat_map(|root| customers.family(root));
    let mut subjects = vec![Subject::Number(number.clone())];
    subjects.extend(families.map(Subject::Customer));
    subjects
}
