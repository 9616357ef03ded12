//! Houses of all kinds: few and many agents, short and long spans, with and without trunk.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Debug,
    str::FromStr,
    sync::Arc,
    time::Duration,
};

use hub::{
    calling::CallingHours,
    demand::Skills,
    hours::{Hours, Stretch},
    input::CauseKind,
    policy::{Instead, Policy, Rule},
    priority::Worth,
    recorder::RecorderSetup,
    recording::{RecordingRule, RecordingSetup},
    setup::{
        AgentSetup, CallbackSetup, ChatSlots, ChatsDuringCall, PhoneSetup, QueueSetup, Relax,
        Setup, Spans, TransferSetup, Weights, ZoneSetup,
    },
};
use ws::{
    agent::Channel,
    id::{QueueId, TrunkId},
};

use crate::dice::Dice;

pub const SUPPRESSED: &str = "+49666";

pub fn name<T: FromStr<Err: Debug>>(text: &str) -> T {
    text.parse().expect("a good name")
}

// From a copy of the dice, so that what else happens in a town is not another for it.
fn recorder(dice: &mut Dice) -> Option<Arc<RecorderSetup>> {
    let with = RecorderSetup {
        servers: vec![name("recorder")],
        user: "record".to_owned(),
        domain: "house.example".to_owned(),
        queues: BTreeSet::new(),
        files: dice.chance(50),
        required: dice.chance(30),
        answer: Duration::from_secs(5),
    };
    dice.chance(50).then(|| Arc::new(with))
}

fn own(mut dice: Dice) -> hub::own::OwnSetup {
    hub::own::OwnSetup {
        wait: Duration::from_secs(dice.below(3) as u64 * 40),
        limit: 1 + dice.below(3),
        ..Default::default()
    }
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
        early: early(dice.clone()),
        outbound: dice.chance(95).then(|| name("carrier")),
        caller_number: None,
        suppressed: vec![name(SUPPRESSED)],
        consent: hub::setup::ConsentSetup::default(),
        callbacks: callbacks(dice),
        own: own(dice.clone()),
        transfers: TransferSetup {
            numbers: vec!["+49*".to_owned()],
            handed: dice
                .chance(20)
                .then(|| name("carrier"))
                .into_iter()
                .collect(),
        },
        recording: RecordingSetup {
            announcement: match dice.chance(50) {
                true => vec!["recorded".into()],
                false => Vec::new(),
            },
            refusal: dice.chance(50),
            recorder: recorder(dice),
        },
        voicemail: hub::voicemail::VoicemailSetup {
            waits: Duration::from_secs(20_000),
            ..Default::default()
        },
        lookup: dice.chance(50),
        mail: true,
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
        ..Setup::default()
    }
}

fn zone(dice: &mut Dice, queue: &str) -> ZoneSetup {
    ZoneSetup {
        form: Vec::new(),
        queue: name(queue),
        skills: match dice.chance(30) {
            true => [(name("french"), 1 + dice.below(9) as u8)].into(),
            false => Skills::new(),
        },
        priority: dice.below(10) as u8,
        chat: true,
        cobrowse: true,
        pages: Vec::new(),
        hours: match dice.chance(30) {
            true => hours(dice),
            false => None,
        },
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
        chats_during_call: match dice.below(3) {
            0 => ChatsDuringCall::Pause,
            1 => ChatsDuringCall::None,
            _ => ChatsDuringCall::Run,
        },
        prefers: match dice.below(4) {
            0 => Some(Channel::Voice),
            1 => Some(Channel::Chat),
            _ => None,
        },
        phone,
        supervisor: dice.chance(30),
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
        recording: *dice
            .pick(&[
                RecordingRule::Off,
                RecordingRule::Demand,
                RecordingRule::Always,
            ])
            .expect("some"),
        blend: dice.chance(30).then(|| hub::blend::Blend {
            idle_agents: 1 + dice.below(2),
            below_wait: Duration::from_secs(10 + dice.below(60) as u64),
        }),
        ratings: hub::setup::Ratings {
            chat: dice.chance(50),
            call: dice.chance(50),
        },
        hours: hours(dice),
        policy: policy(dice),
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

// Open for a few minutes, closed for a few minutes.
fn hours(dice: &mut Dice) -> Option<Arc<Hours>> {
    if dice.chance(60) {
        return None;
    }
    let openings = (0..6).map(|n| format!("{n:02}:05-{n:02}:{}", 10 + dice.below(40)));
    let day: Vec<Stretch> = openings.map(|text| name(&text)).collect();
    let week = std::array::from_fn(|_| day.clone());
    Some(Arc::new(
        Hours::new("UTC", week, Vec::new()).expect("one after the other"),
    ))
}

fn policy(dice: &mut Dice) -> Policy {
    let mut alternatives = || {
        let mut list = Vec::new();
        for queue in ["support", "sales"] {
            if dice.chance(30) {
                let queue = name(queue);
                list.push(Instead::Queue { queue });
            }
        }
        if dice.chance(20) {
            list.push(Instead::Callback);
        }
        list.push(match dice.below(6) {
            4 | 5 => Instead::Voicemail,
            0 => Instead::Busy,
            1 => Instead::Message,
            _ => Instead::Wait,
        });
        list
    };
    Policy {
        instead: Rule::ALL.map(|rule| (rule, alternatives())).into(),
        longest_wait: dice
            .chance(40)
            .then(|| Duration::from_secs(20 + dice.below(200) as u64)),
        longest_expected: dice
            .chance(40)
            .then(|| Duration::from_secs(20 + dice.below(200) as u64)),
        keep_place: dice.chance(50),
    }
}

fn spans(dice: &mut Dice) -> Spans {
    let mut seconds = |most| Duration::from_secs(dice.below(most) as u64);
    Spans {
        wrap_up_chat: seconds(30),
        wrap_up_call: seconds(60),
        familiar: seconds(12),
        park: seconds(200),
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

// Some are called by day only; the towns live in the first days of 1970.
fn callbacks(dice: &mut Dice) -> CallbackSetup {
    let day = || CallingHours::new(name("00:05-00:40"), BTreeMap::new(), "UTC");
    CallbackSetup {
        hours: match dice.chance(20) {
            true => day().expect("good hours"),
            false => CallingHours::default(),
        },
        owner_wait: Duration::from_secs(dice.below(300) as u64),
        retries: match dice.chance(50) {
            true => [(CauseKind::Busy, vec![Duration::from_secs(30); 2])].into(),
            false => BTreeMap::new(),
        },
        keep_place: dice.chance(70),
        stop_key: dice.chance(50),
        voicemail_words: vec!["solved".to_owned()],
        ..CallbackSetup::default()
    }
}

// Whether callers of the carrier hear something before the answer.
fn early(mut dice: Dice) -> BTreeMap<TrunkId, Duration> {
    let heard = dice
        .chance(50)
        .then(|| (name("carrier"), Duration::from_secs(30)));
    heard.into_iter().collect()
}
