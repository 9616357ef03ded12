//! Measures what one step of the hub costs in a full house: 1,000 agents with six chats each, 10,000 chats waiting, and
//! promised callbacks up to 50,000 live interactions. `cargo run --release -p hub --example step_cost`

use std::{
    error::Error,
    hint::black_box,
    time::{Duration, Instant},
};

use hub::{
    Hub, Input, Output,
    input::{Actor, Asker, Introduction},
    setup::{AgentSetup, QueueSetup, Setup, Spans, ZoneSetup},
};
use ws::{
    agent::Presence,
    id::{AgentId, InteractionId, Timestamp, VisitorId},
};

const AGENTS: usize = 1_000;
const HELD: u64 = 6_000;
const WAITING: u64 = 10_000;
const LIVE: u64 = 50_000;
const RE: Asker = Asker { socket: 1, id: 1 };

struct House {
    hub: Hub,
    now: Timestamp,
    offers: Vec<(AgentId, InteractionId)>,
    next: u64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut house = House::new()?;
    house.fill()?;
    let live = house.hub.state().interactions().len();
    println!("{live} live interactions, {AGENTS} agents, {WAITING} waiting");

    house.measure("a visitor writes", 100_000, House::visitor_writes)?;
    house.measure("an agent writes", 100_000, House::agent_writes)?;
    house.measure("a visitor's socket opens or closes", 100_000, House::socket)?;
    house.measure("a chat is opened behind the line", 5_000, House::open)?;
    house.measure(
        "a chat ends: wrap-up over, next one offered",
        5_000,
        House::end,
    )?;
    house.measure("an offer is taken", 5_000, House::accept)?;
    Ok(())
}

impl House {
    fn new() -> Result<Self, Box<dyn Error>> {
        let queues = ["support", "sales", "billing"];
        let mut setup = Setup {
            zones: [("shop".parse()?, ZoneSetup::of("support".parse()?))].into(),
            outbound: Some("carrier".parse()?),
            spans: Spans {
                wrap_up_chat: Duration::ZERO,
                offer: Duration::from_secs(100_000),
                ..Spans::default()
            },
            ..Setup::default()
        };
        for queue in queues {
            let queue_setup = QueueSetup {
                limit: 100_000,
                ..QueueSetup::default()
            };
            setup.queues.insert(queue.parse()?, queue_setup);
        }
        for n in 0..AGENTS {
            let agent = AgentSetup {
                name: format!("Agent {n}"),
                queues: vec![queues[0].parse()?, queues[1 + n % 2].parse()?],
                ..AgentSetup::default()
            };
            setup.agents.insert(format!("agent{n}").parse()?, agent);
        }
        let mut hub = Hub::new(setup, [1; 32]);
        let now = Timestamp(1_000_000);
        hub.start(now);
        Ok(Self {
            hub,
            now,
            offers: Vec::new(),
            next: 0,
        })
    }

    fn fill(&mut self) -> Result<(), Box<dyn Error>> {
        for n in 0..AGENTS {
            let agent: AgentId = format!("agent{n}").parse()?;
            self.tell(Input::ConsoleOpened {
                agent: agent.clone(),
                socket: 1,
            });
            let presence = Presence::Ready;
            let re = RE;
            self.tell(Input::SetPresence {
                agent,
                presence,
                re,
            });
        }
        for _ in 0..HELD {
            self.open()?;
            self.accept()?;
        }
        for _ in 0..WAITING {
            self.open()?;
        }
        for n in HELD + WAITING..LIVE {
            let input = Input::AskCallback {
                interaction: id(1_000_000 + n)?,
                queue: Some("support".parse()?),
                by: Actor::Api,
                number: format!("+4930{n:06}").parse()?,
                at: Some(Timestamp(self.now.0 + 80_000_000 + n)),
                re: RE,
            };
            self.tell(input);
        }
        Ok(())
    }

    fn tell(&mut self, input: Input) {
        self.hub.handle(input, self.now);
        while let Some(output) = self.hub.poll_output() {
            if let Output::Fact(fact) = &output
                && let (hub::Event::Offered { agent, .. }, Some(id)) =
                    (&fact.event, fact.interaction)
            {
                self.offers.push((agent.clone(), id));
            }
            black_box(output);
        }
    }

    fn measure(
        &mut self,
        what: &str,
        times: u32,
        mut step: impl FnMut(&mut Self) -> Result<(), Box<dyn Error>>,
    ) -> Result<(), Box<dyn Error>> {
        let begin = Instant::now();
        let ran = cpu();
        for _ in 0..times {
            step(self)?;
        }
        let each = begin.elapsed().as_secs_f64() * 1e6 / f64::from(times);
        let own = (cpu() - ran) / 1e3 / f64::from(times);
        println!("{what}: {own:.2} µs of CPU, {each:.2} µs by the clock");
        Ok(())
    }

    fn open(&mut self) -> Result<(), Box<dyn Error>> {
        self.next += 1;
        self.now.0 += 1;
        let input = Input::OpenChat {
            candidate: id(self.next)?,
            who: Introduction {
                visitor: visitor(self.next)?,
                zone: "shop".parse()?,
                name: None,
                mail: None,
                verified: None,
                page: None,
            },
            mid: "m0".parse()?,
            text: "hello".into(),
            re: RE,
        };
        self.tell(input);
        Ok(())
    }

    fn accept(&mut self) -> Result<(), Box<dyn Error>> {
        let Some((agent, interaction)) = self.offers.pop() else {
            return Ok(());
        };
        self.tell(Input::Accept {
            agent,
            interaction,
            re: RE,
        });
        Ok(())
    }

    fn visitor_writes(&mut self) -> Result<(), Box<dyn Error>> {
        self.next += 1;
        self.now.0 += 1;
        let n = 1 + self.next.wrapping_mul(7_919) % (HELD + WAITING);
        let input = Input::Say {
            interaction: id(n)?,
            by: Actor::Visitor(visitor(n)?),
            mid: format!("m{}", self.next).parse()?,
            text: "how do I return this?".into(),
            re: RE,
        };
        self.tell(input);
        Ok(())
    }

    fn agent_writes(&mut self) -> Result<(), Box<dyn Error>> {
        self.next += 1;
        self.now.0 += 1;
        let interaction = id(1 + self.next.wrapping_mul(7_919) % HELD)?;
        let found = self.hub.state().interaction(interaction);
        let stay = found.and_then(|found| found.assignment.as_ref());
        let Some(agent) = stay.map(|stay| stay.agent.clone()) else {
            return Ok(());
        };
        let input = Input::Say {
            interaction,
            by: Actor::Agent(agent),
            mid: format!("m{}", self.next).parse()?,
            text: "just send it back".into(),
            re: RE,
        };
        self.tell(input);
        Ok(())
    }

    fn socket(&mut self) -> Result<(), Box<dyn Error>> {
        self.next += 1;
        let visitor = visitor(1 + (self.next / 2).wrapping_mul(7_919) % (HELD + WAITING))?;
        let socket = 1;
        self.tell(match self.next % 2 {
            0 => Input::WidgetOpened { visitor, socket },
            _ => Input::WidgetClosed { visitor, socket },
        });
        Ok(())
    }

    fn end(&mut self) -> Result<(), Box<dyn Error>> {
        self.next += 1;
        self.now.0 += 1;
        let n = self.next.wrapping_mul(7_919) % HELD;
        let Ok(interaction) = id(1 + n) else {
            return Ok(());
        };
        self.tell(Input::End {
            interaction,
            by: Actor::Api,
            re: RE,
        });
        Ok(())
    }
}

fn id(n: u64) -> Result<InteractionId, String> {
    let spread = u128::from(n).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    InteractionId::new(spread).ok_or_else(|| "nil".to_owned())
}

fn visitor(n: u64) -> Result<VisitorId, String> {
    let spread = u128::from(n).wrapping_mul(0xbf58_476d_1ce4_e5b9_94d0_49bb_1331_11eb);
    VisitorId::new(spread).ok_or_else(|| "nil".to_owned())
}

// Nanoseconds this process ran, as Linux tells; elsewhere 0.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let ran = stat.split(' ').next().and_then(|ran| ran.parse().ok());
    ran.unwrap_or(0.0)
}
