//! What one step of the hub costs in a full house, without sockets and disk: 1,000 agents with six chats each at 200 queues,
//! 10,000 chats waiting, promised callbacks up to 50,000 live interactions. A step is one input with all that follows from
//! it, until nothing more comes out.

use std::{
    collections::BTreeMap,
    fmt,
    hint::black_box,
    time::{Duration, Instant},
};

use anyhow::Context;
use hub::{
    Event, Hub, Input, Output,
    demand::Skills,
    input::{Actor, Asker, Introduction},
    setup::{AgentSetup, QueueSetup, Relax, Setup, Spans, ZoneSetup},
};
use ws::{
    agent::Presence,
    id::{AgentId, InteractionId, QueueId, Timestamp, VisitorId},
};

/// How large the house is, and how long it is watched.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Plan {
    /// Agents, each with six chats.
    #[arg(long, default_value_t = 1_000)]
    agents: u64,
    /// Queues.
    #[arg(long, default_value_t = 200)]
    queues: u64,
    /// Chats that wait.
    #[arg(long, default_value_t = 10_000)]
    waiting: u64,
    /// Live interactions, the waiting and held chats included.
    #[arg(long, default_value_t = 50_000)]
    live: u64,
    /// Steps to be measured.
    #[arg(long, default_value_t = 500_000)]
    steps: u64,
}

/// What was measured: nanoseconds by kind of step.
pub struct Outcome {
    plan: Plan,
    waiting: usize,
    kinds: BTreeMap<Kind, Vec<u64>>,
    offers: Vec<u64>,
    /// Processor time of all measured steps with the making of their inputs, where the machine tells.
    ran: Option<Duration>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    VisitorWrites,
    AgentWrites,
    Socket,
    Opens,
    Ends,
    Takes,
    Due,
}

impl Kind {
    fn words(self) -> &'static str {
        match self {
            Self::VisitorWrites => "a visitor writes",
            Self::AgentWrites => "an agent writes",
            Self::Socket => "a visitor's socket opens or closes",
            Self::Opens => "a chat is opened behind a line",
            Self::Ends => "a chat ends, the next in line is offered",
            Self::Takes => "an offer is taken",
            Self::Due => "deadlines pass, mostly demands that relax",
        }
    }
}

const RE: Asker = Asker { socket: 1, id: 1 };
const HELD: u64 = 6;
/// Queues that one crew serves.
const CREW: u64 = 5;
/// So many milliseconds lie between two chats that are opened before anything is measured, so that deadlines are spread.
const APART: u64 = 30;

/// Measures.
pub fn run(plan: Plan) -> anyhow::Result<Outcome> {
    let mut town = Town::new(plan)?;
    town.fill()?;
    let waiting = town.waiting();
    town.kinds.clear();
    town.latency.clear();
    let ran = processor_time();
    for n in 0..plan.steps {
        town.now.0 += 1;
        town.due();
        match n % 100 {
            0..=59 => town.visitor_writes()?,
            60..=84 => town.agent_writes()?,
            85..=90 => town.socket()?,
            91 | 94 | 97 => town.end()?,
            92 | 95 | 98 => town.take()?,
            _ => town.open()?,
        }
    }
    let ran = ran.and_then(|before| processor_time()?.checked_sub(before));
    Ok(Outcome {
        plan,
        waiting,
        ran,
        kinds: town.kinds,
        offers: town.latency,
    })
}

struct Town {
    plan: Plan,
    hub: Hub,
    now: Timestamp,
    offers: Vec<(AgentId, InteractionId)>,
    held: Vec<(AgentId, u64)>,
    opened: u64,
    turn: u64,
    kinds: BTreeMap<Kind, Vec<u64>>,
    latency: Vec<u64>,
}

impl Town {
    fn new(plan: Plan) -> anyhow::Result<Self> {
        let mut hub = Hub::new(setup(plan)?, [1; 32]);
        let now = Timestamp(1_000_000_000);
        hub.start(now);
        Ok(Self {
            plan,
            hub,
            now,
            offers: Vec::new(),
            held: Vec::new(),
            opened: 0,
            turn: 0,
            kinds: BTreeMap::new(),
            latency: Vec::new(),
        })
    }

    fn fill(&mut self) -> anyhow::Result<()> {
        for n in 0..self.plan.agents {
            let agent = agent(n)?;
            let console = agent.clone();
            self.tell(
                Kind::Socket,
                Input::ConsoleOpened {
                    agent: console,
                    socket: 1,
                },
            );
            let presence = Presence::Ready;
            self.tell(
                Kind::Socket,
                Input::SetPresence {
                    agent,
                    presence,
                    re: RE,
                },
            );
        }
        // Chats come to all queues alike until all agents hold six and so many wait.
        while (self.held.len() as u64) < self.plan.agents * HELD {
            self.come()?;
            let most = self.plan.agents * HELD * 10 + self.plan.waiting;
            anyhow::ensure!(self.opened < most, "the agents never fill up");
        }
        while (self.waiting() as u64) < self.plan.waiting {
            self.come()?;
        }
        let chats = self.hub.state().interactions().len() as u64;
        for n in chats..self.plan.live {
            let input = Input::AskCallback {
                wish: ws::callback::Wish::default(),
                interaction: id(100_000_000 + n)?,
                queue: Some(queue(n % self.plan.queues)?),
                by: Actor::TANDEM,
                number: format!("+4930{n:06}").parse().context("a number")?,
                at: Some(Timestamp(self.now.0 + 80_000_000 + n)),
                re: RE,
            };
            self.tell(Kind::Opens, input);
        }
        Ok(())
    }

    fn come(&mut self) -> anyhow::Result<()> {
        self.now.0 += APART;
        self.due();
        self.open()?;
        self.take()
    }

    fn waiting(&self) -> usize {
        let queues = self.hub.state().queues();
        queues.iter().map(|(_, queue)| queue.line().len()).sum()
    }

    fn tell(&mut self, kind: Kind, input: Input) {
        let begin = Instant::now();
        self.hub.handle(input, self.now);
        self.listen(kind, begin);
    }

    fn due(&mut self) {
        if self.hub.poll_timeout().is_some_and(|due| due <= self.now) {
            let begin = Instant::now();
            self.hub.handle_timeout(self.now);
            self.listen(Kind::Due, begin);
        }
    }

    fn listen(&mut self, kind: Kind, begin: Instant) {
        let mut offers = Vec::new();
        while let Some(output) = self.hub.poll_output() {
            if let Output::Fact(fact) = &output
                && let (Event::Offered { agent, .. }, Some(id)) = (&fact.event, fact.interaction)
            {
                offers.push((agent.clone(), id));
            }
            black_box(output);
        }
        let took = u64::try_from(begin.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.kinds.entry(kind).or_default().push(took);
        self.latency.extend(offers.iter().map(|_| took));
        self.offers.append(&mut offers);
    }

    fn open(&mut self) -> anyhow::Result<()> {
        self.opened += 1;
        let input = Input::OpenChat {
            candidate: id(self.opened)?,
            who: Introduction {
                visitor: visitor(self.opened)?,
                zone: format!("zone{}", self.opened % self.plan.queues).parse()?,
                name: None,
                mail: None,
                verified: None,
                page: None,
                referrer: None,
                form: None,
            },
            mid: "m0".parse()?,
            text: "hello".into(),
            re: RE,
        };
        self.tell(Kind::Opens, input);
        Ok(())
    }

    fn take(&mut self) -> anyhow::Result<()> {
        let Some((agent, interaction)) = self.offers.pop() else {
            return Ok(());
        };
        self.held.push((agent.clone(), number(interaction)));
        let input = Input::Accept {
            agent,
            interaction,
            re: RE,
        };
        self.tell(Kind::Takes, input);
        Ok(())
    }

    fn end(&mut self) -> anyhow::Result<()> {
        self.turn += 1;
        let which = (self.turn.wrapping_mul(7_919) % self.held.len() as u64) as usize;
        let (_, n) = self.held.swap_remove(which);
        let input = Input::End {
            interaction: id(n)?,
            by: Actor::TANDEM,
            re: RE,
        };
        self.tell(Kind::Ends, input);
        Ok(())
    }

    fn visitor_writes(&mut self) -> anyhow::Result<()> {
        self.turn += 1;
        let n = self.held[(self.turn.wrapping_mul(7_919) % self.held.len() as u64) as usize].1;
        let input = Input::Say {
            interaction: id(n)?,
            by: Actor::Visitor(visitor(n)?),
            mid: format!("m{}", self.turn).parse()?,
            text: "how do I return this?".into(),
            re: RE,
        };
        self.tell(Kind::VisitorWrites, input);
        Ok(())
    }

    fn agent_writes(&mut self) -> anyhow::Result<()> {
        self.turn += 1;
        let which = (self.turn.wrapping_mul(7_919) % self.held.len() as u64) as usize;
        let (agent, n) = self.held[which].clone();
        let input = Input::Say {
            interaction: id(n)?,
            by: Actor::Agent(agent),
            mid: format!("m{}", self.turn).parse()?,
            text: "just send it back".into(),
            re: RE,
        };
        self.tell(Kind::AgentWrites, input);
        Ok(())
    }

    fn socket(&mut self) -> anyhow::Result<()> {
        self.turn += 1;
        let which = ((self.turn / 2).wrapping_mul(7_919) % self.held.len() as u64) as usize;
        let visitor = visitor(self.held[which].1)?;
        let input = match self.turn % 2 {
            0 => Input::WidgetOpened { visitor, socket: 1 },
            _ => Input::WidgetClosed {
                visitor,
                socket: 1,
                went: true,
            },
        };
        self.tell(Kind::Socket, input);
        Ok(())
    }
}

/// Queues in groups of five with a crew each; every other one asks a skill that waiting makes less of. Each agent is at one
/// queue of another group as well.
fn setup(plan: Plan) -> anyhow::Result<Setup> {
    let mut setup = Setup {
        spans: Spans {
            wrap_up_chat: Duration::ZERO,
            offer: Duration::from_secs(100_000),
            idle_chat: Duration::from_secs(80_000),
            park: Duration::ZERO,
            ..Spans::default()
        },
        outbound: Some("carrier".parse()?),
        ..Setup::default()
    };
    let step = |after, level| -> anyhow::Result<Relax> {
        Ok(Relax {
            after: Duration::from_secs(after),
            skill: "german".parse()?,
            level,
        })
    };
    for n in 0..plan.queues {
        let asks = n % 2 == 1;
        let german = asks
            .then(|| anyhow::Ok(("german".parse()?, 6)))
            .transpose()?;
        let name = queue(n)?;
        let mut of = QueueSetup {
            skills: german.into_iter().collect::<Skills>(),
            priority: (n % 10) as u8,
            limit: 100_000,
            ..QueueSetup::default()
        };
        if asks {
            of.relax = vec![step(60, 3)?, step(300, 0)?];
        }
        setup.queues.insert(name.clone(), of);
        let zone = format!("zone{n}").parse()?;
        setup.zones.insert(zone, ZoneSetup::of(name));
    }
    for n in 0..plan.agents {
        let served = served(n, plan.queues).into_iter().map(queue);
        let one = AgentSetup {
            name: format!("Agent {n}"),
            skills: [("german".parse()?, german(n, plan.queues))].into(),
            queues: served.collect::<Result<_, _>>()?,
            ..AgentSetup::default()
        };
        setup.agents.insert(agent(n)?, one);
    }
    Ok(setup)
}

/// Returns the numbers of the queues, of so many, that an agent serves: those of their group, and one of another.
pub fn served(agent: u64, queues: u64) -> Vec<u64> {
    let first = agent % groups(queues) * CREW;
    let mut served: Vec<_> = (first..first + CREW.min(queues))
        .map(|n| n % queues)
        .collect();
    let other = (agent * 7 + 3) % queues;
    if !served.contains(&other) {
        served.push(other);
    }
    served
}

/// Returns an agent's level of the skill that every other queue asks; 0 is none.
pub fn german(agent: u64, queues: u64) -> u8 {
    (agent / groups(queues) % 10) as u8
}

fn groups(queues: u64) -> u64 {
    (queues / CREW).max(1)
}

fn agent(n: u64) -> anyhow::Result<AgentId> {
    Ok(format!("agent{n}").parse()?)
}

fn queue(n: u64) -> anyhow::Result<QueueId> {
    Ok(format!("queue{n}").parse()?)
}

// Numbers as ids, the low half plain so that it can be read back.
fn id(n: u64) -> anyhow::Result<InteractionId> {
    let high = u128::from(n.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    InteractionId::new((high << 64) | u128::from(n)).context("nil")
}

fn number(id: InteractionId) -> u64 {
    id.number() as u64
}

fn visitor(n: u64) -> anyhow::Result<VisitorId> {
    let high = u128::from(n.wrapping_mul(0xbf58_476d_1ce4_e5b9));
    VisitorId::new((high << 64) | u128::from(n)).context("nil")
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Plan {
            agents,
            queues,
            live,
            ..
        } = self.plan;
        let waiting = self.waiting;
        writeln!(
            f,
            "{live} live interactions, {waiting} waiting, {agents} agents, {queues} queues; microseconds"
        )?;
        writeln!(
            f,
            "{:<44}{:>9}{:>9}{:>9}{:>9}",
            "", "count", "mean", "p50", "p99"
        )?;
        for (kind, took) in &self.kinds {
            row(f, kind.words(), took)?;
        }
        let all: Vec<u64> = self.kinds.values().flatten().copied().collect();
        row(f, "all steps", &all)?;
        row(f, "from an input to its offers", &self.offers)?;
        match self.ran {
            Some(ran) => write!(
                f,
                "processor time a step, its input made included: {:.2}",
                ran.as_secs_f64() * 1e6 / all.len().max(1) as f64
            ),
            None => write!(f, "this machine does not tell the processor time"),
        }
    }
}

// How long this process ran on a processor, as Linux tells.
fn processor_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    let nanos = stat.split(' ').next()?.parse().ok()?;
    Some(Duration::from_nanos(nanos))
}

fn row(f: &mut fmt::Formatter<'_>, what: &str, took: &[u64]) -> fmt::Result {
    let mut took = took.to_vec();
    took.sort_unstable();
    let at = |share: f64| {
        let rank = (share * took.len() as f64).ceil() as usize;
        let rank = rank.clamp(1, took.len().max(1));
        took.get(rank - 1).map_or(0.0, |&nanos| nanos as f64 / 1e3)
    };
    let mean = took.iter().sum::<u64>() as f64 / took.len().max(1) as f64 / 1e3;
    let count = took.len();
    writeln!(
        f,
        "{what:<44}{count:>9}{mean:>9.2}{:>9.2}{:>9.2}",
        at(0.50),
        at(0.99)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_house_fills_up_and_goes_on_through_every_kind_of_step() {
        let plan = Plan {
            agents: 20,
            queues: 10,
            waiting: 50,
            live: 300,
            steps: 2_000,
        };

        let outcome = run(plan).unwrap();

        assert_eq!((outcome.waiting, outcome.kinds.len() >= 6), (50, true));
        assert!(!outcome.offers.is_empty());
        let words = outcome.to_string();
        assert!(words.contains("from an input to its offers"), "{words}");
    }
}
