//! A small house to test in, and someone who tells the hub things.

use std::{collections::BTreeMap, time::Duration};

use ws::{
    agent::Presence,
    frame::Refusal,
    id::{AgentId, InteractionId, LegId, Mid, Number, Timestamp, VisitorId},
};

use crate::{
    Command, Event, Fact, Hub, Input, Output,
    event::CallbackEnd,
    input::{Actor, Arrival, Asker, Cause, CauseKind, Done, Introduction, LegNews, Peer, Wish},
    interaction::Interaction,
    setup::{AgentSetup, ChatSlots, QueueSetup, Setup, ZoneSetup},
    step::Jump,
};

mod alone;
mod attempts;
mod blanks;
mod blending;
mod browser_calls;
mod callbacks;
mod callers;
mod calls;
mod chances;
mod chats;
mod cobrowse;
mod consent;
mod crossings;
mod dismissed;
mod early;
mod escalation;
mod forms;
mod handing;
mod in_vain;
mod inviting;
mod leaving;
mod links;
mod mails;
mod members;
mod memos;
mod menus;
mod messages;
mod overseers;
mod own;
mod parking;
mod pauses;
mod policies;
mod presence;
mod promises;
mod promises_wait;
mod quality;
mod ratings;
mod recordings;
mod redirects;
mod referrals;
mod repeats;
mod restart;
mod revisions;
mod rooms;
mod routing;
mod shares;
mod spellings;
mod steps;
mod stranded;
mod times;
mod tolls;
mod transfers;
mod twins;
mod voicemails;
mod waits;
mod zones;

/// Makes a house of agents `a0`, `a1`, … with so many chat slots each, all serving queue `support` of zone `shop`.
pub(crate) fn house(agents: usize, slots: u8) -> Setup {
    let queue: ws::id::QueueId = "support".parse().unwrap();
    let agent = |n: usize| {
        let setup = AgentSetup {
            name: format!("Agent {n}"),
            queues: vec![queue.clone()],
            chat_slots: ChatSlots::try_from(slots).unwrap(),
            ..AgentSetup::default()
        };
        (format!("a{n}").parse().unwrap(), setup)
    };
    let support = QueueSetup {
        limit: 100,
        ..QueueSetup::default()
    };
    let shop = ZoneSetup::of(queue.clone());
    Setup {
        agents: (0..agents).map(agent).collect(),
        queues: [(queue, support)].into(),
        zones: [("shop".parse().unwrap(), shop)].into(),
        outbound: Some("carrier".parse().unwrap()),
        caller_number: Some("+4930555".parse().unwrap()),
        suppressed: vec!["+4930666".parse().unwrap()],
        ..Setup::default()
    }
}

/// A hub with a clock, and everything that came out of it.
pub(crate) struct Floor {
    pub(crate) hub: Hub,
    pub(crate) now: Timestamp,
    pub(crate) facts: Vec<Fact>,
    pub(crate) commands: Vec<Command>,
    /// How much each leg was asked to hear.
    asked: BTreeMap<LegId, u32>,
    reply: Option<Result<Done, Refusal>>,
}

impl Floor {
    /// Opens a house whose agents are all ready, with phones.
    pub(crate) fn open(setup: Setup) -> Self {
        let mut floor = Self::empty(setup);
        let agents: Vec<_> = floor.hub.setup().agents.keys().cloned().collect();
        for agent in agents {
            floor.arrive(&agent);
        }
        floor
    }

    /// Opens a house without anybody in it.
    pub(crate) fn empty(setup: Setup) -> Self {
        let mut floor = Self {
            hub: Hub::new(setup, [7; 32]),
            now: Timestamp(1_000_000),
            facts: Vec::new(),
            commands: Vec::new(),
            asked: BTreeMap::new(),
            reply: None,
        };
        floor.hub.start(floor.now);
        floor.listen();
        floor
    }

    /// Lets an agent sign in, get a phone and be ready.
    pub(crate) fn arrive(&mut self, agent: &AgentId) {
        self.tell(Input::ConsoleOpened {
            agent: agent.clone(),
            socket: 1,
        });
        self.tell(Input::PhoneRegistered {
            agent: agent.clone(),
            binding: format!("sip:{agent}"),
            until: self.now + Duration::from_secs(100_000),
        });
        self.ready(agent);
    }

    pub(crate) fn ready(&mut self, agent: &AgentId) {
        let (agent, presence, re) = (agent.clone(), Presence::Ready, RE);
        self.ask(Input::SetPresence {
            agent,
            presence,
            re,
        })
        .unwrap();
    }

    pub(crate) fn tell(&mut self, input: Input) {
        self.hub.handle(input, self.now);
        self.listen();
    }

    /// Tells that a leg heard the last it was asked to hear.
    pub(crate) fn heard(&mut self, leg: LegId) {
        let turn = self.asked[&leg];
        self.tell(Input::Leg(LegNews::Heard { leg, turn }));
    }

    /// Tells something that is answered.
    pub(crate) fn ask(&mut self, input: Input) -> Result<Done, Refusal> {
        self.tell(input);
        self.reply.take().expect("an answer")
    }

    /// Lets time pass, with everything due at its time.
    pub(crate) fn wait(&mut self, span: Duration) {
        let end = self.now + span;
        while let Some(due) = self.hub.poll_timeout().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            self.hub.handle_timeout(self.now);
            self.listen();
        }
        self.now = end;
    }

    /// Sets the clock forward.
    pub(crate) fn step(&mut self, by: Duration) {
        self.now = self.now + by;
        self.jump(Jump::ahead(by));
    }

    /// Lets time pass, of which the house's time has half.
    pub(crate) fn slow(&mut self, span: Duration) {
        for _ in 0..span.as_secs() {
            self.wait(Duration::from_millis(500));
            self.jump(Jump::behind(Duration::from_millis(500)));
        }
    }

    fn jump(&mut self, jump: Jump) {
        self.hub.handle_step(jump, self.now);
        self.hub.handle_timeout(self.now);
        self.listen();
        self.wait(Duration::ZERO);
    }

    pub(crate) fn seconds(&mut self, seconds: u64) {
        self.wait(Duration::from_secs(seconds));
    }

    /// Kills the process and starts another on the journal.
    pub(crate) fn crash(&mut self) {
        let mut hub = Hub::new(self.hub.setup().clone(), [8; 32]);
        for fact in &self.facts {
            hub.replay(fact);
        }
        assert!(hub.state() == self.hub.state());
        self.hub = hub;
        self.hub.start(self.now);
        self.listen();
    }

    fn listen(&mut self) {
        while let Some(output) = self.hub.poll_output() {
            match output {
                Output::Fact(fact) => {
                    check_words(&fact.event);
                    self.facts.push(fact);
                }
                Output::Command(command) => {
                    if let Command::Play { leg, .. }
                    | Command::Notice { leg, .. }
                    | Command::Dismiss { leg, .. } = &command
                    {
                        *self.asked.entry(*leg).or_default() += 1;
                    }
                    self.commands.push(command);
                }
                Output::Reply(reply) => self.reply = Some(reply.result),
            }
        }
    }

    /// Opens a chat of a visitor in the shop.
    pub(crate) fn chat(&mut self, n: u128) -> InteractionId {
        let done = self.ask(Input::OpenChat {
            candidate: InteractionId::new(1_000 + n).unwrap(),
            who: visitor(n),
            mid: mid("first"),
            text: "hello".into(),
            re: RE,
        });
        match done.unwrap() {
            Done::Written { interaction, .. } => interaction,
            other => panic!("{other:?}"),
        }
    }

    /// Lets a caller call the queue; gives the interaction.
    pub(crate) fn call(&mut self, n: u128, from: &str) -> InteractionId {
        self.tell(Input::CallArrived(arrival(n, from, "support")));
        let Some(Command::Adopt { leg, .. }) = self
            .commands
            .iter()
            .rev()
            .find(|command| matches!(command, Command::Adopt { .. }))
        else {
            panic!("{:?}", self.commands);
        };
        leg.interaction
    }

    pub(crate) fn accept(&mut self, agent: &AgentId, interaction: InteractionId) {
        let (agent, re) = (agent.clone(), RE);
        self.ask(Input::Accept {
            agent,
            interaction,
            re,
        })
        .unwrap();
    }

    /// Lets an agent answer a chat; gives what became of it.
    pub(crate) fn says(
        &mut self,
        agent: &AgentId,
        interaction: InteractionId,
        text: &str,
    ) -> Result<Done, Refusal> {
        self.ask(Input::Say {
            interaction,
            by: Actor::Agent(agent.clone()),
            mid: mid(&text.replace(' ', "-")),
            text: text.into(),
            re: RE,
        })
    }

    /// Accepts the open offer, whosever it is, and tells whose.
    pub(crate) fn accept_any(&mut self, interaction: InteractionId) -> AgentId {
        let agent = self.offered(interaction).expect("an offer");
        self.accept(&agent, interaction);
        agent
    }

    pub(crate) fn escalate(&mut self, id: InteractionId, number: &str) -> Result<Done, Refusal> {
        let stay = self.of(id).assignment.clone().expect("an agent");
        self.ask(Input::Escalate {
            interaction: id,
            by: Actor::Agent(stay.agent),
            number: number.parse().unwrap(),
            re: RE,
        })
    }

    pub(crate) fn promise(&mut self, n: u128, number: &str) -> InteractionId {
        self.promise_at(n, number, None)
    }

    /// Promises a call for a time; for now where none is given.
    pub(crate) fn promise_at(
        &mut self,
        n: u128,
        number: &str,
        at: Option<Timestamp>,
    ) -> InteractionId {
        self.promise_as(n, number, at, Default::default())
    }

    /// Promises a call to a number of its own whose clock shows UTC, if `wish` says nothing else.
    pub(crate) fn promise_in_utc(
        &mut self,
        n: u128,
        at: Option<Timestamp>,
        mut wish: ws::callback::Wish,
    ) -> InteractionId {
        wish.zone.get_or_insert_with(|| "UTC".to_owned());
        self.promise_as(1_000 + n, &format!("+493010{n}"), at, wish)
    }

    /// Promises a call for a time, as is wished.
    pub(crate) fn promise_as(
        &mut self,
        n: u128,
        number: &str,
        at: Option<Timestamp>,
        wish: ws::callback::Wish,
    ) -> InteractionId {
        let interaction = InteractionId::new(5_000 + n).unwrap();
        self.ask(Input::AskCallback {
            interaction,
            queue: Some("support".parse().unwrap()),
            by: Actor::TANDEM,
            number: number.parse().unwrap(),
            at,
            wish,
            re: RE,
        })
        .unwrap();
        interaction
    }

    /// Lets a call arrive that is to take the place of a leg; gives its leg.
    pub(crate) fn replacing(&mut self, old: LegId) -> LegId {
        let new = self.of(old.interaction).next_leg();
        self.tell(Input::CallArrived(Arrival {
            replaces: Some(old),
            ..arrival(99, "+4930177", "support")
        }));
        new
    }

    /// Lets a call take the place of a leg; gives its leg.
    pub(crate) fn replaced(&mut self, old: LegId) -> LegId {
        let new = self.replacing(old);
        self.told();
        self.answered(new);
        self.ended(old, CauseKind::Normal);
        new
    }

    pub(crate) fn answered(&mut self, leg: LegId) {
        self.tell(Input::Leg(LegNews::Answered { leg }));
    }

    pub(crate) fn ended(&mut self, leg: LegId, kind: CauseKind) {
        let cause = Cause {
            kind,
            status: None,
            text: format!("{kind:?}"),
        };
        self.tell(Input::Leg(LegNews::Ended { leg, cause }));
    }

    pub(crate) fn offered(&self, id: InteractionId) -> Option<AgentId> {
        Some(
            self.hub
                .state()
                .interaction(id)?
                .offer
                .as_ref()?
                .agent
                .clone(),
        )
    }

    /// Returns a chat an agent holds.
    pub(crate) fn chat_of(&self, agent: &AgentId) -> InteractionId {
        let known = self.hub.state().agents().get(agent).expect("seen");
        *known.chats.first().expect("a chat")
    }

    /// Ends a contact.
    pub(crate) fn end(&mut self, interaction: InteractionId, by: Actor) {
        let re = RE;
        self.ask(Input::End {
            interaction,
            by,
            re,
        })
        .unwrap();
    }

    pub(crate) fn of(&self, id: InteractionId) -> &Interaction {
        self.hub.state().interaction(id).expect("not sealed")
    }

    /// Returns the events of an interaction.
    pub(crate) fn events(&self, id: InteractionId) -> Vec<&Event> {
        let facts = self.facts.iter();
        let facts = facts.filter(|fact| fact.interaction == Some(id));
        facts.map(|fact| &fact.event).collect()
    }

    /// How the promises of an interaction ended.
    pub(crate) fn callback_ends(&self, id: InteractionId) -> Vec<CallbackEnd> {
        let events = self.events(id).into_iter();
        let ends = events.filter_map(|event| match event {
            Event::CallbackEnded { end, .. } => Some(end.clone()),
            _ => None,
        });
        ends.collect()
    }

    pub(crate) fn count(&self, id: InteractionId, which: impl Fn(&Event) -> bool) -> usize {
        self.events(id).into_iter().filter(|e| which(e)).count()
    }

    /// Returns the commands since the last call.
    pub(crate) fn told(&mut self) -> Vec<Command> {
        std::mem::take(&mut self.commands)
    }
}

/// A house whose customers are called by a carrier of two trunks, `east` before `west`.
fn with_carrier() -> Setup {
    let mut setup = house(1, 6);
    let share = |trunk: &str, priority| crate::outward::Share {
        trunk: trunk.parse().unwrap(),
        priority,
        weight: 1,
    };
    let telco: ws::id::TrunkId = "telco".parse().unwrap();
    let shares = vec![share("east", 1), share("west", 2)];
    setup.outward.carriers.insert(telco.clone(), shares);
    setup.outbound = Some(telco);
    setup
}

/// A caller and an agent who hear each other; the caller's leg is 1, the agent's 2.
fn talking(floor: &mut Floor) -> (InteractionId, AgentId) {
    let id = floor.call(1, "+4930100");
    let first = floor.accept_any(id);
    floor.answered(leg(id, 2));
    floor.answered(leg(id, 1));
    assert!(floor.of(id).call.as_ref().unwrap().bridged.is_some());
    floor.told();
    (id, first)
}

/// Lets an agent ask for something within a call.
fn ask(floor: &mut Floor, id: InteractionId, by: &AgentId, wish: Wish) -> Result<Done, Refusal> {
    floor.ask(Input::InCall {
        interaction: id,
        by: Actor::Agent(by.clone()),
        wish,
        re: RE,
    })
}

pub(crate) const RE: Asker = Asker { socket: 9, id: 1 };

pub(crate) fn agent(n: usize) -> AgentId {
    format!("a{n}").parse().unwrap()
}

pub(crate) fn mid(text: &str) -> Mid {
    text.parse().unwrap()
}

pub(crate) fn leg(interaction: InteractionId, n: u16) -> LegId {
    LegId { interaction, n }
}

pub(crate) fn number(text: &str) -> Number {
    text.parse().unwrap()
}

pub(crate) fn visitor(n: u128) -> Introduction {
    Introduction {
        visitor: VisitorId::new(n).unwrap(),
        zone: "shop".parse().unwrap(),
        name: None,
        mail: None,
        verified: None,
        page: None,
        referrer: None,
        form: None,
    }
}

pub(crate) fn arrival(n: u128, from: &str, to: &str) -> Arrival {
    Arrival {
        candidate: InteractionId::new(2_000 + n).unwrap(),
        call: n as u64,
        peer: Peer::Trunk("carrier".parse().unwrap()),
        from: Some(number(from)),
        name: None,
        caller: Default::default(),
        to: to.into(),
        claims: Vec::new(),
        external: Vec::new(),
        replaces: None,
    }
}

// Whatever the house says itself of an end stays when what is personal goes; what [`Floor::ended`] says comes from outside.
fn check_words(event: &Event) {
    let text = match event {
        Event::Ended { reason, .. } | Event::AssignmentEnded { reason, .. } => reason,
        Event::LegEnded { cause, .. } => &cause.text,
        _ => return,
    };
    let outside = CauseKind::ALL
        .iter()
        .any(|kind| format!("{kind:?}") == *text);
    let kept = crate::reasons::keep_ours(text);
    assert!(outside || !kept.is_empty(), "whose words are `{text}`?");
}
