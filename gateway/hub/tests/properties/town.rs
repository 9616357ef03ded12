//! People, phones and browsers around one hub, driven by dice, with everything that comes out checked.

mod colleagues;
mod desk;
mod pages;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use hub::{
    Command, Event, Fact, Hub, Input, Output, State,
    callback::Revision,
    command::Target,
    consent::{Change, Mark, Source, Statement, Subject},
    customer::Order as RecordOrder,
    event::LegCause,
    input::{
        Actor, Arrival, Asker, Cause, CauseKind, Done, Introduction, LegNews, Peer, Referral,
        Replaced, Wish as Asked,
    },
    link::Order as LinkOrder,
    lookup::Found,
    policy::{Instead, Rule},
    quality::{Measured, Moment},
    recorder::{RecorderNews, RecorderSetup},
    recording::{Kept, Outcome},
    setup::Setup,
    step::Jump,
};
use ws::{
    agent::{Channel, Presence},
    callback::{Order, Wanted, Wish},
    consent::ContactChannel,
    id::{
        AgentId, CallbackId, CustomerId, InteractionId, LegId, Mid, Number, QueueId, RecordingId,
        Seq, Timestamp, VisitorId,
    },
    recording::Record,
    supervision::Supervise,
    transfer::TransferTo,
};

use crate::{
    dice::Dice,
    house::{SUPPRESSED, name, setup},
    law::{Seen, subjects},
};

pub struct Town {
    dice: Dice,
    /// Whether more is asked within calls.
    talkative: bool,
    now: Timestamp,
    hub: Hub,
    setup: Setup,
    fold: State,
    journal: Vec<Fact>,
    spoken: Vec<u8>,
    draining: bool,
    consoles: BTreeMap<AgentId, BTreeSet<u64>>,
    widgets: BTreeMap<VisitorId, BTreeSet<u64>>,
    legs: BTreeMap<LegId, Leg>,
    dead: Vec<LegId>,
    attempts: BTreeMap<LegId, CallbackId>,
    seqs: BTreeMap<InteractionId, u64>,
    sealed: BTreeSet<InteractionId>,
    asked: BTreeSet<Asker>,
    /// The last code that was given out.
    code: String,
    /// Dice of their own, so that pages and colleagues do not change what else a seed leads to.
    pages: Dice,
    mids: Vec<Mid>,
    next: u64,
    /// How often each kind of fact, with its kind of end, was heard.
    pub heard: BTreeMap<String, u64>,
    /// Questions to another system that are open.
    questions: Vec<InteractionId>,
    /// Recordings of which nothing was told yet.
    tapes: Vec<RecordingId>,
    /// Recordings that recorders were asked to take.
    recorders: Vec<(RecordingId, Arc<RecorderSetup>)>,
    /// Legs whose peers wait to be told what comes of the transfer they asked for.
    referred: BTreeSet<LegId>,
}

/// A leg as the telephone side knows it.
#[derive(Default)]
struct Leg {
    answered: bool,
    released: bool,
    /// Whether it is to hear something before the answer, and whether it does.
    early: bool,
    speaks: bool,
    /// How much it was asked to hear.
    asked: u32,
}

impl Town {
    pub fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let setup = setup(&mut dice);
        let mut hub = Hub::new(setup.clone(), dice.seed());
        hub.start(Timestamp(1_000_000));
        let mut town = Self {
            dice,
            talkative: seed % 3 == 2,
            now: Timestamp(1_000_000),
            hub,
            setup,
            fold: State::default(),
            journal: Vec::new(),
            spoken: Vec::new(),
            draining: false,
            consoles: BTreeMap::new(),
            widgets: BTreeMap::new(),
            legs: BTreeMap::new(),
            dead: Vec::new(),
            attempts: BTreeMap::new(),
            seqs: BTreeMap::new(),
            sealed: BTreeSet::new(),
            asked: BTreeSet::new(),
            mids: Vec::new(),
            next: 0,
            heard: BTreeMap::new(),
            questions: Vec::new(),
            tapes: Vec::new(),
            recorders: Vec::new(),
            referred: BTreeSet::new(),
            code: String::new(),
            pages: Dice::new(!seed),
        };
        town.listen();
        town.come_in();
        town
    }

    // Most agents open their consoles, are ready and have a phone.
    fn come_in(&mut self) {
        for agent in self.setup.agents.keys().cloned().collect::<Vec<_>>() {
            if self.dice.chance(20) {
                continue;
            }
            self.next += 1;
            let socket = self.next;
            let consoles = self.consoles.entry(agent.clone()).or_default();
            consoles.insert(socket);
            let console = agent.clone();
            self.tell(Input::ConsoleOpened {
                agent: console,
                socket,
            });
            self.tell(Input::PhoneRegistered {
                agent: agent.clone(),
                binding: "sip:phone".into(),
                until: self.now + Duration::from_secs(3_600),
            });
            let re = self.asker();
            let presence = Presence::Ready;
            self.tell(Input::SetPresence {
                agent,
                presence,
                re,
            });
        }
    }

    pub fn spoken(&self) -> Vec<u8> {
        self.spoken.clone()
    }

    pub fn step(&mut self) {
        self.tick();
        if self.dice.chance(10) {
            self.answer_lookup();
        }
        if self.dice.chance(10) {
            self.finish_tape();
            self.hear_recorder();
        }
        if self.talkative && self.dice.chance(20) {
            self.mind_tape();
            self.talk();
        }
        self.see_pages();
        self.keep_company();
        match self.dice.below(100) {
            0..=8 => self.pass_time(),
            9..=16 => self.move_console(),
            17..=20 => self.move_widget(),
            21..=24 => self.move_phone(),
            25..=32 => self.open_chat(),
            33..=40 => self.say(),
            41..=45 => self.arrive(),
            46..=59 => self.answer_offer(),
            60..=82 => self.move_leg(),
            83..=84 => self.rate(),
            85..=87 => self.escalate(),
            88..=90 => self.callback(),
            91..=92 => self.hang_up_or_end(),
            93 => match self.dice.chance(30) {
                true => self.hang_up_or_end(),
                false => self.talk(),
            },
            94 => self.wrap_up(),
            95 => self.tidy_up(),
            96 => self.link_matters(),
            97 => self.keep_records(),
            98 if self.dice.chance(40) => self.configure_or_drain(),
            98 if self.dice.chance(20) => self.set_clock(),
            98 => self.consent(),
            _ => self.crash(),
        }
    }

    fn tick(&mut self) {
        self.now = Timestamp(self.now.0 + self.dice.below(900) as u64);
        self.run_timers();
    }

    fn tell(&mut self, input: Input) {
        self.hub.handle(input, self.now);
        self.listen();
        self.check();
    }

    // Everything due up to now, at its own time; no deadline may stay due for ever.
    fn run_timers(&mut self) {
        let mut again = 0;
        for round in 0.. {
            let Some(due) = self.hub.poll_timeout().filter(|due| *due <= self.now) else {
                return;
            };
            assert!(
                round < 1_000 && again < 20,
                "a deadline at {due:?} never passes: {:?}",
                self.hub
            );
            let end = self.now;
            self.now = due.max(self.hub_time());
            self.hub.handle_timeout(self.now);
            self.listen();
            self.check();
            // Still due, or anew, when all that was due at that time is done.
            let next = self.hub.poll_timeout();
            again = match next.is_some_and(|due| due <= self.now) {
                true => again + 1,
                false => 0,
            };
            self.now = end;
        }
    }

    fn hub_time(&self) -> Timestamp {
        self.journal.last().map_or(Timestamp(0), |fact| fact.at)
    }

    fn check(&self) {
        assert!(self.fold == *self.hub.state(), "the fold is not the state");
        assert!(self.asked.is_empty(), "unanswered: {:?}", self.asked);
        self.seen(self.now).check();
    }

    fn seen(&self, now: Timestamp) -> Seen<'_> {
        Seen {
            state: &self.fold,
            setup: &self.setup,
            consoles: &self.consoles,
            draining: self.draining,
            full: self.hub.is_full(),
            now,
        }
    }

    fn listen(&mut self) {
        while let Some(output) = self.hub.poll_output() {
            self.spoken
                .extend_from_slice(format!("{output:?}\n").as_bytes());
            match output {
                Output::Fact(fact) => self.hear(fact),
                Output::Command(command) => self.obey(command),
                Output::Reply(reply) => {
                    assert!(self.asked.remove(&reply.to), "answered twice or unasked");
                    if let Ok(Done::Code { code, .. }) = reply.result {
                        self.code = code;
                    }
                }
            }
        }
    }

    fn hear(&mut self, fact: Fact) {
        let text = serde_json::to_string(&fact).expect("facts can be written");
        let again: Fact = serde_json::from_str(&text).expect("facts can be read");
        assert_eq!(again, fact);
        *self.heard.entry(kind(&fact.event)).or_default() += 1;
        if let Some(id) = fact.interaction {
            assert!(!self.sealed.contains(&id), "after the seal: {fact:?}");
            if let Some(Seq(seq)) = fact.seq {
                let last = self.seqs.entry(id).or_default();
                assert_eq!(seq, *last + 1, "a gap in the timeline");
                *last = seq;
            }
        }
        self.hear_rating(&fact);
        match &fact.event {
            Event::Offered { agent, route, .. } => {
                let id = fact.interaction.expect("one is offered");
                self.seen(fact.at).check_offer(id, agent, route);
            }
            Event::Diverted {
                queue, rule, to, ..
            } => self.check_diverted(&fact, queue, *rule, to),
            Event::Sealed { .. } => {
                self.sealed.insert(fact.interaction.expect("one is sealed"));
            }
            Event::LegStarted { leg, .. } => {
                assert_eq!(Some(leg.interaction), fact.interaction);
                assert!(!self.attempts_used(leg), "a leg of two interactions");
            }
            Event::CallbackAttempted {
                callback,
                customer_leg,
                ..
            } => {
                self.attempts.insert(*customer_leg, *callback);
            }
            Event::MailPosted { to, customer, .. } => {
                self.may_be_mailed(to, *customer, fact.at);
            }
            _ => {}
        }
        self.fold.apply(&fact);
        self.journal.push(fact);
    }

    // A rating is of a contact that was had, asked for once, and changed only in a chat.
    fn hear_rating(&self, fact: &Fact) {
        let found = fact.interaction.and_then(|id| self.fold.interaction(id));
        match (&fact.event, found) {
            (Event::RatingAsked { .. }, Some(found)) => {
                assert!(found.met, "asked about nobody: {found:?}");
                assert_eq!(found.rating, None, "asked twice");
                assert!(found.ended.is_some() && !found.chat && found.call.is_none());
            }
            (Event::Rated { score, before, .. }, Some(found)) => {
                let rating = found.rating.as_ref().expect("it was asked for");
                assert_eq!(rating.score(), *before, "{score:?} replaces something else");
                assert!(found.met && rating.is_open(fact.at), "{found:?}");
                assert!(rating.leg.is_none() || before.is_none(), "two keys counted");
            }
            (Event::RatingAsked { .. } | Event::Rated { .. }, None) => {
                panic!("of nothing: {fact:?}");
            }
            _ => {}
        }
    }

    // A rule is followed once a queue, and nobody comes back to a queue they left.
    fn check_diverted(&self, fact: &Fact, queue: &QueueId, rule: Rule, to: &Instead) {
        let found = fact.interaction.and_then(|id| self.fold.interaction(id));
        let found = found.expect("it lives");
        let before = found.ruled.contains(&(queue.clone(), rule));
        assert!(!before, "{rule:?} again: {found:?}");
        if let Instead::Queue { queue } = to {
            assert!(
                !found.been.contains_key(queue),
                "back in {queue}: {found:?}"
            );
        }
    }

    fn attempts_used(&self, leg: &LegId) -> bool {
        self.legs.contains_key(leg) || self.dead.contains(leg)
    }

    #[allow(clippy::too_many_lines, reason = "one arm a command")]
    fn obey(&mut self, command: Command) {
        match command {
            Command::Adopt { leg, .. } => {
                let new = self.legs.insert(leg, Leg::default());
                assert!(new.is_none(), "{leg} was there");
            }
            Command::Dial { leg, to, .. } => {
                let known = self.fold.interaction(leg.interaction);
                let known = known
                    .and_then(|found| found.leg(leg))
                    .expect("in the journal");
                if let Target::Trunk { trunk, number } = &to
                    && trunk.as_str() == "carrier"
                {
                    assert!(!self.setup.suppressed.contains(number), "{number} dialled");
                    // Whoever is asked, or given the call, is not the customer.
                    if !known.cause.is_aside() {
                        self.may_be_called(leg.interaction, number);
                    }
                    assert!(!self.draining, "dialled while draining");
                    if known.cause == LegCause::Callback {
                        let attempt = self.attempts.remove(&leg);
                        assert!(attempt.is_some(), "dialled before its attempt, or twice");
                    }
                }
                let new = self.legs.insert(leg, Leg::default());
                assert!(new.is_none(), "{leg} dialled twice");
            }
            Command::Release { leg, .. } => {
                let live = self
                    .legs
                    .get_mut(&leg)
                    .expect("only live legs are released");
                assert!(!live.released, "{leg} released twice");
                live.released = true;
            }
            Command::Bridge { a, b }
            | Command::Join { leg: a, to: b }
            | Command::Listen { leg: a, to: b, .. } => {
                for leg in [a, b] {
                    assert!(self.legs[&leg].answered, "bridged before the answer");
                }
            }
            Command::Play { leg, .. } => {
                assert!(self.hears(leg));
                self.count(leg);
            }
            Command::Await { leg, of } => {
                assert!(self.hears(leg));
                assert!(!self.legs[&of].answered, "nothing to wait for");
            }
            Command::Dismiss { leg, .. } => {
                let live = self
                    .legs
                    .get_mut(&leg)
                    .expect("only live legs are dismissed");
                assert!(live.answered && !live.released, "{leg} dismissed");
                live.released = true;
                live.asked += 1;
            }
            // Nobody whom the town calls sends it elsewhere.
            Command::Follow { leg, .. } | Command::PassOver { leg } => {
                assert!(!self.legs[&leg].answered);
            }
            Command::Ring { leg } | Command::Queued { leg, .. } => {
                assert!(!self.legs[&leg].answered);
            }
            Command::SpeakEarly { leg } => {
                let known = self
                    .legs
                    .get_mut(&leg)
                    .expect("only live legs hear something");
                assert!(
                    !known.answered && !known.released && !known.early,
                    "{leg} hears"
                );
                known.early = true;
            }
            Command::Answer { leg } => assert!(!self.legs[&leg].answered),
            Command::LookUp { question } => {
                assert!(self.setup.lookup, "asked where nothing is configured");
                let known = self.fold.interaction(question.interaction);
                assert!(known.is_some_and(|known| known.found.is_none()));
                self.questions.push(question.interaction);
            }
            Command::Guide { .. } => self.check_guide(&command),
            Command::Rename { from, to } => {
                let mut leg = self.legs.remove(&from).expect("it lives");
                leg.asked = 0;
                assert!(leg.answered && !leg.released, "{from} moved to {to}");
                self.dead.push(from);
                self.legs.insert(to, leg);
            }
            Command::Record { leg, recording, .. } => {
                let known = self.fold.interaction(leg.interaction).expect("it lives");
                let tapes = &known.recordings;
                assert!(!tapes.refused, "{leg} is recorded though it was refused");
                let running = tapes.running.as_ref().map(|running| running.n);
                assert_eq!(running, Some(recording.n), "one at a time");
                assert!(self.legs[&leg].answered);
                self.tapes.push(recording);
            }
            Command::CallRecorder {
                leg,
                recording,
                with,
                paused,
            } => {
                let known = self.fold.interaction(leg.interaction).expect("it lives");
                let running = known.recordings.running.as_ref();
                let sending = running.and_then(|running| running.recorder.as_ref());
                assert!(
                    !known.recordings.refused,
                    "{leg} is sent though it was refused"
                );
                assert_eq!(
                    sending.map(|sending| &sending.to),
                    Some(&None),
                    "one at a time"
                );
                let pauses = running.is_some_and(|running| running.paused);
                assert_eq!(paused, pauses, "{leg} is heard in a pause");
                self.recorders.push((recording, with));
            }
            // What is over meanwhile is recorded no more.
            Command::PauseRecording { .. } | Command::StopRecording { .. } => {}
            Command::Notice { leg, .. } => {
                assert!(self.legs[&leg].answered);
                self.count(leg);
            }
            Command::Press { leg, .. }
            | Command::Part { leg }
            | Command::Mute { leg, .. }
            | Command::HandOut { leg, .. } => assert!(self.legs[&leg].answered),
            Command::TakeReferral { leg, done } => {
                let waits = !done;
                assert!(!waits || self.referred.insert(leg), "{leg} asked twice");
            }
            Command::ReportReferral { leg, .. } => {
                assert!(self.referred.remove(&leg), "{leg} waits for nothing");
            }
            Command::RefuseReferral { .. }
            | Command::Refuse { .. }
            | Command::RestorePhones { .. } => {}
        }
    }

    fn record(&mut self) -> Asked {
        let acts = [
            Record::Start,
            Record::Pause,
            Record::Pause,
            Record::Resume,
            Record::Stop,
            Record::Refuse,
        ];
        let act = *self.dice.pick(&acts).expect("some");
        Asked::Record { act }
    }

    // Something is asked of a recording that is being made.
    fn mind_tape(&mut self) {
        let made = self.fold.interactions().filter(|found| {
            let running = found.recordings.running.as_ref();
            running.is_some_and(|running| running.stopped.is_none())
        });
        let mut made: Vec<_> = made.map(|found| found.id).collect();
        made.sort_unstable();
        let Some(interaction) = self.dice.pick(&made).copied() else {
            return;
        };
        let wish = self.record();
        self.ask_in_call(interaction, wish);
    }

    fn ask_in_call(&mut self, interaction: InteractionId, wish: Asked) {
        let by = self.actor(interaction);
        let re = self.asker();
        self.tell(Input::InCall {
            interaction,
            by,
            wish,
            re,
        });
    }

    // Files are finished in any order, late, twice, never, or before they were to end.
    fn finish_tape(&mut self) {
        let Some(recording) = self.dice.pick(&self.tapes).copied() else {
            return;
        };
        if self.dice.chance(80) {
            self.tapes.retain(|other| *other != recording);
        }
        let outcome = match self.dice.chance(70) {
            true => Outcome::Kept(Kept {
                file: format!("{recording}.ogg"),
                ms: 1_000,
                bytes: 8_000,
                lost_ms: 0,
                cut: self.dice.chance(10),
                sha512: String::new(),
            }),
            false => Outcome::Lost {
                reason: "the disk was full".to_owned(),
            },
        };
        self.tell(Input::RecordingEnded { recording, outcome });
    }

    // Recorders take it or not, leave early, say so twice, or after all is over.
    fn hear_recorder(&mut self) {
        let Some((recording, with)) = self.dice.pick(&self.recorders).cloned() else {
            return;
        };
        if self.dice.chance(30) {
            self.recorders.retain(|(other, _)| *other != recording);
        }
        let reason = "503 Service Unavailable".to_owned();
        let news = match self.dice.below(4) {
            0 => RecorderNews::Failed { reason },
            1 => RecorderNews::Closed { reason },
            _ => RecorderNews::Opened {
                recorder: with.servers[0].clone(),
            },
        };
        self.tell(Input::Recorder { recording, news });
    }

    // Answers come in any order, late, twice or never.
    fn answer_lookup(&mut self) {
        let Some(interaction) = self.dice.pick(&self.questions).copied() else {
            return;
        };
        if self.dice.chance(80) {
            self.questions.retain(|other| *other != interaction);
        }
        let agents: Vec<_> = self.setup.agents.keys().cloned().collect();
        let agent = self.dice.pick(&agents).cloned();
        let nothing = self.dice.chance(20);
        let found = Found {
            name: self.dice.chance(50).then(|| "Ida".to_owned()),
            value: self.dice.chance(50).then(|| self.dice.below(12) as u8),
            external: [("crm".to_owned(), self.dice.below(3).to_string())].into(),
            agent: agent.filter(|_| self.dice.chance(50)),
            ..Found::default()
        };
        let found = if nothing { Found::default() } else { found };
        self.tell(Input::LookedUp {
            interaction,
            found: Box::new(found),
        });
    }

    fn asker(&mut self) -> Asker {
        self.next += 1;
        let re = Asker {
            socket: 1,
            id: self.next,
        };
        self.asked.insert(re);
        re
    }

    fn pass_time(&mut self) {
        let span = match self.dice.below(20) {
            0..=13 => self.dice.below(5_000),
            14..=18 => self.dice.below(60_000),
            _ => self.dice.below(900_000),
        };
        self.now = Timestamp(self.now.0 + span as u64);
        self.run_timers();
    }

    fn set_clock(&mut self) {
        let by = Duration::from_millis(self.dice.below(20_000_000) as u64);
        let jump = match self.dice.chance(50) {
            true => {
                self.now = self.now + by;
                Jump::ahead(by)
            }
            false => Jump::behind(by / 1_000),
        };
        self.hub.handle_step(jump, self.now);
        self.hub.handle_timeout(self.now);
        self.listen();
        self.run_timers();
        self.check();
    }

    fn agent(&mut self) -> AgentId {
        let agents: Vec<_> = self.setup.agents.keys().cloned().collect();
        self.dice.pick(&agents).expect("at least one").clone()
    }

    fn visitor(&mut self) -> VisitorId {
        VisitorId::new(1 + self.dice.below(9) as u128).expect("not nil")
    }

    fn number(&mut self) -> Number {
        match self.dice.below(12) {
            0 => name(SUPPRESSED),
            n => name(&format!("+4930{n}")),
        }
    }

    fn interaction(&mut self) -> Option<InteractionId> {
        let live: Vec<_> = self.fold.interactions().map(|found| found.id).collect();
        self.dice.pick(&live).copied()
    }

    fn mid(&mut self) -> Mid {
        if self.dice.chance(15)
            && let Some(mid) = self.dice.pick(&self.mids)
        {
            return mid.clone();
        }
        let mid: Mid = name(&format!("m{}", self.dice.below(100_000)));
        self.mids.push(mid.clone());
        mid
    }

    fn actor(&mut self, id: InteractionId) -> Actor {
        let found = self.fold.interaction(id);
        let agent = found
            .and_then(|f| f.assignment.as_ref())
            .map(|s| s.agent.clone());
        let visitor = found.and_then(|found| found.visitor);
        match (self.dice.below(10), agent, visitor) {
            (0, _, _) => Actor::Agent(self.agent()),
            (1, _, _) => Actor::Visitor(self.visitor()),
            (2, _, _) => Actor::TANDEM,
            (3..=6, Some(agent), _) => Actor::Agent(agent),
            (_, _, Some(visitor)) => Actor::Visitor(visitor),
            (_, Some(agent), None) => Actor::Agent(agent),
            (_, None, None) => Actor::TANDEM,
        }
    }

    fn move_console(&mut self) {
        let agent = self.agent();
        let open = self.consoles.entry(agent.clone()).or_default();
        let input = match (self.dice.below(8), open.first().copied()) {
            (0, Some(socket)) => {
                open.remove(&socket);
                Input::ConsoleClosed { agent, socket }
            }
            (0..=2, _) | (_, None) => {
                self.next += 1;
                let socket = self.next;
                open.insert(socket);
                Input::ConsoleOpened { agent, socket }
            }
            (n, Some(_)) => {
                let presence = match n {
                    3 => Presence::Away {
                        reason: "lunch".into(),
                    },
                    _ => Presence::Ready,
                };
                let re = self.asker();
                Input::SetPresence {
                    agent,
                    presence,
                    re,
                }
            }
        };
        self.tell(input);
    }

    fn move_widget(&mut self) {
        let visitor = self.visitor();
        let open = self.widgets.entry(visitor).or_default();
        let input = match open.pop_first() {
            Some(socket) => Input::WidgetClosed {
                visitor,
                socket,
                went: socket % 2 == 0,
            },
            None => {
                self.next += 1;
                open.insert(self.next);
                let socket = self.next;
                Input::WidgetOpened { visitor, socket }
            }
        };
        self.tell(input);
    }

    fn move_phone(&mut self) {
        let agent = self.agent();
        let input = match self.dice.chance(80) {
            true => Input::PhoneRegistered {
                agent,
                binding: "sip:phone".into(),
                until: self.now + Duration::from_secs(60 + self.dice.below(3_000) as u64),
            },
            false => Input::PhoneGone { agent },
        };
        self.tell(input);
    }

    fn candidate(&mut self) -> InteractionId {
        InteractionId::new(self.dice.id()).expect("not nil")
    }

    fn open_chat(&mut self) {
        let visitor = self.visitor();
        let who = Introduction {
            visitor,
            zone: name(if self.dice.chance(60) {
                "shop"
            } else {
                "deals"
            }),
            name: self.dice.chance(50).then(|| "Ida".into()),
            mail: self.dice.chance(30).then(|| "ida@x.example".into()),
            verified: self.dice.chance(20).then(|| hub::input::Signed {
                subject: format!("v{}", self.dice.below(3)),
                name: None,
                mail: self.dice.chance(50).then(|| "ida@x.example".into()),
                number: None,
            }),
            page: None,
            referrer: None,
            form: None,
        };
        let wanted = Wanted {
            number: self.number(),
            at: self.dice.chance(80).then(|| {
                let ahead = Duration::from_secs(self.dice.below(600) as u64);
                self.now + ahead
            }),
            wish: self.dice.chance(50).then(|| Box::new(self.wish())),
        };
        let (candidate, mid, re) = (self.candidate(), self.mid(), self.asker());
        let text = "hello".into();
        let input = match self.dice.chance(30) {
            true => Input::OpenCallback {
                candidate,
                who,
                mid,
                text,
                wanted: Box::new(wanted),
                re,
            },
            false => Input::OpenChat {
                candidate,
                who,
                mid,
                text,
                re,
            },
        };
        self.tell(input);
        // A message that they left by voice is none.
        let live = self.fold.of_visitor(visitor).filter(|found| found.writes());
        let zones: Vec<_> = live.map(|found| found.zone.clone()).collect();
        let unique: BTreeSet<_> = zones.iter().collect();
        assert_eq!(
            zones.len(),
            unique.len(),
            "two chats of one visitor in a zone"
        );
    }

    fn say(&mut self) {
        let Some(interaction) = self.interaction() else {
            return;
        };
        let input = Input::Say {
            interaction,
            by: self.actor(interaction),
            mid: self.mid(),
            text: match self.dice.below(40) {
                0 => String::new(),
                1 => "stop".into(),
                2..=3 => "Start.".into(),
                _ => "yes".into(),
            },
            re: self.asker(),
        };
        self.tell(input);
    }

    fn arrive(&mut self) {
        self.next += 1;
        let claims = match self.dice.chance(20) {
            true => self.interaction().into_iter().collect(),
            false => Vec::new(),
        };
        let to = ["support", "sales", "support", "a0", "a1", "nobody"];
        let arrival = Arrival {
            candidate: self.candidate(),
            call: self.next,
            peer: match self.dice.chance(90) {
                true => Peer::Trunk(name("carrier")),
                false => Peer::Phone(self.agent()),
            },
            from: self.dice.chance(90).then(|| self.number()),
            name: None,
            caller: Default::default(),
            to: (*self.dice.pick(&to).expect("some")).to_owned(),
            claims,
            external: vec![("X-Other-ID".into(), "7".into())],
            replaces: None,
        };
        self.tell(Input::CallArrived(arrival));
    }

    fn answer_offer(&mut self) {
        let offers: Vec<_> = self
            .fold
            .interactions()
            .filter_map(|f| Some((f.id, f.offer.as_ref()?.agent.clone())))
            .collect();
        let Some((interaction, agent)) = self.dice.pick(&offers).cloned() else {
            return;
        };
        let agent = if self.dice.chance(5) {
            self.agent()
        } else {
            agent
        };
        let re = self.asker();
        let input = match self.dice.chance(88) {
            true => Input::Accept {
                agent,
                interaction,
                re,
            },
            false => Input::Decline {
                agent,
                interaction,
                re,
            },
        };
        self.tell(input);
    }

    fn count(&mut self, leg: LegId) {
        self.legs.get_mut(&leg).expect("it lives").asked += 1;
    }

    fn hears(&self, leg: LegId) -> bool {
        self.legs[&leg].answered || self.legs[&leg].speaks
    }

    // Of a leg that is over already.
    fn late_news(&mut self) -> Option<Input> {
        if !self.dice.chance(5) {
            return None;
        }
        let leg = self.dice.pick(&self.dead).copied()?;
        let cause = self.cause();
        Some(match self.dice.below(5) {
            4 => self.measure(leg),
            0 => Input::Leg(LegNews::Ringing { leg }),
            1 => Input::Leg(LegNews::Answered { leg }),
            2 => Input::Leg(LegNews::Flowing { leg }),
            _ => Input::Leg(LegNews::Ended { leg, cause }),
        })
    }

    fn move_leg(&mut self) {
        if let Some(late) = self.late_news() {
            return self.tell(late);
        }
        let legs: Vec<_> = self.legs.keys().copied().collect();
        let Some(leg) = self.dice.pick(&legs).copied() else {
            return;
        };
        let known = self.legs.get_mut(&leg).expect("picked from them");
        // Now and then what was said before ends as the next begins.
        let turn = known.asked - u32::from(known.asked > 0 && self.dice.chance(10));
        let asked = self.fold.interaction(leg.interaction);
        let asked = asked.and_then(|found| found.rating.as_ref()?.leg) == Some(leg);
        if asked && known.answered && !known.released && self.dice.chance(60) {
            let digit = *self.dice.pick(&['1', '3', '5', '9', '*']).expect("some");
            let key = match self.dice.chance(70) {
                true => Input::Leg(LegNews::Digit { leg, digit }),
                false => Input::Leg(LegNews::Heard { leg, turn }),
            };
            return self.tell(key);
        }
        let leaves = self.fold.interaction(leg.interaction);
        let leaves = leaves.is_some_and(hub::interaction::Interaction::leaves_voicemail);
        if leaves && known.answered && !known.released && self.dice.chance(60) {
            let digit = '#';
            let news = match self.dice.below(5) {
                0 => LegNews::Digit { leg, digit },
                1 => LegNews::Quiet { leg },
                2 => LegNews::Spoke { leg },
                _ => LegNews::Heard { leg, turn },
            };
            return self.tell(Input::Leg(news));
        }
        if known.early && !known.speaks && self.dice.chance(60) {
            known.speaks = true;
            return self.tell(Input::Leg(LegNews::Early { leg }));
        }
        let input = match self.dice.below(13) {
            12 => Input::Leg(LegNews::Digit {
                leg,
                digit: *self.dice.pick(&['1', '9', '5']).expect("some"),
            }),
            0..=1 => Input::Leg(LegNews::Ringing { leg }),
            2..=6 => {
                known.answered = true;
                Input::Leg(LegNews::Answered { leg })
            }
            7..=8 => Input::Leg(LegNews::Flowing { leg }),
            9 if !known.released => self.measure(leg),
            _ => {
                self.legs.remove(&leg);
                self.dead.push(leg);
                let cause = self.cause();
                Input::Leg(LegNews::Ended { leg, cause })
            }
        };
        self.tell(input);
    }

    fn measure(&mut self, leg: LegId) -> Input {
        let moments = [Moment::Poor, Moment::Fair];
        Input::Leg(LegNews::Measured {
            leg,
            moment: *self.dice.pick(&moments).expect("some"),
            measured: Measured {
                codec: "PCMA".to_owned(),
                mos: 300,
                jitter_ms: 3,
                lost: 1200,
                round_trip_ms: None,
                party_lost: Some(10),
            },
        })
    }

    fn cause(&mut self) -> Cause {
        let kinds = [
            CauseKind::Normal,
            CauseKind::Cancelled,
            CauseKind::Busy,
            CauseKind::NoAnswer,
            CauseKind::Rejected,
            CauseKind::Unwanted,
            CauseKind::MediaLost,
        ];
        Cause {
            kind: *self.dice.pick(&kinds).expect("some"),
            status: None,
            text: "so it goes".into(),
        }
    }

    // Whatever counts of what was said of the address and the customer lets the mail pass.
    fn may_be_mailed(&self, to: &str, customer: CustomerId, at: Timestamp) {
        let customers = self.fold.customers();
        let family = customers.family(customers.root(customer));
        let family = family.into_iter().map(Subject::Customer);
        for subject in Subject::mail(to).into_iter().chain(family) {
            let standing = self.fold.consents().get(&subject, ContactChannel::Mail);
            let marks = standing.into_iter();
            let marks = marks.flat_map(|it| [&it.consent, &it.suppression].into_iter().flatten());
            for mark in marks {
                assert!(passes(mark, at), "{to} written to against {mark:?}");
            }
        }
    }

    // Whatever counts of what was said of number, its owner and the customer of the interaction lets the call pass.
    fn may_be_called(&self, id: InteractionId, number: &Number) {
        let found = self.fold.interaction(id).expect("it is dialled for");
        for subject in subjects(&self.fold, number, found.customer) {
            let Some(standing) = self.fold.consents().get(&subject, ContactChannel::Voice) else {
                continue;
            };
            for mark in [&standing.consent, &standing.suppression]
                .into_iter()
                .flatten()
            {
                assert!(passes(mark, self.now), "{number} dialled against {mark:?}");
            }
        }
    }

    fn consent(&mut self) {
        let change = [
            Change::Given,
            Change::Withdrawn,
            Change::Suppressed,
            Change::Unsuppressed,
            Change::Unsuppressed,
        ];
        if self.dice.chance(30)
            && let Some(interaction) = self.interaction()
        {
            let input = Input::TellConsent {
                interaction,
                by: self.actor(interaction),
                channel: ContactChannel::Voice,
                given: self.dice.chance(60),
                reason: None,
                re: self.asker(),
            };
            return self.tell(input);
        }
        let customers: Vec<_> = self
            .fold
            .interactions()
            .map(|found| found.customer)
            .collect();
        let subject = match self
            .dice
            .pick(&customers)
            .copied()
            .filter(|_| self.now.0.is_multiple_of(3))
        {
            Some(customer) => Subject::Customer(customer),
            None => Subject::Number(self.number()),
        };
        let until = self.dice.chance(50).then(|| {
            let span = Duration::from_secs(self.dice.below(400) as u64);
            self.now + span
        });
        let said = Statement {
            subject,
            channel: ContactChannel::Voice,
            change: *self.dice.pick(&change).expect("some"),
            source: Source::Api,
            reason: None,
            until,
            by: None,
        };
        let re = self.asker();
        self.tell(Input::SetConsent {
            said,
            interaction: None,
            by: Actor::TANDEM,
            re,
        });
    }

    fn escalate(&mut self) {
        let Some(interaction) = self.interaction() else {
            return;
        };
        let input = Input::Escalate {
            interaction,
            by: self.actor(interaction),
            number: self.number(),
            re: self.asker(),
        };
        self.tell(input);
    }

    fn wish(&mut self) -> Wish {
        let ahead = |dice: &mut Dice, most| Duration::from_secs(dice.below(most) as u64);
        let orders = [Order::Together, Order::AgentFirst, Order::CustomerFirst];
        Wish {
            until: self
                .dice
                .chance(30)
                .then(|| self.now + ahead(&mut self.dice, 1_500)),
            zone: self.dice.chance(20).then(|| "Asia/Tokyo".to_owned()),
            owner: self.dice.chance(25).then(|| self.agent()),
            order: self.dice.pick(&orders).copied(),
            remind: self
                .dice
                .chance(20)
                .then(|| ahead(&mut self.dice, 100).as_secs()),
            keep_place: self.dice.chance(30),
        }
    }

    fn callback(&mut self) {
        let open: Vec<_> = self.fold.open_callbacks().collect();
        if self.dice.chance(20)
            && let Some(callback) = self.dice.pick(&open).copied()
        {
            let ahead = Duration::from_secs(self.dice.below(500) as u64);
            let change = Revision {
                at: self.dice.chance(60).then(|| self.now + ahead),
                until: self.dice.chance(20).then(|| self.now + ahead * 2),
                owner: self
                    .dice
                    .chance(50)
                    .then(|| self.dice.chance(70).then(|| self.agent())),
                owner_was: None,
            };
            let input = Input::ReviseCallback {
                callback,
                by: self.actor(callback.interaction),
                change,
                re: self.asker(),
            };
            return self.tell(input);
        }
        if self.dice.chance(25)
            && let Some(callback) = self.dice.pick(&open).copied()
        {
            let by = self.actor(callback.interaction);
            let re = self.asker();
            return self.tell(Input::CancelCallback { callback, by, re });
        }
        let at = self.dice.chance(50).then(|| {
            let span = Duration::from_secs(self.dice.below(600) as u64);
            self.now + span
        });
        let (interaction, queue, by) = match (self.dice.chance(40), self.interaction()) {
            (false, Some(id)) => (id, None, self.actor(id)),
            (_, _) => (self.candidate(), Some(name("support")), Actor::TANDEM),
        };
        let input = Input::AskCallback {
            interaction,
            queue,
            by,
            number: self.number(),
            at,
            wish: self.wish(),
            re: self.asker(),
        };
        self.tell(input);
    }

    // What agents, phones and PBXs do within running calls, and what replaces their legs.
    fn talk(&mut self) {
        let running = self.fold.interactions();
        let running = running.filter(|f| f.call.as_ref().is_some_and(|c| c.bridged.is_some()));
        let mut running: Vec<_> = running.map(|found| found.id).collect();
        running.sort_unstable();
        let Some(interaction) = self.dice.pick(&running).copied() else {
            return;
        };
        if self.dice.chance(25) {
            return self.refer(interaction);
        }
        let handed = self.fold.interactions();
        let handed = handed.filter_map(|found| {
            let call = found.call.as_ref()?;
            call.handed.is_some().then_some(call.customer)
        });
        if let Some(leg) = handed.min().filter(|_| self.dice.chance(60)) {
            let status = *self.dice.pick(&[200, 408, 603]).expect("some");
            return self.tell(Input::Leg(LegNews::HandedOut { leg, status }));
        }
        let to = self.transfer_to();
        let note = None;
        let on = self.dice.chance(50);
        let wish = match self.dice.below(17) {
            0 | 1 => Asked::Transfer { to, note },
            2..=4 => Asked::Consult { to },
            5 | 6 => Asked::Complete { note },
            7 => Asked::TakeBack,
            8 => Asked::Hold { on },
            10 | 11 => Asked::Conference,
            12 => Asked::Supervise {
                channel: Channel::Voice,
                act: *self
                    .dice
                    .pick(&[
                        Supervise::Listen,
                        Supervise::Whisper,
                        Supervise::Barge,
                        Supervise::TakeOver,
                        Supervise::Stop,
                    ])
                    .expect("some"),
            },
            13..=15 => self.record(),
            16 => {
                let found = self
                    .fold
                    .interaction(interaction)
                    .expect("picked from them");
                let call = found.call.as_ref().expect("it has one");
                let guests: Vec<_> = call.guests.iter().map(|guest| guest.leg).collect();
                let leg = self.dice.pick(&guests).copied();
                Asked::Dismiss {
                    leg: leg.unwrap_or(call.customer),
                }
            }
            _ => Asked::Mute { on },
        };
        self.ask_in_call(interaction, wish);
    }

    fn transfer_to(&mut self) -> TransferTo {
        match self.dice.below(5) {
            0 => TransferTo::Queue(name(["support", "sales", "nowhere"][self.dice.below(3)])),
            1 | 2 => TransferTo::Number(self.number()),
            _ => TransferTo::Agent(self.agent()),
        }
    }

    fn refer(&mut self, id: InteractionId) {
        let found = self.fold.interaction(id).expect("picked from them");
        let call = found.call.clone().expect("it has one");
        let legs = [Some(call.customer), call.agent];
        let legs: Vec<_> = legs.into_iter().flatten().collect();
        let leg = *self.dice.pick(&legs).expect("two");
        if !self.legs.contains_key(&leg) {
            return;
        }
        if self.dice.chance(40) {
            self.next += 1;
            let arrival = Arrival {
                candidate: self.candidate(),
                call: self.next,
                peer: Peer::Trunk(name("carrier")),
                from: Some(self.number()),
                name: None,
                caller: Default::default(),
                to: "support".to_owned(),
                claims: Vec::new(),
                external: Vec::new(),
                replaces: Some(leg),
            };
            return self.tell(Input::CallArrived(arrival));
        }
        let to = ["support", "a0", "a1", "+4930100", "x"];
        let others: Vec<_> = self.legs.keys().copied().collect();
        let other = *self.dice.pick(&others).expect("there are some");
        let referral = Referral {
            user: (*self.dice.pick(&to).expect("some")).to_owned(),
            here: self.dice.chance(50),
            trusted: self.dice.chance(80),
            replaces: self.dice.chance(40).then_some(Replaced::Ours(other)),
            by: None,
        };
        self.tell(Input::Leg(LegNews::Referred { leg, referral }));
    }

    fn hang_up_or_end(&mut self) {
        let Some(interaction) = self.interaction() else {
            return;
        };
        let by = self.actor(interaction);
        let re = self.asker();
        let input = match self.dice.chance(40) {
            true => Input::HangUp {
                interaction,
                by,
                re,
            },
            false => Input::End {
                interaction,
                by,
                re,
            },
        };
        self.tell(input);
    }

    fn rate(&mut self) {
        let asked = self.fold.interactions().filter(|f| {
            let rating = f.rating.as_ref();
            rating.is_some_and(|rating| rating.leg.is_none() || f.id.number() % 5 == 0)
        });
        let asked: Vec<_> = asked.map(|found| found.id).collect();
        let picked = self
            .dice
            .pick(&asked)
            .copied()
            .or_else(|| self.interaction());
        let Some(interaction) = picked else {
            return;
        };
        let score = 1 + self.dice.below(5) as u8;
        let score = self
            .dice
            .chance(80)
            .then(|| score.try_into().expect("1 to 5"));
        let by = match self.fold.interaction(interaction).and_then(|f| f.visitor) {
            Some(visitor) if self.dice.chance(90) => Actor::Visitor(visitor),
            Some(_) | None => self.actor(interaction),
        };
        let comment = self.dice.chance(50).then(|| "good".into());
        let re = self.asker();
        self.tell(Input::Rate {
            interaction,
            by,
            score,
            comment,
            re,
        });
    }

    fn wrap_up(&mut self) {
        let wrapping: Vec<_> = self
            .fold
            .interactions()
            .filter_map(|f| Some((f.id, f.assignment.as_ref()?)))
            .filter(|(_, stay)| stay.wrap_up.is_some() || stay.since.0 % 7 == 0)
            .map(|(id, stay)| (id, stay.agent.clone()))
            .collect();
        let Some((interaction, agent)) = self.dice.pick(&wrapping).cloned() else {
            return;
        };
        let input = Input::WrapUp {
            agent,
            interaction,
            disposition: self.dice.chance(50).then(|| "solved".into()),
            note: None,
            solved: self.dice.chance(50).then_some(true),
            re: self.asker(),
        };
        self.tell(input);
    }

    // Somebody does something to the records of customers of whatever time.
    fn keep_records(&mut self) {
        let opened = self.journal.iter().filter_map(|fact| match &fact.event {
            Event::Opened { customer, .. } => Some(*customer),
            _ => None,
        });
        let all: Vec<_> = opened.collect();
        let (Some(customer), Some(other)) =
            (self.dice.pick(&all).copied(), self.dice.pick(&all).copied())
        else {
            return;
        };
        let reason = "the town says so".to_owned();
        let merged = self.journal.iter().filter_map(|fact| match &fact.event {
            Event::CustomersMerged { merged, .. } => Some(*merged),
            _ => None,
        });
        let merged: Vec<_> = merged.collect();
        if self.dice.chance(25)
            && let Some(customer) = self.dice.pick(&merged).copied()
        {
            let input = Input::Customer {
                customer,
                order: RecordOrder::Unmerge { reason },
                by: Actor::TANDEM,
                re: self.asker(),
            };
            return self.tell(input);
        }
        let order = match self.dice.below(10) {
            0..=3 => RecordOrder::Merge { other, reason },
            4..=5 => RecordOrder::Unmerge { reason },
            6 => RecordOrder::Erase { reason },
            7 => RecordOrder::Value(self.dice.below(10) as u8),
            8 => RecordOrder::Link {
                system: "crm".to_owned(),
                id: self.dice.below(5).to_string(),
            },
            _ => RecordOrder::Describe {
                cleared: Vec::new(),
                name: Some("Ida".to_owned()),
                number: Some(self.number()),
                mail: None,
                value: None,
            },
        };
        let re = self.asker();
        let by = Actor::TANDEM;
        self.tell(Input::Customer {
            customer,
            order,
            by,
            re,
        });
    }

    // Somebody says that two matters are one, or are not; mostly of those that go on, of one customer.
    fn link_matters(&mut self) {
        let mut live: Vec<_> = self.fold.interactions().map(|found| found.id).collect();
        live.sort_unstable();
        let Some(kept) = self.dice.pick(&live).copied() else {
            return;
        };
        let whose = |id: InteractionId| {
            let found = self.fold.interaction(id)?;
            Some(self.fold.customers().root(found.customer))
        };
        let theirs = live.iter().copied();
        let mut theirs: Vec<_> = theirs.filter(|id| whose(*id) == whose(kept)).collect();
        theirs.retain(|id| *id != kept);
        let linked = self.fold.links().iter().map(|(merged, _)| merged);
        let linked: Vec<_> = linked.filter(|id| live.contains(id)).collect();
        let other = match self.dice.chance(10) {
            true => self.dice.pick(&live),
            false => self.dice.pick(&theirs),
        };
        let other = other.copied();
        let reason = "the town says so".to_owned();
        let unmerged = self.dice.pick(&linked).copied();
        let unmerged = unmerged.filter(|_| self.dice.chance(50));
        let (interaction, order) = match (unmerged, other) {
            (Some(merged), _) => (merged, LinkOrder::Unmerge { reason }),
            (None, Some(other)) => (kept, LinkOrder::Merge { other, reason }),
            (None, None) => return,
        };
        let re = self.asker();
        let by = Actor::TANDEM;
        self.tell(Input::Link {
            interaction,
            order,
            by,
            re,
        });
    }

    fn configure_or_drain(&mut self) {
        if self.dice.chance(10) {
            self.draining = true;
            return self.tell(Input::Drain);
        }
        let suppressed = self.number();
        let trunk = self.dice.chance(80).then(|| name("carrier"));
        self.setup.outbound = trunk;
        self.setup.suppressed.truncate(1);
        if self.dice.chance(50) {
            self.setup.suppressed.push(suppressed);
        }
        for queue in self.setup.queues.values_mut() {
            queue.limit = 2 + self.dice.below(12);
        }
        let setup = Box::new(self.setup.clone());
        self.tell(Input::Configure(setup));
    }

    // The process dies; a new one has the journal, and later perhaps only what is kept of it.
    fn crash(&mut self) {
        self.recorders.clear();
        self.referred.clear();
        self.now = Timestamp(self.now.0 + self.dice.below(100_000) as u64);
        let seed = self.dice.seed();
        let setup = self.setup.clone();
        let mut whole = Hub::new(setup.clone(), seed);
        for fact in &self.journal {
            whole.replay(fact);
        }
        assert!(
            *whole.state() == *self.hub.state(),
            "replay is not the state"
        );
        let mut reduced = Hub::new(setup, seed);
        for fact in self.reduced() {
            reduced.replay(fact);
        }
        whole.start(self.now);
        reduced.start(self.now);
        assert!(whole.state() == reduced.state(), "reduced replay differs");
        self.draining = false;
        self.consoles.clear();
        self.widgets.clear();
        self.dead.extend(std::mem::take(&mut self.legs).into_keys());
        self.attempts.clear();
        self.hub = match self.dice.chance(50) {
            true => whole,
            false => reduced,
        };
        self.listen();
        self.check();
        if self.dice.chance(70) {
            self.come_in();
        }
    }

    fn reduced(&self) -> Vec<&Fact> {
        let mut presence: BTreeMap<&AgentId, usize> = BTreeMap::new();
        let mut phone: BTreeMap<&AgentId, usize> = BTreeMap::new();
        for (n, fact) in self.journal.iter().enumerate() {
            match &fact.event {
                Event::PresenceSet { agent, .. } => presence.insert(agent, n),
                Event::PhoneRegistered { agent, .. } | Event::PhoneGone { agent } => {
                    phone.insert(agent, n)
                }
                _ => None,
            };
        }
        let last: BTreeSet<usize> = presence.into_values().chain(phone.into_values()).collect();
        let kept = self.journal.iter().enumerate().filter(|(n, fact)| {
            let sealed = fact.interaction.is_some_and(|id| self.sealed.contains(&id));
            match (&fact.event, fact.interaction) {
                (
                    Event::CustomerKnown { .. }
                    | Event::CustomersMerged { .. }
                    | Event::CustomersUnmerged { .. }
                    | Event::InteractionsMerged { .. }
                    | Event::InteractionsUnmerged { .. }
                    | Event::LookedUp { .. }
                    | Event::CustomerLinked { .. }
                    | Event::CustomerValued { .. }
                    | Event::CustomerErased { .. },
                    None,
                ) => true,
                (Event::ConsentChanged(_) | Event::ClockStepped(_), _) => true,
                (_, None) => last.contains(n),
                (_, Some(_)) if !sealed => true,
                (event, Some(_)) => matches!(
                    event,
                    Event::Opened { .. }
                        | Event::CustomerKnown { .. }
                        | Event::RepeatOf { .. }
                        | Event::WaitEnded { .. }
                        | Event::Rated { .. }
                        | Event::Ended { .. }
                        | Event::Sealed { .. }
                ),
            }
        });
        kept.map(|(_, fact)| fact).collect()
    }

    // Everybody goes home in order.
    pub fn close(&mut self) {
        let live: Vec<_> = self.fold.interactions().map(|found| found.id).collect();
        for interaction in live {
            let re = self.asker();
            let by = Actor::TANDEM;
            self.tell(Input::End {
                interaction,
                by,
                re,
            });
        }
        let open: Vec<_> = self.fold.open_callbacks().collect();
        for callback in open {
            let re = self.asker();
            let by = Actor::TANDEM;
            self.tell(Input::CancelCallback { callback, by, re });
        }
        for _ in 0..50 {
            self.end_released();
            self.now = Timestamp(self.now.0 + 30_000);
            self.run_timers();
        }
        self.all_is_over();
    }

    // Nobody does anything any more.
    pub fn abandon(&mut self) {
        for _ in 0..400 {
            if self.dice.chance(50) {
                self.end_released();
            }
            self.now = Timestamp(self.now.0 + 300_000);
            self.run_timers();
        }
        // A promise lives as long in hours in which it can be kept, and some days have few of them.
        let end = Timestamp(self.now.0 + 100 * 86_400_000);
        while self.now < end && self.fold.open_callbacks().next().is_some() {
            self.end_released();
            self.now = Timestamp(self.now.0 + 300_000);
            self.run_timers();
        }
        // So does a message, and nothing else goes on with it.
        let left = |fold: &State| {
            let mut left = fold.interactions().filter(|found| found.message.is_some());
            left.next().is_some()
        };
        while self.now < end && left(&self.fold) {
            self.end_released();
            self.now = Timestamp(self.now.0 + 7_200_000);
            self.run_timers();
        }
        // What ended with them takes its time.
        for _ in 0..100 {
            self.end_released();
            self.now = Timestamp(self.now.0 + 300_000);
            self.run_timers();
        }
        self.end_released();
        self.all_is_over();
    }

    fn end_released(&mut self) {
        let released = self.legs.iter().filter(|(_, leg)| leg.released);
        let released: Vec<_> = released.map(|(leg, _)| *leg).collect();
        for leg in released {
            self.legs.remove(&leg);
            self.dead.push(leg);
            let cause = self.cause();
            self.tell(Input::Leg(LegNews::Ended { leg, cause }));
        }
    }

    fn all_is_over(&self) {
        let open: Vec<_> = self.fold.interactions().collect();
        assert!(open.is_empty(), "never sealed: {open:?}");
        let left: Vec<_> = self.legs.keys().collect();
        assert!(left.is_empty(), "never released: {left:?}");
        let referred = &self.referred;
        assert!(referred.is_empty(), "never told: {referred:?}");
        for (agent, known) in self.fold.agents().iter() {
            assert!(known.holds().is_empty(), "{agent} still holds something");
        }
    }
}

// What was said last counts until its end, then what was said before and lasts longer.
fn passes(mark: &Mark, at: Timestamp) -> bool {
    let over = mark.until.is_some_and(|until| until <= at);
    match over {
        true => mark.before.as_ref().is_none_or(|mark| passes(mark, at)),
        false => mark.allows,
    }
}

// What kind of fact it is, in words that tell apart what is to happen in a run.
fn kind(event: &Event) -> String {
    let kind = format!("{event:?}");
    let kind: String = kind
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect();
    match event {
        Event::OfferEnded { end, .. } => format!("{kind} {end:?}"),
        Event::CallbackEnded { end, .. } => format!("{kind} {}", end.words()),
        Event::AssignmentEnded { reason, .. } => format!("{kind} {reason}"),
        Event::InCall(step) => format!("{kind} {}", step.word()),
        Event::InChat(step) => format!("{kind} {}", step.word()),
        Event::Recording(step) => step.word().to_owned(),
        Event::Diverted { to, .. } => {
            let to = to.to_string();
            format!("{kind} {}", to.split(':').next().unwrap_or_default())
        }
        Event::Cobrowsed { act, .. } => pages::kind(act),
        Event::Mended { what } => match what.contains("released") {
            true => format!("{kind} released"),
            false => format!("{kind} old"),
        },
        _ => kind,
    }
}
