//! The server of the simulated world: hub and browsers' edge, with a journal that survives them.

use std::collections::BTreeMap;

use hub::{
    Fact, Hub, Output,
    edge::browser::{Browsers, Timeline},
    event::{Event, Party},
    input::Reply,
    setup::{AgentSetup, QueueSetup, Setup, ZoneSetup},
};
use ws::id::{InteractionId, Timestamp, VisitorId};

/// What outlives a crash, and what it proves.
#[derive(Default)]
pub struct Journal {
    lines: Vec<String>,
    /// Each interaction as the durable facts tell it.
    pub truth: BTreeMap<InteractionId, Timeline>,
    /// Whose chat each interaction is.
    pub owners: BTreeMap<InteractionId, VisitorId>,
}

impl Journal {
    fn append(&mut self, fact: &Fact) {
        self.lines.push(serde_json::to_string(fact).unwrap());
        let Some(interaction) = fact.interaction else {
            return;
        };
        if let Event::LegStarted {
            party: Party::CustomerChat { visitor },
            ..
        } = &fact.event
        {
            self.owners.insert(interaction, *visitor);
        }
        self.truth.entry(interaction).or_default().handle_fact(fact);
    }
}

/// What a crash destroys.
pub struct Server {
    pub hub: Hub,
    pub browsers: Browsers,
}

impl Server {
    pub fn start(setup: &Setup, journal: &mut Journal, birth: u64, now: Timestamp) -> Self {
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&birth.to_le_bytes());
        let mut hub = Hub::new(setup.clone(), seed);
        seed[8] = 1;
        let mut browsers = Browsers::new("journal".to_owned(), format!("start-{birth}"), seed);
        for line in &journal.lines {
            let fact: Fact = serde_json::from_str(line).unwrap();
            hub.replay(&fact);
            browsers.replay(&fact);
        }
        hub.start(now);
        let mut server = Self { hub, browsers };
        server.settle(journal, now);
        server
    }

    /// Does the hub's work: inputs in, facts to the journal, and only then facts and replies to the browsers.
    pub fn settle(&mut self, journal: &mut Journal, now: Timestamp) {
        loop {
            while let Some(input) = self.browsers.poll_input() {
                self.hub.handle(input, now);
            }
            let (facts, replies) = self.drain();
            if facts.is_empty() && replies.is_empty() {
                return;
            }
            for fact in &facts {
                journal.append(fact);
            }
            self.browsers.handle_facts(&facts, &self.hub, now);
            for reply in replies {
                self.browsers.handle_reply(&reply, &self.hub);
            }
        }
    }

    /// Takes inputs in and loses what came of them, as a crash before the commit does.
    pub fn work_in_vain(&mut self, now: Timestamp) {
        while let Some(input) = self.browsers.poll_input() {
            self.hub.handle(input, now);
        }
    }

    fn drain(&mut self) -> (Vec<Fact>, Vec<Reply>) {
        let (mut facts, mut replies) = (Vec::new(), Vec::new());
        while let Some(output) = self.hub.poll_output() {
            match output {
                Output::Fact(fact) => facts.push(fact),
                Output::Reply(reply) => replies.push(reply),
                // This world has no phones.
                Output::Command(_) => {}
            }
        }
        (facts, replies)
    }
}

/// Makes a house of agents `a0`, `a1`, … with six chat slots each, all serving queue `support` of zone `shop`.
pub fn house(agents: usize) -> Setup {
    let queue: ws::id::QueueId = "support".parse().unwrap();
    let agent = |n: usize| {
        let setup = AgentSetup {
            name: format!("Agent {n}"),
            queues: vec![queue.clone()],
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
        ..Setup::default()
    }
}
