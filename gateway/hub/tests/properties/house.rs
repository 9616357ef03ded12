//! Houses of all kinds: few and many agents, short and long spans, with and without trunk.

use std::{collections::BTreeMap, fmt::Debug, str::FromStr, time::Duration};

use hub::setup::{AgentSetup, ChatSlots, PhoneSetup, QueueSetup, Setup, Spans, ZoneSetup};
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
            (
                name("shop"),
                ZoneSetup {
                    queue: name("support"),
                },
            ),
            (
                name("deals"),
                ZoneSetup {
                    queue: name("sales"),
                },
            ),
        ]
        .into(),
        outbound: dice.chance(95).then(|| name("carrier")),
        caller_number: None,
        suppressed: vec![name(SUPPRESSED)],
        consent: hub::setup::ConsentSetup::default(),
        spans: spans(dice),
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
        skills: [(name("german"), 1 + dice.below(9) as u8)].into(),
        queues: match dice.below(3) {
            0 => queues[..1].to_vec(),
            1 => queues[1..].to_vec(),
            _ => queues.to_vec(),
        },
        chat_slots: ChatSlots::try_from(1 + dice.below(6) as u8).expect("1 to 6"),
        chats_beside_call: dice.chance(70),
        phone,
    }
}

fn queue(dice: &mut Dice) -> QueueSetup {
    QueueSetup {
        skills: match dice.chance(30) {
            true => [(name("german"), 5)].into(),
            false => BTreeMap::new(),
        },
        priority: dice.below(10) as u8,
        limit: 1 + dice.below(12),
        ..QueueSetup::default()
    }
}

fn spans(dice: &mut Dice) -> Spans {
    let mut seconds = |most| Duration::from_secs(dice.below(most) as u64);
    Spans {
        wrap_up_chat: seconds(30),
        wrap_up_call: seconds(60),
        familiar: seconds(12),
        grace: seconds(40),
        retries: (0..seconds(3).as_secs()).map(|_| seconds(200)).collect(),
        misses: 1 + seconds(3).as_secs() as u8,
        longest: Duration::from_secs(20_000),
        ..Spans::default()
    }
}
