//! A small house to test in.

use crate::setup::{AgentSetup, ChatSlots, PhoneSetup, QueueSetup, Setup, Spans, ZoneSetup};

/// Makes a house of agents `a0`, `a1`, … with so many chat slots each, all serving queue `support` of zone `shop`.
pub(crate) fn house(agents: usize, slots: u8) -> Setup {
    let queue: ws::id::QueueId = "support".parse().unwrap();
    let agent = |n: usize| {
        let setup = AgentSetup {
            name: format!("Agent {n}"),
            skills: [].into(),
            queues: vec![queue.clone()],
            chat_slots: ChatSlots::try_from(slots).unwrap(),
            chats_beside_call: true,
            phone: PhoneSetup::Registered,
        };
        (format!("a{n}").parse().unwrap(), setup)
    };
    let support = QueueSetup {
        skills: [].into(),
        priority: 5,
        limit: 100,
    };
    let shop = ZoneSetup {
        queue: queue.clone(),
    };
    Setup {
        agents: (0..agents).map(agent).collect(),
        queues: [(queue, support)].into(),
        zones: [("shop".parse().unwrap(), shop)].into(),
        outbound: Some("carrier".parse().unwrap()),
        caller_number: Some("+4930555".parse().unwrap()),
        suppressed: vec!["+4930666".parse().unwrap()],
        spans: Spans::default(),
    }
}
