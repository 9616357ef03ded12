//! The facts of very many interactions, as a house with chats and calls would have them: each a function of its number, so
//! that questions about it need no list of what there is.

use anyhow::{Context, Result};
use hub::{
    Event, Fact,
    event::{LegCause, Party, Route, Served, Why},
    input::{Cause, CauseKind},
    priority::Priority,
};
use rand::{RngExt, rngs::StdRng};
use ws::{
    agent::Channel,
    id::{
        AgentId, AssignmentId, CustomerId, InteractionId, LegId, Number, QueueId, Seq, Timestamp,
        VisitorId,
    },
    timeline::Author,
};

/// The span over which they are spread.
const DAYS: u64 = 300;
const DAY: u64 = 86_400_000;
/// How much time lies between two facts of one interaction.
const STEP: u64 = 900;
/// So many interactions there are for each customer, on average.
const EACH: u64 = 4;
/// One interaction in so many is of one of the busiest customers.
const BUSY: u64 = 100;
const BUSIEST: u64 = 10;
const AGENTS: u64 = 200;
const WORDS: u64 = 20_000;
const COMMON: u64 = 30;
const FIRST: [&str; 20] = [
    "ida", "otto", "emil", "anna", "paul", "lena", "karl", "mia", "jan", "eva", "tom", "nora",
    "max", "ella", "finn", "ruth", "leo", "clara", "hugo", "vera",
];
const OUTCOMES: [&str; 6] = [
    "served",
    "refund",
    "delivery",
    "complaint",
    "order",
    "abandoned",
];

/// All of them.
pub struct Town {
    pub interactions: u64,
    end: u64,
}

/// Spreads numbers so that neighbours have nothing in common (SplitMix64).
fn mixed(n: u64) -> u64 {
    let n = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

fn wide(kind: u64, n: u64) -> u128 {
    (u128::from(mixed(n ^ (kind << 56))) << 64) | u128::from(mixed(n.wrapping_add(kind)) | 1)
}

impl Town {
    /// Makes a town whose last interaction ended a moment before `end`.
    pub fn new(end: u64, interactions: u64) -> Self {
        Self { interactions, end }
    }

    /// Returns the number of one of them.
    pub fn some(&self, dice: &mut StdRng) -> u64 {
        dice.random_range(0..self.interactions)
    }

    /// Returns when an interaction began.
    pub fn at(&self, n: u64) -> u64 {
        let begin = self.end - DAYS * DAY;
        begin + (DAYS * DAY - DAY) / self.interactions.max(1) * n
    }

    /// Returns an interaction's id.
    pub fn interaction(&self, n: u64) -> InteractionId {
        InteractionId::new(wide(1, n)).expect("its last bit is set")
    }

    // Whose it is, by number: some come very often.
    fn who(&self, n: u64) -> u64 {
        match n.is_multiple_of(BUSY) {
            true => mixed(n) % BUSIEST,
            false => mixed(n) % (self.interactions / EACH).max(1),
        }
    }

    /// Returns whose an interaction is.
    pub fn customer(&self, n: u64) -> CustomerId {
        person(self.who(n))
    }

    /// Returns the customer with most interactions, or about that.
    pub fn busiest(&self) -> CustomerId {
        person(self.who(0))
    }

    /// Returns the number of an interaction of that one.
    pub fn of_the_busiest(&self, dice: &mut StdRng) -> u64 {
        let busy = self.interactions.div_ceil(BUSY);
        loop {
            let n = dice.random_range(0..busy) * BUSY;
            if self.customer(n) == self.busiest() {
                return n;
            }
        }
    }

    /// Returns the number of an interaction's customer, as it is written in a query.
    pub fn number(&self, n: u64) -> String {
        format!("%2B4930{:08}", self.who(n))
    }

    /// Returns the first name of an interaction's customer.
    pub fn first_name(&self, n: u64) -> &'static str {
        FIRST[(self.who(n) % FIRST.len() as u64) as usize]
    }

    /// Returns the whole name, as it is written in a query.
    pub fn name(&self, n: u64) -> String {
        format!("{}%20{}", self.first_name(n), last_name(self.who(n)))
    }

    /// Returns a word that is said in one interaction of many.
    pub fn rare(&self, dice: &mut StdRng) -> String {
        word(dice.random_range(COMMON..WORDS.min(COMMON + self.interactions)))
    }

    /// Returns a word that is said all the time.
    pub fn common(&self, dice: &mut StdRng) -> String {
        word(dice.random_range(0..COMMON))
    }

    /// Returns the facts of an interaction, in order.
    pub fn life(&self, n: u64, dice: &mut StdRng) -> Result<Vec<Fact>> {
        let id = self.interaction(n);
        let mut life = Life {
            id,
            at: self.at(n),
            seq: 0,
            facts: Vec::with_capacity(20),
        };
        let channel = match n.is_multiple_of(3) {
            true => Channel::Voice,
            false => Channel::Chat,
        };
        let agent: AgentId = format!("agent{}", mixed(n) % AGENTS).parse()?;
        let queue: QueueId = ["support", "sales", "orders"][(n % 7 % 3) as usize].parse()?;
        self.opening(n, channel, &queue, &mut life)?;
        life.work(channel, &queue, &agent)?;
        match channel {
            Channel::Chat => self.chat(dice, &agent, &mut life)?,
            Channel::Voice => life.call(),
        }
        life.end(channel, &queue, &agent, OUTCOMES[(mixed(n) % 6) as usize]);
        Ok(life.facts)
    }

    fn opening(&self, n: u64, channel: Channel, queue: &QueueId, life: &mut Life) -> Result<()> {
        let who = self.who(n);
        let customer = person(who);
        let name = format!("{} {}", self.first_name(n), last_name(who));
        let number: Number = format!("+4930{who:08}").parse()?;
        let visitor = VisitorId::new(wide(3, who)).context("its last bit is set")?;
        let (zone, page) = match channel {
            Channel::Chat => (
                Some("shop".parse()?),
                Some(format!("https://shop.example/{}", n % 500)),
            ),
            Channel::Voice => (None, None),
        };
        life.tell(Event::Opened {
            channel,
            queue: queue.clone(),
            zone,
            page,
            referrer: None,
            customer,
            name: Some(name.clone()),
            answers: Vec::new(),
        });
        life.tell(Event::CustomerKnown {
            customer,
            name: Some(name),
            number: Some(number.clone()),
            mail: None,
            mail_typed: false,
            visitor: (channel == Channel::Chat).then_some(visitor),
            verified: None,
            cleared: Vec::new(),
        });
        let party = match channel {
            Channel::Chat => Party::CustomerChat { visitor },
            Channel::Voice => Party::CustomerPhone {
                number: Some(number),
                trunk: Some("pbx".parse()?),
            },
        };
        life.leg(1, party, LegCause::Inbound);
        Ok(())
    }

    fn chat(&self, dice: &mut StdRng, agent: &AgentId, life: &mut Life) -> Result<()> {
        for message in 0..4 {
            let from = match message % 2 {
                0 => Author::Customer,
                _ => Author::Agent {
                    agent: agent.clone(),
                    name: "Anna".to_owned(),
                },
            };
            let mut text = vec![self.rare(dice)];
            text.extend((0..11).map(|_| self.common(dice)));
            life.show(Event::Said {
                from,
                mid: format!("m{message}").parse()?,
                text: text.join(" "),
            });
        }
        Ok(())
    }
}

fn person(who: u64) -> CustomerId {
    CustomerId::new(wide(2, who)).expect("its last bit is set")
}

// Letters alone, so that a word is a word to whoever searches.
fn word(n: u64) -> String {
    letters(mixed(n ^ 0xabcd) % 1_000_000_007, "w")
}

fn last_name(who: u64) -> String {
    letters(who % 3_000, "ma")
}

fn letters(mut n: u64, begin: &str) -> String {
    let mut text = begin.to_owned();
    while n > 0 {
        text.push(char::from(b'a' + (n % 26) as u8));
        n /= 26;
    }
    text
}

/// One interaction as it grows.
struct Life {
    id: InteractionId,
    at: u64,
    seq: u64,
    facts: Vec<Fact>,
}

impl Life {
    fn tell(&mut self, event: Event) {
        self.at += STEP;
        self.facts.push(Fact {
            at: Timestamp(self.at),
            interaction: Some(self.id),
            seq: None,
            event,
        });
    }

    // Stands in the timeline.
    fn show(&mut self, event: Event) {
        self.tell(event);
        self.seq += 1;
        if let Some(last) = self.facts.last_mut() {
            last.seq = Some(Seq(self.seq));
        }
    }

    fn leg_id(&self, n: u16) -> LegId {
        let interaction = self.id;
        LegId { interaction, n }
    }

    fn leg(&mut self, n: u16, party: Party, cause: LegCause) {
        let parent = (n > 1).then(|| self.leg_id(1));
        let leg = self.leg_id(n);
        self.tell(Event::LegStarted {
            leg,
            party,
            cause,
            parent,
        });
    }

    fn stay(&self) -> AssignmentId {
        AssignmentId {
            interaction: self.id,
            n: 1,
        }
    }

    fn work(&mut self, channel: Channel, queue: &QueueId, agent: &AgentId) -> Result<()> {
        let since = Timestamp(self.at + STEP);
        self.show(Event::Queued {
            channel,
            queue: queue.clone(),
            priority: Priority::default(),
            since,
            callback: None,
            familiar: None,
            kept_until: None,
            skills: Default::default(),
            quiet: false,
        });
        let route = Route {
            why: Why::LeastBusy,
            waited_ms: STEP,
            skills: Default::default(),
            priority: Priority::default(),
            quiet: false,
            considered: 12,
            candidates: Vec::new(),
        };
        let offered = Timestamp(self.at + STEP);
        self.tell(Event::Offered {
            agent: agent.clone(),
            channel,
            deadline: Timestamp(self.at + 20_000),
            route: Box::new(route),
        });
        self.tell(Event::Dequeued {
            waited_ms: 2 * STEP,
            reason: "an agent took it".to_owned(),
            anew: false,
        });
        self.show(Event::Assigned {
            assignment: self.stay(),
            agent: agent.clone(),
            name: "Anna".to_owned(),
            channel,
            offered,
        });
        let party = match channel {
            Channel::Chat => Party::AgentChat {
                agent: agent.clone(),
            },
            Channel::Voice => Party::AgentPhone {
                agent: agent.clone(),
            },
        };
        self.leg(2, party, LegCause::Outbound);
        Ok(())
    }

    fn call(&mut self) {
        let (a, b) = (self.leg_id(1), self.leg_id(2));
        self.tell(Event::LegAnswered { leg: a });
        self.tell(Event::LegAnswered { leg: b });
        self.show(Event::Bridged { a, b });
        self.show(Event::CallEnded {
            leg: a,
            cause: over(),
        });
    }

    fn end(&mut self, channel: Channel, queue: &QueueId, agent: &AgentId, outcome: &str) {
        for n in 1..=2 {
            let leg = self.leg_id(n);
            self.tell(Event::LegEnded { leg, cause: over() });
        }
        let until = Timestamp(self.at + 30_000);
        self.show(Event::Ended {
            by: Author::Customer,
            reason: match channel {
                Channel::Chat => "the customer left".to_owned(),
                Channel::Voice => "the customer hung up".to_owned(),
            },
        });
        self.show(Event::WrapUpStarted {
            assignment: self.stay(),
            agent: agent.clone(),
            until,
        });
        self.tell(Event::AssignmentEnded {
            assignment: self.stay(),
            agent: agent.clone(),
            disposition: Some(outcome.to_owned()),
            note: Some("told what there was to tell".to_owned()),
            reason: "the wrap-up is finished".to_owned(),
            solved: Some(true),
        });
        self.tell(Event::Sealed {
            outcome: outcome.to_owned(),
            agent: Some(agent.clone()),
            served: Some(Served {
                queue: queue.clone(),
                disposition: Some(outcome.to_owned()),
                solved: Some(true),
            }),
        });
    }
}

fn over() -> Cause {
    Cause {
        kind: CauseKind::Normal,
        status: None,
        text: "the other side hung up".to_owned(),
    }
}
