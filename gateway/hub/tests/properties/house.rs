//! Houses of all kinds: few and many agents, short and long spans, with and without trunk.

use std::{fmt::Debug, str::FromStr, time::Duration};

use hub::{
    demand::Skills,
    priority::Worth,
    setup::{
        AgentSetup, ChatSlots, PhoneSetup, QueueSetup, Relax, Setup, Spans, Weights, ZoneSetup,
    },
};
use ws::id::QueueId;

use crate::dice::Dice;

pub const SUPPRESSED: &str = "+49666";

pub fn name<T: FromStr<Err: Debug>>(text: &str) -> T {
    text.parse().expect("a good name")
}

pub fn setup(dice: &mut Dice) -> Setup {
    let queues: [QueueId; 2] = [name("support"), name("sales")];
    Setup {
        agents: (0..1 + dice.below(4))
            .map(|n| (name(&format!("a{n}")), agent(dice, n, &queues)))
            .collect(),
        queues: queues
            .iter()
            .map(|name| (name.clone(), queue(dice)))
            .collect(),
        zones: [
            (name("shop"), zone(dice, "support")),
            (name("deals"), zone(dice, "sales")),
        ]
        .into(),
        outbound: dice.chance(95).then(|| name("carrier")),
        caller_number: None,
        suppressed: vec![name(SUPPRESSED)],
        consent: hub::setup::ConsentSetup::default(),
        spans: spans(dice),
        worth: Worth {
            queue: Duration::from_secs(dice.below(100) as u64),
            zone: Duration::from_secs(dice.below(50) as u64),
            value: Duration::from_secs(dice.below(50) as u64),
            callback: Duration::from_secs(dice.below(100) as u64),
        },
        weights: Weights {
            call: dice.below(8) as u8,
            chat: dice.below(3) as u8,
        },
    }
}

fn zone(dice: &mut Dice, queue: &str) -> ZoneSetup {
    ZoneSetup {
        queue: name(queue),
        skills: match dice.chance(30) {
            true => [(name("french"), 1 + dice.below(9) as u8)].into(),
            false => Skills::new(),
        },
        priority: dice.below(10) as u8,
    }
}

fn agent(dice: &mut Dice, n: usize, queues: &[QueueId; 2]) -> AgentSetup {
    let phone = match dice.chance(60) {
        true => PhoneSetup::Registered,
        false => PhoneSetup::Extension {
            trunk: name("pbx"),
            number: name(&format!("20{n}")),
        },
    };
    AgentSetup {
        name: format!("Agent {n}"),
        skills: [
            (name("german"), 1 + dice.below(9) as u8),
            (name("french"), dice.below(10) as u8),
        ]
        .into(),
        queues: match dice.below(3) {
            0 => queues[..1].to_vec(),
            1 => queues[1..].to_vec(),
            _ => queues.to_vec(),
        },
        chat_slots: ChatSlots::try_from(1 + dice.below(6) as u8).expect("1 to 6"),
        chats_beside_call: dice.chance(70),
        phone,
        supervisor: n == 0,
    }
}

fn queue(dice: &mut Dice) -> QueueSetup {
    QueueSetup {
        skills: match dice.chance(50) {
            true => [(name("german"), 5)].into(),
            false => Skills::new(),
        },
        relax: match dice.chance(50) {
            true => (0..dice.below(4)).map(|_| relax(dice)).collect(),
            false => Vec::new(),
        },
        familiar: dice
            .chance(50)
            .then(|| Duration::from_secs(dice.below(30) as u64)),
        priority: dice.below(10) as u8,
        limit: 1 + dice.below(12),
        ratings: hub::setup::Ratings {
            chat: dice.chance(50),
            call: dice.chance(50),
        },
        ..QueueSetup::default()
    }
}

fn relax(dice: &mut Dice) -> Relax {
    Relax {
        after: Duration::from_secs(dice.below(90) as u64),
        skill: name(if dice.chance(60) { "german" } else { "french" }),
        level: dice.below(6) as u8,
    }
}

fn spans(dice: &mut Dice) -> Spans {
    let mut seconds = |most| Duration::from_secs(dice.below(most) as u64);
    Spans {
        wrap_up_chat: seconds(30),
        wrap_up_call: seconds(60),
        familiar: seconds(12),
        grace: seconds(40),
        rating_chat: seconds(900),
        rating_call: seconds(30),
        repeat: seconds(5_000),
        retries: (0..seconds(3).as_secs()).map(|_| seconds(200)).collect(),
        misses: 1 + seconds(3).as_secs() as u8,
        longest: Duration::from_secs(20_000),
        ..Spans::default()
    }
}
