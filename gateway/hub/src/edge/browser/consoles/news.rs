//! What consoles are told unasked: desks that changed, and news of the contacts on them.

use std::collections::BTreeSet;

use ws::{
    agent::Push,
    close::Close,
    frame::Told,
    id::{AgentId, CustomerId, InteractionId, QueueId, Seq, Timestamp},
    memo::MemoTo,
    timeline::Author,
    transfer::TransferTo,
};

use super::{Console, Consoles};
use crate::{
    Hub,
    consent::Subject,
    edge::browser::{AgentTold, Out, Output, Receipt, Timelines, desk, stream::Stream},
    event::{Event, Fact, InCall, InChat},
    interaction::Interaction,
    leg::Leg,
    memo::Sent,
    state::State,
};

impl Consoles {
    /// Notes whose desk a fact changes.
    pub(in crate::edge::browser) fn note(&mut self, fact: &Fact, state: &State) {
        self.note_consents(fact, state);
        let named = match &fact.event {
            Event::OfferEnded { agent, end, .. }
            | Event::InChat(InChat::InvitationEnded { agent, end }) => {
                if let Some(interaction) = fact.interaction {
                    self.reasons
                        .insert((agent.clone(), interaction), end.words());
                }
                Some(agent)
            }
            Event::Offered { agent, .. }
            | Event::Assigned { agent, .. }
            | Event::WrapUpStarted { agent, .. }
            | Event::WrapUpExtended { agent, .. }
            | Event::Parked { agent, .. }
            | Event::Unparked { agent, .. }
            | Event::HandedOver { agent, .. }
            | Event::AssignmentEnded { agent, .. }
            | Event::PresenceSet { agent, .. }
            | Event::PhoneRegistered { agent, .. }
            | Event::PhoneGone { agent } => Some(agent),
            Event::MemoSent(Sent { by, to, .. }) => {
                match to {
                    MemoTo::Agent(agent) => self.stale.extend([by.clone(), agent.clone()]),
                    MemoTo::Queue(_) | MemoTo::Supervisors | MemoTo::Everybody => self.note_all(),
                }
                None
            }
            Event::MemosRead { agent, .. } => Some(agent),
            Event::CustomerErased { .. } => {
                self.streams.values_mut().for_each(Stream::forget);
                None
            }
            Event::InCall(InCall::ConsultEnded { consulted, .. }) => consulted.as_ref(),
            Event::InCall(InCall::ConferenceLeft { left, .. }) => left.as_ref(),
            Event::InChat(
                InChat::SupervisionEnded { agent, .. } | InChat::MemberEnded { agent, .. },
            ) => Some(agent),
            // What was said is in the timeline, not on the desk.
            Event::Said { .. }
            | Event::FileShared { .. }
            | Event::MessageEdited { .. }
            | Event::MessageDeleted { .. }
            | Event::Cobrowsed { .. } => return,
            _ => None,
        };
        self.stale.extend(named.cloned());
        self.note_taker(fact, state);
        self.note_parted(fact);
        self.note_kept(fact, state);
        if let Some(found) = fact.interaction.and_then(|id| state.interaction(id)) {
            self.note_present(found);
        }
    }

    // Whether they may be contacted may be otherwise now. What was said of an address is not shown with whom it leads to.
    fn note_consents(&mut self, fact: &Fact, state: &State) {
        let customers = state.customers();
        let whole = |id: &CustomerId| customers.family(customers.root(*id));
        match &fact.event {
            Event::ConsentChanged(said) => {
                if let Subject::Customer(customer) = &said.subject {
                    self.restated.extend(whole(customer));
                }
            }
            Event::CustomersMerged { kept, merged, .. }
            | Event::CustomersUnmerged { kept, merged, .. } => {
                self.restated.extend(whole(kept));
                self.restated.extend(whole(merged));
            }
            Event::CustomerErased { records, .. } => self.restated.extend(records),
            _ => {}
        }
    }

    /// Tells every console of which customers it is to be asked anew whether they may be contacted.
    fn tell_consents(&mut self, out: &mut Out) {
        let customers = Vec::from_iter(std::mem::take(&mut self.restated));
        if customers.is_empty() {
            return;
        }
        for socket in self.sockets.keys() {
            let customers = customers.clone();
            out.agent(*socket, Told::Push(Push::Consents { customers }));
        }
    }

    /// Returns when [`Self::end_consents`] is next due.
    pub(in crate::edge::browser) fn poll_ends(&self, hub: &Hub) -> Option<Timestamp> {
        let consents = hub.state().consents();
        consents.next_end(self.told_ends.unwrap_or_default())
    }

    /// Tells every console of whom something ended that was said of contact. Who comes asks how it stands.
    pub(in crate::edge::browser) fn end_consents(
        &mut self,
        hub: &Hub,
        now: Timestamp,
        out: &mut Out,
    ) {
        let Some(since) = self.told_ends.replace(now) else {
            return;
        };
        let customers = hub.state().customers();
        for ended in hub.state().consents().ended(since, now) {
            let whole = customers.family(customers.root(ended));
            self.restated.extend(whole);
        }
        self.tell_consents(out);
    }

    // Who listened to a call and has it now took it over; whoever else has it was given it.
    fn note_taker(&mut self, fact: &Fact, state: &State) {
        let Some(id) = fact.interaction else { return };
        let taken = match &fact.event {
            Event::InChat(InChat::TakenOver { from, by, .. }) => Some((from, by)),
            Event::InCall(InCall::Transferred {
                agent: Some(from),
                to: TransferTo::Agent(by),
                leg: Some(leg),
                ..
            }) => {
                let leg = state.interaction(id).and_then(|found| found.leg(*leg));
                leg.is_some_and(Leg::is_supervisor).then_some((from, by))
            }
            _ => None,
        };
        if let Some((from, by)) = taken {
            self.takers.insert((from.clone(), id), by.clone());
        }
    }

    // Everybody on whose desk it is.
    fn note_present(&mut self, found: &Interaction) {
        let stay = found.assignment.as_ref().map(|stay| &stay.agent);
        let offer = found.offer.as_ref().map(|offer| &offer.agent);
        let overseers = found.room.watchers.iter().map(|watcher| &watcher.agent);
        let headsets = found.legs.values().filter_map(Leg::headset);
        let all = stay.into_iter().chain(offer).chain(overseers);
        let all = all.chain(headsets).chain(found.on_the_line());
        self.stale.extend(all.chain(found.room.company()).cloned());
    }

    // Whose own queue somebody comes to or leaves.
    fn note_kept(&mut self, fact: &Fact, state: &State) {
        let Some(id) = fact.interaction else { return };
        match &fact.event {
            Event::Queued {
                familiar, callback, ..
            } => {
                let promise = callback.and_then(|one| state.interaction(id)?.callback(one));
                let owner = promise.and_then(|promise| promise.plan.owner.as_ref());
                if let Some(agent) = owner.or(familiar.as_ref()) {
                    self.kept.insert(id, agent.clone());
                    self.stale.insert(agent.clone());
                }
            }
            Event::Dequeued { .. } => self.stale.extend(self.kept.remove(&id)),
            Event::Offered { .. } | Event::OfferEnded { .. } => {
                self.stale.extend(self.kept.get(&id).cloned());
            }
            _ => {}
        }
    }

    /// Notes that every desk may have changed.
    pub(in crate::edge::browser) fn note_all(&mut self) {
        self.stale.extend(self.streams.keys().cloned());
    }

    /// Brings the desks that changed up to date and tells their consoles.
    pub(in crate::edge::browser) fn refresh(
        &mut self,
        (hub, timelines): (&Hub, &Timelines),
        out: &mut Out,
    ) {
        for agent in std::mem::take(&mut self.stale) {
            let Some(stream) = self.streams.get_mut(&agent) else {
                continue;
            };
            let Some(desk) = desk::of(&agent, hub) else {
                // The configuration knows this agent no more.
                for socket in self.by_agent.get(&agent).into_iter().flatten() {
                    out.close(*socket, Close::Unauthorized);
                }
                continue;
            };
            let before = stream.followed();
            let overseen = stream.overseen();
            let (reasons, takers) = (&self.reasons, &self.takers);
            let pushes = stream.change(desk, |interaction| {
                let left = (agent.clone(), interaction);
                let taker = takers.get(&left);
                desk::Why {
                    words: reasons.get(&left).copied().unwrap_or("it was taken"),
                    taken_by: taker.map(|taker| desk::colleague(taker, hub)),
                }
            });
            let after = stream.followed();
            self.rewatch(&agent, &before, &after);
            let over = overseen.into_iter().filter(|id| !after.contains(id));
            let over = Vec::from_iter(over);
            for socket in self.by_agent.get(&agent).into_iter().flatten() {
                // Who reads along is told how it ended, and then that it did.
                if let Some(console) = self.sockets.get_mut(socket) {
                    for id in &over {
                        console.flush(*socket, *id, timelines, out);
                    }
                }
                for push in &pushes {
                    out.agent(*socket, Told::Push(push.clone()));
                }
                if let Some(console) = self.sockets.get_mut(socket) {
                    console.follow(*socket, &after, timelines, out);
                }
            }
        }
        self.reasons.clear();
        self.takers.clear();
        self.tell_consents(out);
        self.tell_parted(out);
    }

    pub(super) fn rewatch(
        &mut self,
        agent: &AgentId,
        before: &[InteractionId],
        after: &[InteractionId],
    ) {
        for gone in before.iter().filter(|id| !after.contains(id)) {
            if let Some(watchers) = self.watchers.get_mut(gone) {
                watchers.remove(agent);
                if watchers.is_empty() {
                    self.watchers.remove(gone);
                }
            }
        }
        for come in after {
            let watchers = self.watchers.entry(*come).or_default();
            if watchers.insert(agent.clone()) {
                self.came_to.insert(*come);
            }
        }
    }

    /// Sends new entries of an interaction to every console that has it on its desk.
    pub(in crate::edge::browser) fn flush(
        &mut self,
        interaction: InteractionId,
        timelines: &Timelines,
        out: &mut Out,
    ) {
        for socket in self.watching(interaction) {
            if let Some(console) = self.sockets.get_mut(&socket) {
                console.flush(socket, interaction, timelines, out);
            }
        }
    }

    /// Takes the interactions that came to somebody's desk since this was asked last.
    pub(in crate::edge::browser) fn take_came(&mut self) -> BTreeSet<InteractionId> {
        std::mem::take(&mut self.came_to)
    }

    /// Returns the sockets of those who have an interaction on their desk.
    pub(in crate::edge::browser) fn watching(&self, interaction: InteractionId) -> Vec<u64> {
        let agents = self.watchers.get(&interaction).into_iter().flatten();
        let sockets = agents.filter_map(|agent| self.by_agent.get(agent));
        sockets.flatten().copied().collect()
    }

    /// Tells every console of an interaction but the writer's own that somebody is writing.
    pub(in crate::edge::browser) fn tell_typing(
        &self,
        interaction: InteractionId,
        from: &Author,
        on: bool,
        out: &mut Out,
    ) {
        let writer = match from {
            Author::Agent { agent, .. } => Some(agent),
            Author::Customer | Author::Program { .. } | Author::System => None,
        };
        let push = Push::Typing {
            interaction,
            from: from.clone(),
            on,
        };
        for socket in self.watching(interaction) {
            let console = self.sockets.get(&socket);
            if writer.is_none() || console.is_none_or(|one| Some(&one.agent) != writer) {
                out.agent(socket, Told::Push(push.clone()));
            }
        }
    }

    /// Tells every console of an interaction what the customer received and saw.
    pub(in crate::edge::browser) fn tell_receipt(
        &self,
        interaction: InteractionId,
        agent: Option<AgentId>,
        receipt: Receipt,
        out: &mut Out,
    ) {
        for socket in self.watching(interaction) {
            let push = push_receipt(interaction, agent.clone(), receipt);
            out.agent(socket, Told::Push(push));
        }
    }

    /// Tells an agent's other consoles what they received and saw at one.
    pub(super) fn tell_own_receipt(
        &self,
        interaction: InteractionId,
        (agent, socket): (AgentId, u64),
        receipt: Receipt,
        out: &mut Out,
    ) {
        let others = self.by_agent.get(&agent).into_iter().flatten();
        for other in others.filter(|other| **other != socket) {
            let push = push_receipt(interaction, Some(agent.clone()), receipt);
            out.agent(*other, Told::Push(push));
        }
    }

    /// Returns the agents of these queues who have a console.
    pub(in crate::edge::browser) fn of_queues(
        &self,
        queues: &BTreeSet<QueueId>,
        hub: &Hub,
    ) -> impl Iterator<Item = AgentId> {
        let agents = &hub.setup().agents;
        let takes = |agent: &&AgentId| {
            let found = agents.get(*agent);
            found.is_some_and(|setup| setup.queues.iter().any(|queue| queues.contains(queue)))
        };
        self.streams.keys().filter(takes).cloned()
    }

    /// Tells an agent how many wait in their queues, where that changed.
    pub(in crate::edge::browser) fn tell_lengths(
        &mut self,
        agent: &AgentId,
        hub: &Hub,
        out: &mut Out,
    ) {
        let (setup, stream) = (hub.setup().agents.get(agent), self.streams.get_mut(agent));
        let Some((setup, stream)) = setup.zip(stream) else {
            return;
        };
        let Some(push) = stream.set_queues(desk::lengths(setup, hub.state())) else {
            return;
        };
        for socket in self.by_agent.get(agent).into_iter().flatten() {
            out.agent(*socket, Told::Push(push.clone()));
        }
    }
}

impl Console {
    // Begins the timelines of contacts that came and forgets those that went.
    fn follow(
        &mut self,
        socket: u64,
        contacts: &[InteractionId],
        timelines: &Timelines,
        out: &mut Out,
    ) {
        self.sent.retain(|known, _| contacts.contains(known));
        for interaction in contacts {
            if !self.sent.contains_key(interaction) {
                self.sent.insert(*interaction, Seq(0));
                self.flush(socket, *interaction, timelines, out);
            }
        }
    }

    fn flush(
        &mut self,
        socket: u64,
        interaction: InteractionId,
        timelines: &Timelines,
        out: &mut Out,
    ) {
        let Some(sent) = self.sent.get_mut(&interaction) else {
            return;
        };
        let mut told = missed(interaction, *sent, &self.agent, timelines);
        *sent = top(interaction, timelines);
        match told.len() {
            0 => {}
            1 => out.agent(socket, told.remove(0)),
            _ => out.outputs.push_back(Output::AgentResumed { socket, told }),
        }
    }
}

pub(super) fn top(interaction: InteractionId, timelines: &Timelines) -> Seq {
    let timeline = timelines.get(interaction);
    timeline.map_or(Seq(0), |timeline| timeline.top())
}

// Entries not sent yet; after more than one of them also how far the customer is, and the agent at other consoles.
pub(super) fn missed(
    interaction: InteractionId,
    sent: Seq,
    own: &AgentId,
    timelines: &Timelines,
) -> Vec<AgentTold> {
    let Some(timeline) = timelines.get(interaction) else {
        return Vec::new();
    };
    let fresh = timeline.after(sent);
    let mut told: Vec<_> = fresh
        .iter()
        .map(|entry| {
            let entry = entry.clone();
            Told::Push(Push::Entry { interaction, entry })
        })
        .collect();
    if fresh.len() != 1 {
        let theirs = timeline.receipts();
        let theirs = theirs.filter(|(agent, _)| agent.is_none_or(|agent| agent == own));
        told.extend(theirs.map(|(agent, receipt)| {
            Told::Push(push_receipt(interaction, agent.cloned(), receipt))
        }));
    }
    told
}

fn push_receipt(interaction: InteractionId, agent: Option<AgentId>, receipt: Receipt) -> Push {
    Push::Receipt {
        interaction,
        agent,
        delivered: receipt.delivered,
        read: receipt.read,
    }
}
