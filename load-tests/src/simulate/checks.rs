//! What must be true: at every step, whenever the house rests, and once everything has come to rest.

use std::collections::BTreeMap;

use hub::{
    Event, Fact, State,
    consent::Subject,
    edge::browser::{self, Timeline},
    interaction::CallKind,
    leg::Leg,
    setup::Setup,
};
use ws::{
    agent::{self, Presence},
    cobrowse::AgentNews,
    consent::ContactChannel,
    frame::Told,
    id::{CustomerId, InteractionId, Number, Seq},
    timeline::{Entry, What},
    visitor,
};

use crate::{
    agenda::Due,
    client::{Client, Shown},
    daemon,
    far::Kind,
    faults::Weather,
    law::{Seen, subjects},
    own::check_own_queues,
    wishes::dials,
    work::visitor_of,
    world::World,
};

/// How long everybody has for what is open to come to its end: longer than anything may live, which for a message is until its
/// queue was open for the longest span of the house, in a few hours of each day, by a clock that may have six hours to catch up.
const LONGEST: u64 = 900_000_000;
/// How long agents mostly serve what is left.
const SHIFT: u64 = 7_200_000;
/// How long the protocols have for what is on its way.
const LATE: u64 = 200_000;

impl World {
    /// Checks what was decided, before it is written.
    pub fn check_decided(&mut self, facts: &[Fact]) {
        let Some(daemon) = &mut self.daemon else {
            return;
        };
        for fact in facts {
            if let Some((number, customer)) = dials(fact, &daemon.fold) {
                check_called(
                    &daemon.fold,
                    daemon.house.hub.setup(),
                    fact,
                    (&number, customer),
                );
            }
            if let Event::MailPosted { to, customer, .. } = &fact.event {
                daemon.check_addressee(to, *customer, fact.at);
            }
            daemon.fold.apply(fact);
        }
    }

    /// Checks the hub by its laws, when nothing is undecided or unwritten.
    pub fn check_house(&mut self) {
        let now = self.now;
        let Some(daemon) = self.daemon.as_ref().filter(|one| one.house.is_at_rest()) else {
            return;
        };
        let clock = daemon.clock(now);
        if daemon.house.poll_timeout().is_some_and(|due| due <= clock) {
            return;
        }
        Seen {
            state: daemon.house.hub.state(),
            setup: daemon.house.hub.setup(),
            consoles: &daemon.consoles,
            draining: daemon.house.hub.is_draining(),
            full: daemon.house.hub.is_full(),
            now: clock,
        }
        .check();
        check_agents(daemon.house.hub.state());
        check_waiting(daemon.house.hub.state());
        check_own_queues(daemon.house.hub.state(), clock);
        self.check_hearing();
        self.check_silence();
        self.check_recorders();
        self.check_leaving();
        if self.dice.chance(1) {
            self.check_replay();
        }
    }

    /// Nobody is sent what is somebody else's, whatever they resume.
    pub fn check_scope(&self, output: &browser::Output) {
        let (socket, pushes): (u64, Vec<&visitor::Push>) = match output {
            browser::Output::Visitor {
                socket,
                told: Told::Push(push),
            } => (*socket, vec![push]),
            browser::Output::VisitorResumed { socket, told } => {
                let pushes = told.iter().filter_map(|told| match told {
                    Told::Push(push) => Some(push),
                    Told::Done { .. } | Told::Refused { .. } => None,
                });
                (*socket, pushes.collect())
            }
            browser::Output::Agent { told, .. } => {
                if let Told::Push(agent::Push::Cobrowse { interaction, news }) = &**told {
                    self.check_page(*interaction, news);
                }
                return;
            }
            browser::Output::AgentResumed { .. }
            | browser::Output::Visitor { .. }
            | browser::Output::Close { .. } => return,
        };
        let Some(wire) = self.wires.get(&socket) else {
            return;
        };
        let client = &self.clients[wire.client];
        assert!(client.is_visitor(), "a visitor's frame for an agent");
        for push in pushes {
            let (visitor::Push::Entry { interaction, .. }
            | visitor::Push::Position { interaction, .. }
            | visitor::Push::Typing { interaction, .. }
            | visitor::Push::Receipt { interaction, .. }) = push
            else {
                continue;
            };
            let matter = self.ledger.matters.get(interaction);
            let owner = matter.and_then(|matter| matter.visitor);
            let mine = visitor_of(client.token());
            assert_eq!(
                owner,
                Some(mine),
                "nobody sees what is not theirs: {push:?}"
            );
        }
    }

    // A page is shown when it is durable that its visitor allows it.
    fn check_page(&self, interaction: InteractionId, news: &AgentNews) {
        if let AgentNews::Batch { .. } | AgentNews::Sheet { .. } = news {
            let shows = self.ledger.shows(interaction);
            assert!(shows, "a page is shown unallowed: {interaction}");
            self.hear("a page was shown");
        }
    }

    /// Checks and keeps what a person is shown.
    pub fn check_shown(&mut self, client: usize) {
        while let Some(shown) = self.clients[client].poll_shown() {
            match shown {
                // What was shown before it was erased is not as the journal has it now.
                Shown::Entry(interaction, _) if self.is_erased(interaction) => {}
                Shown::Entry(interaction, entry) => {
                    let matter = self.ledger.matters.get(&interaction);
                    let seen = matter.is_some_and(|matter| is_seen(&matter.timeline, &entry));
                    assert!(
                        seen,
                        "nothing is seen that is not durable: {interaction} {entry:?}"
                    );
                }
                Shown::Desk => self.check_desk(client),
                Shown::Promised(callback) => {
                    self.hear("a promise was shown");
                    self.books.promised.insert(callback);
                }
                Shown::Cancelled(callback) => {
                    self.books.cancelled.insert(callback, self.now);
                }
                Shown::Rated(interaction, score) => {
                    self.hear("a rating was acknowledged");
                    self.books.rated.push((interaction, score));
                }
                Shown::Calls(leg) => {
                    self.hear("a page calls");
                    let matter = self.ledger.matters.get(&leg.interaction);
                    let known = matter.is_some_and(|matter| matter.knows(leg));
                    assert!(known, "a call that was taken is in the journal: {leg}");
                }
                Shown::Strange => panic!("client {client} was told something outside the language"),
                Shown::Other => {}
            }
        }
    }

    fn is_erased(&self, interaction: InteractionId) -> bool {
        let customer = self.ledger.persons.of(interaction);
        self.erasure.concerns(customer)
    }

    fn check_desk(&self, client: usize) {
        let Some(desk) = self.clients[client].desk() else {
            return;
        };
        // A contact may be a chat and a call, and a parked chat holds no slot; offers are one or the other.
        let held = desk.contacts.iter().filter(|one| one.parked.is_none());
        let held = held.count() + desk.offers.len();
        assert!(held <= 7, "six chats and a call fill a desk: {desk:?}");
    }

    /// Ends all faults, lets people finish, and checks what is left.
    pub fn come_to_rest(&mut self) {
        self.heal();
        // A page that nobody looks at is hidden after five minutes: not while that is on its way.
        self.pass(247_000);
        self.check_clients();
        self.check_desks();
        self.finish();
        self.note(|| "all is over".to_owned());
        self.pass(LATE);
        for far in 0..self.fars.len() {
            self.fars[far].line = None;
            let calls: Vec<_> = self.fars[far].calls.keys().copied().collect();
            for call in calls {
                self.far_hangs_up(far, call);
            }
        }
        self.pass(LATE);
        self.check_mails();
        self.check_hooks();
        self.check_left();
    }

    fn heal(&mut self) {
        self.fuse = None;
        self.weather = Weather::FAIR;
        self.disk.latency = 8;
        self.disk.refuses = self.now;
        self.acting = false;
        self.heal_mail_server();
        self.heal_receiver();
        self.probes = false;
        if self.daemon.as_ref().is_some_and(|daemon| daemon.draining) {
            // Who leaves, leaves in the end.
            self.crash();
        }
        self.plan(1, Due::Birth);
        let settings = daemon::config(&self.setup, false);
        if let Some(daemon) = &mut self.daemon {
            let now = daemon.sip_clock(self.now);
            daemon.endpoint.reconfigure(settings, now);
        }
        for far in &mut self.fars {
            far.off = false;
        }
        self.pass(60_000);
        for far in 0..self.fars.len() {
            if matches!(self.fars[far].kind, Kind::Phone(_)) {
                self.register_anew(far);
            }
        }
    }

    // Visitors go; agents serve what is left, to the end or for some hours, or nobody does anything any more.
    fn finish(&mut self) {
        let served = self.dice.chance(60);
        let shift = if self.dice.chance(20) { LONGEST } else { SHIFT };
        // The last of each agent's consoles is the one they work at.
        let consoles = self.clients.iter().enumerate();
        let consoles = consoles.map(|(at, one)| (one.token().to_owned(), at));
        let newest: BTreeMap<String, usize> = consoles.collect();
        for client in 0..self.clients.len() {
            let one = &self.clients[client];
            if one.is_visitor() || !served || newest[one.token()] != client {
                self.leave(client);
            }
        }
        let (home, end) = (self.now + shift, self.now + LONGEST);
        while self.ledger.live().next().is_some() && self.now < end {
            if self.now >= home {
                self.all_leave();
            } else if served {
                for client in 0..self.clients.len() {
                    self.clients[client].serve();
                    self.flush_client(client);
                }
            }
            self.pass(if self.now < home { 5_000 } else { 60_000 });
        }
        self.take_promises_back();
        let left: Vec<_> = self.ledger.live().map(|(id, _)| id).collect();
        assert!(
            left.is_empty(),
            "every interaction ends in a sealed record: {left:?}"
        );
    }

    // A promise lives for days in which there are hours to keep it in, which the towns live through.
    fn take_promises_back(&mut self) {
        let end = self.now + SHIFT;
        while self.ledger.live().next().is_some() && self.now < end {
            let daemon = self.daemon.as_ref();
            let open = daemon.map(|daemon| daemon.fold.open_callbacks().collect::<Vec<_>>());
            for callback in open.unwrap_or_default() {
                self.take_back(callback);
            }
            self.pass(5_000);
        }
    }

    fn all_leave(&mut self) {
        for client in 0..self.clients.len() {
            if !self.clients[client].left {
                self.leave(client);
            }
        }
    }

    fn check_clients(&self) {
        let mut places: BTreeMap<String, Vec<(InteractionId, Seq)>> = BTreeMap::new();
        for (interaction, matter) in &self.ledger.matters {
            for (n, entry) in matter.timeline.entries().iter().enumerate() {
                let seq = Seq(n as u64 + 1);
                assert_eq!(entry.seq, seq, "numbers have no gaps: {interaction}");
                if let What::Message { mid, .. } = &entry.what {
                    let place = (*interaction, entry.seq);
                    places.entry(mid.to_string()).or_default().push(place);
                }
            }
        }
        for client in &self.clients {
            check_messages(client, &places);
            if client.left {
                continue;
            }
            for (interaction, thread) in client.threads() {
                if self.is_erased(interaction) {
                    continue;
                }
                let truth = &self.ledger.matters[&interaction].timeline;
                let shown = thread.entries();
                let seen = shown.iter().all(|entry| is_seen(truth, entry));
                assert!(
                    seen && shown.len() == truth.entries().len(),
                    "a screen shows all of it: client {}: {shown:?} {truth:?}",
                    client.name
                );
            }
        }
    }

    // A desk that was folded from changes is what a console is shown that comes new.
    fn check_desks(&mut self) {
        let agents: Vec<String> = self.setup.agents.keys().map(ToString::to_string).collect();
        for agent in agents {
            let machine =
                crate::client::Machine::Agent(Box::new(ws::client::Agent::new(agent.clone())));
            self.join(machine);
            let fresh = self.clients.len() - 1;
            self.pass(5_000);
            // Something may be under way to one and not to another.
            for _ in 0..20 {
                if self.odd_desk(&agent, fresh).is_none() {
                    break;
                }
                self.pass(1_000);
            }
            let odd = self.odd_desk(&agent, fresh);
            assert_eq!(odd, None, "a desk folded from changes is the desk: {agent}");
        }
    }

    fn odd_desk(&self, agent: &str, fresh: usize) -> Option<&ws::agent::Desk> {
        let expected = self.clients[fresh].desk();
        let here = self.clients.iter().filter(|one| one.socket.is_some());
        here.filter(|one| one.token() == agent)
            .filter_map(Client::desk)
            .find(|desk| Some(*desk) != expected)
    }

    fn check_left(&mut self) {
        self.check_recorders_left();
        self.books.check(&self.ledger);
        self.check_forgotten();
        self.check_replay();
        let daemon = self.daemon.as_ref().expect("it was started again");
        for (agent, known) in daemon.house.hub.state().agents().iter() {
            let holds = known.holds();
            assert!(holds.is_empty(), "no slot leaks: {agent} {holds:?}");
        }
        let counters = daemon.endpoint.counters();
        let left = (
            daemon.house.phones.leg_count(),
            daemon.house.phones.referral_count(),
            daemon.plane.legs().len(),
            daemon.house.phones.ports_in_use(),
            counters.calls + counters.told,
            counters.server_transactions,
            counters.client_transactions,
        );
        assert_eq!(
            left,
            (0, 0, 0, 0, 0, 0, 0),
            "nothing is left of any call: legs, transfers, media, ports, calls, server and client transactions"
        );
        for far in &self.fars {
            let calls = far.calls.len();
            assert_eq!(calls, 0, "nobody is left in a call: {}", far.address);
        }
    }
}

// The first line in which two states differ, with a few before it.
// Who is gone holds nothing but a running call, with the chat it grew from.
fn check_agents(state: &State) {
    for (agent, known) in state.agents().iter() {
        let gone = known.presence == Presence::Gone;
        assert!(
            !gone || known.chats.is_subset(&known.calls),
            "an agent who is gone keeps no slot: {agent} {known:?}"
        );
    }
}

// Whoever is called outside, or given a call, has said nothing against it, and stands in no list.
fn check_called(
    fold: &State,
    setup: &Setup,
    fact: &Fact,
    (number, customer): (&Number, Option<CustomerId>),
) {
    let customer = customer.or_else(|| fold.customers().by_number(number));
    let about = customer.map(|customer| subjects(fold, number, customer));
    let about = about.unwrap_or_else(|| vec![Subject::Number(number.clone())]);
    let bar = fold
        .consents()
        .bar(&about, ContactChannel::Voice, false, fact.at);
    assert!(
        bar.is_none() && !setup.suppressed.contains(number),
        "a suppressed customer is never contacted: {fact:?}"
    );
}

// Who needs an agent waits for one; a caller whom a rule of the queue turned away needs none and hears why the call ends.
fn check_waiting(state: &State) {
    for found in state.interactions() {
        let caller = found.call.as_ref().is_some_and(|call| {
            call.kind == CallKind::Inbound
                && call.agent.is_none()
                // Whoever is asked to take the call over has the caller.
                && call.handed.is_none()
                // Who is in a menu, or was told farewell by one, waits for nobody.
                && call.menu.is_none()
                && !found.informed
                && !found.leaves_voicemail()
                && found.leg(call.customer).is_some_and(Leg::is_live)
        });
        let turned = caller && found.turned.is_some();
        let needs = found.assignment.is_none() && (found.chat || caller && !turned);
        assert!(
            !needs || found.entry.is_some(),
            "nobody is forgotten outside of all queues: {found:?}"
        );
        assert!(
            !turned || found.chat || found.entry.is_none(),
            "who was turned away waits no more: {found:?}"
        );
    }
}

// Of what was written anew or taken back a visitor is shown the place.
fn is_seen(truth: &Timeline, shown: &Entry) -> bool {
    let place = usize::try_from(shown.seq.0).unwrap_or(usize::MAX) - 1;
    let durable = truth.entries().get(place);
    durable.is_some_and(|durable| durable == shown || truth.for_visitor(durable) == *shown)
}

fn check_messages(client: &Client, places: &BTreeMap<String, Vec<(InteractionId, Seq)>>) {
    let name = client.name;
    let waits = client.unsent() > 0 && !client.left;
    assert!(!waits, "what is written is sent: client {name}");
    let mut last: BTreeMap<InteractionId, Seq> = BTreeMap::new();
    for mid in &client.written {
        let found = places.get(mid.as_str()).map_or(&[][..], Vec::as_slice);
        assert!(found.len() <= 1, "no message is doubled: {mid} {found:?}");
        if client.acknowledged.contains(mid) {
            assert!(found.len() == 1, "no acknowledged message is lost: {mid}");
        } else if !client.left {
            assert!(client.refused.contains(mid), "no message is lost: {mid}");
        }
        for (interaction, place) in found {
            let before = last.insert(*interaction, *place);
            assert!(before < Some(*place), "messages keep their order: {mid}");
        }
    }
}
