//! The media plane: what is open, agreed, bridged and played, and what comes from each far party.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use sip::{
    dtmf::Digit,
    media::{BROWSER, LegKey, LegStats, MediaCommand, MediaEvent, OpenError, Program, PromptId},
    quality::Quality,
    sdp::{Codec, Direction, RemoteMedia},
    speech::Listen,
};

use crate::{agenda::Time, dice::Dice};

/// How often a leg is listened to.
const LISTENS: u64 = 5_000;

/// After so many times it is another quality.
const TURNS: u32 = 3;

/// One leg's media.
#[derive(Debug, Default)]
pub struct Leg {
    port: u16,
    pub remote: Option<RemoteMedia>,
    pub partner: Option<LegKey>,
    /// Whom it hears.
    hears: BTreeSet<LegKey>,
    flowing: bool,
    /// A browser's handshake is done.
    secured: bool,
    /// Nothing comes from the browser.
    hushed: bool,
    listens: u32,
    /// What it is recorded as.
    tape: Option<Arc<str>>,
    /// Nothing of it is to be heard in the recording.
    rests: bool,
}

/// All legs of one daemon.
#[derive(Debug, Default)]
pub struct Plane {
    legs: BTreeMap<LegKey, Leg>,
    /// What is said within conversations.
    notices: BTreeSet<Arc<str>>,
}

impl Leg {
    // It is poor and fair by turns.
    fn turn(&mut self, leg: LegKey) -> Option<MediaEvent> {
        self.listens += 1;
        let turns = self.listens.is_multiple_of(TURNS);
        let quality = Quality::of(&stats()).filter(|_| turns)?;
        let poor = self.listens / TURNS % 2 == 1;
        Some(MediaEvent::Turned { leg, poor, quality })
    }
}

// What was counted of a leg of which something came.
fn stats() -> LegStats {
    LegStats {
        codec: Some(Codec::Pcma),
        packets_received: 900,
        packets_lost: 100,
        ..LegStats::default()
    }
}

/// What follows from a command, and when.
pub enum After {
    Event(u64, MediaEvent),
    Listen(u64, LegKey),
    /// A recording is over, and is to be kept or not.
    Taped(Arc<str>, bool),
}

impl Plane {
    /// Begins without legs; within conversations nothing but these announcements is to be heard.
    pub fn new(notices: &[Arc<str>]) -> Self {
        Self {
            notices: notices.iter().cloned().collect(),
            ..Self::default()
        }
    }

    pub fn legs(&self) -> &BTreeMap<LegKey, Leg> {
        &self.legs
    }

    /// Carries a command out.
    pub fn handle(&mut self, command: MediaCommand, dice: &mut Dice) -> Vec<After> {
        match command {
            MediaCommand::Open { leg, port, .. } => vec![self.open(leg, port, dice)],
            MediaCommand::Browser { leg, .. } => self.expect(leg, dice),
            MediaCommand::Remote { leg, media } => self.agree(leg, media, dice),
            MediaCommand::Bridge { a, b } => {
                self.bridge(a, b);
                Vec::new()
            }
            MediaCommand::Hear { leg, whom } => {
                self.hear(leg, &whom);
                Vec::new()
            }
            MediaCommand::Unbridge { leg } => {
                self.part(leg);
                Vec::new()
            }
            MediaCommand::Play {
                leg,
                turn,
                what,
                witnessed,
                ..
            } => self.play((leg, turn), &what, witnessed, dice),
            MediaCommand::Record { leg, name, listen } => {
                let Some(entry) = self.legs.get_mut(&leg) else {
                    return vec![After::Taped(name, false)];
                };
                entry.rests = false;
                let before = entry.tape.replace(name);
                assert_eq!(before, None, "{leg:?} is recorded twice");
                listen.map_or_else(Vec::new, |listen| speak(leg, listen, dice))
            }
            MediaCommand::StopRecording { leg, keep } => self.untape(leg, keep),
            MediaCommand::PauseRecording { leg, on } => {
                if let Some(entry) = self.legs.get_mut(&leg) {
                    entry.rests = on;
                }
                Vec::new()
            }
            MediaCommand::StopPlaying { .. }
            | MediaCommand::Watch { .. }
            | MediaCommand::Digit { .. } => Vec::new(),
            MediaCommand::Close { leg } => {
                let taped = self.untape(leg, true);
                self.part(leg);
                let heard = self.legs.remove(&leg).filter(|entry| entry.flowing);
                let stats = heard.map(|_| stats()).unwrap_or_default();
                let stats = After::Event(1, MediaEvent::Stats { leg, stats });
                taped.into_iter().chain([stats]).collect()
            }
        }
    }

    fn untape(&mut self, leg: LegKey, keep: bool) -> Vec<After> {
        let tape = self.legs.get_mut(&leg).and_then(|leg| leg.tape.take());
        let taped = tape.map(|name| After::Taped(name, keep));
        taped.into_iter().collect()
    }

    fn open(&mut self, leg: LegKey, port: u16, dice: &mut Dice) -> After {
        if dice.chance(2) {
            let error = OpenError::PortInUse;
            return After::Event(0, MediaEvent::OpenFailed { leg, port, error });
        }
        let taken = self.legs.values().any(|other| other.port == port);
        assert!(!taken, "one port for one leg: {port} is given out twice");
        let entry = Leg {
            port,
            ..Leg::default()
        };
        let twice = self.legs.insert(leg, entry);
        assert!(twice.is_none(), "{leg:?} is opened twice");
        After::Event(dice.below(6) as u64, MediaEvent::Opened { leg, port })
    }

    // A browser comes soon, and now and then not at all.
    fn expect(&mut self, leg: LegKey, dice: &mut Dice) -> Vec<After> {
        let entry = self.legs.entry(leg).or_default();
        (entry.secured, entry.hushed) = (false, dice.chance(10));
        match dice.chance(5) {
            true => vec![After::Event(30_000, MediaEvent::Unsecured { leg })],
            false => vec![After::Event(
                5 + dice.below(200) as u64,
                MediaEvent::Secured { leg },
            )],
        }
    }

    fn agree(&mut self, leg: LegKey, media: RemoteMedia, dice: &mut Dice) -> Vec<After> {
        let Some(entry) = self.legs.get_mut(&leg) else {
            return Vec::new();
        };
        let first = entry.remote.replace(media).is_none();
        let soon = 20 + dice.below(300) as u64;
        first
            .then_some(After::Listen(soon, leg))
            .into_iter()
            .collect()
    }

    fn bridge(&mut self, a: LegKey, b: LegKey) {
        assert_ne!(a, b, "a leg is bridged to itself");
        self.silence(a);
        self.silence(b);
        for (leg, partner) in [(a, b), (b, a)] {
            let Some(entry) = self.legs.get_mut(&leg) else {
                continue;
            };
            assert_ne!(
                entry.partner,
                Some(partner),
                "no leg is in two bridges: {leg:?} is bridged to {partner:?} already"
            );
            let before = entry.partner.replace(partner);
            entry.hears = BTreeSet::from([partner]);
            // Another leg takes its place, and it goes.
            if let Some(old) = before.and_then(|old| self.legs.get_mut(&old)) {
                old.partner = None;
            }
        }
    }

    fn hear(&mut self, leg: LegKey, whom: &[LegKey]) {
        assert!(!whom.contains(&leg), "{leg:?} is to hear itself");
        let open = whom.iter().filter(|other| self.legs.contains_key(other));
        let open: BTreeSet<LegKey> = open.copied().collect();
        let Some(entry) = self.legs.get_mut(&leg) else {
            return;
        };
        // Who hears others than the other of a bridge is in none.
        let partner = entry
            .partner
            .take_if(|other| open != BTreeSet::from([*other]));
        entry.hears = open;
        if let Some(entry) = partner.and_then(|key| self.legs.get_mut(&key)) {
            entry.partner = None;
        }
    }

    // It hears nobody, and nobody hears it.
    fn silence(&mut self, leg: LegKey) {
        for (key, entry) in &mut self.legs {
            if *key == leg {
                entry.hears.clear();
            }
            entry.hears.remove(&leg);
        }
    }

    fn part(&mut self, leg: LegKey) {
        self.silence(leg);
        let partner = self
            .legs
            .get_mut(&leg)
            .and_then(|entry| entry.partner.take());
        if let Some(entry) = partner.and_then(|key| self.legs.get_mut(&key)) {
            entry.partner = None;
        }
    }

    // Its end is told though something else is played by then: that is what one is that comes just as the next begins.
    fn play(
        &mut self,
        (leg, turn): (LegKey, u32),
        what: &Program,
        witnessed: bool,
        dice: &mut Dice,
    ) -> Vec<After> {
        let notice = self.is_notice(what);
        let Some(entry) = self.legs.get(&leg) else {
            return Vec::new();
        };
        let holds = |other: &LegKey| {
            let remote = self.legs.get(other).and_then(|leg| leg.remote.as_ref());
            remote.is_some_and(|remote| !remote.direction.sends())
        };
        let held = *what == Program::Music && entry.hears.iter().all(holds);
        assert!(
            notice || held || entry.hears.is_empty(),
            "who is in a conversation is played nothing but notices: {leg:?} {what:?}"
        );
        match what {
            Program::Prompt(_) => {
                let span = 1_000 + dice.below(5_000) as u64;
                // A network is gone now and then without a word.
                let played = match witnessed && dice.chance(10) {
                    true => MediaEvent::Missed { leg, turn },
                    false => MediaEvent::Played { leg, turn },
                };
                let played = After::Event(span, played);
                let keys = key(leg, dice).filter(|_| dice.chance(70));
                // Who is asked something keys soon, or a little too late.
                let soon = dice.below(10_000) as u64;
                let keys = keys.map(|event| After::Event(soon, event));
                [played].into_iter().chain(keys).collect()
            }
            Program::Ringback | Program::Music | Program::Silence => Vec::new(),
        }
    }

    fn is_notice(&self, what: &Program) -> bool {
        let notice = |said: &PromptId| match said {
            PromptId::Named(name) => self.notices.contains(name),
            _ => false,
        };
        matches!(what, Program::Prompt(said) if said.iter().all(notice))
    }

    /// Returns what is recorded, and whether nothing of it is to be heard.
    pub fn tapes(&self) -> impl Iterator<Item = (&str, bool)> {
        let legs = self.legs.values();
        legs.filter_map(|leg| Some((&**leg.tape.as_ref()?, leg.rests)))
    }

    /// Tells whether a report is still true when it arrives.
    pub fn stands(&mut self, event: &MediaEvent) -> bool {
        match event {
            MediaEvent::Secured { leg } => {
                let entry = self.legs.get_mut(leg);
                entry.map(|entry| entry.secured = true).is_some()
            }
            // What is over is listened to no more.
            MediaEvent::Spoke { leg } | MediaEvent::Quiet { leg } => {
                self.legs.get(leg).is_some_and(|entry| entry.tape.is_some())
            }
            MediaEvent::Opened { .. }
            | MediaEvent::Failed { .. }
            | MediaEvent::OpenFailed { .. }
            | MediaEvent::Flowing { .. }
            | MediaEvent::Stopped { .. }
            | MediaEvent::Hushed { .. }
            | MediaEvent::Digit { .. }
            | MediaEvent::Played { .. }
            | MediaEvent::Missed { .. }
            | MediaEvent::Unsecured { .. }
            | MediaEvent::Away { .. }
            | MediaEvent::Gone { .. }
            | MediaEvent::Left { .. }
            | MediaEvent::Turned { .. }
            | MediaEvent::Stats { .. } => true,
        }
    }

    /// Listens to a leg; `speaking` are the far parties from whom something comes.
    pub fn listen(
        &mut self,
        leg: LegKey,
        speaking: &BTreeSet<SocketAddr>,
    ) -> (Option<MediaEvent>, Option<u64>) {
        let Some(entry) = self.legs.get_mut(&leg) else {
            return (None, None);
        };
        let remote = entry.remote.as_ref();
        let receives = remote.is_some_and(|remote| {
            matches!(remote.direction, Direction::SendRecv | Direction::RecvOnly)
        });
        let comes = remote.is_some_and(|remote| match remote.address == BROWSER {
            true => entry.secured && !entry.hushed,
            false => speaking.contains(&remote.address),
        });
        let comes = receives && comes;
        let event = match (entry.flowing, comes) {
            (false, true) => {
                entry.flowing = true;
                Some(MediaEvent::Flowing { leg })
            }
            (true, false) if receives => {
                entry.flowing = false;
                Some(
                    match remote.is_some_and(|remote| remote.direction.sends()) {
                        true => MediaEvent::Stopped { leg },
                        false => MediaEvent::Hushed { leg },
                    },
                )
            }
            (true, true) => entry.turn(leg),
            (true, false) | (false, false) => None,
        };
        (event, Some(LISTENS))
    }

    /// Picks a leg from which something comes, for a key to be pressed on.
    pub fn press(&self, dice: &mut Dice) -> Option<MediaEvent> {
        let flowing = self.legs.iter().filter(|(_, entry)| entry.flowing);
        let flowing: Vec<LegKey> = flowing.map(|(leg, _)| *leg).collect();
        let leg = *dice.pick(&flowing)?;
        key(leg, dice)
    }

    fn at(&self, address: SocketAddr) -> Option<(&LegKey, &Leg)> {
        let mut legs = self.legs.iter();
        legs.find(|(_, leg)| leg.remote.as_ref().is_some_and(|it| it.address == address))
    }

    /// Returns whom the party at `address` hears.
    pub fn heard_by(&self, address: SocketAddr) -> Vec<LegKey> {
        let legs = self.at(address).into_iter();
        legs.flat_map(|(_, leg)| leg.hears.iter().copied())
            .collect()
    }

    /// Returns where those are who hear the party at `address`.
    pub fn hearers(&self, address: SocketAddr) -> Vec<SocketAddr> {
        let Some((key, _)) = self.at(address) else {
            return Vec::new();
        };
        let hear = self.legs.values().filter(|leg| leg.hears.contains(key));
        hear.filter_map(|leg| Some(leg.remote.as_ref()?.address))
            .collect()
    }

    /// Tells whether anybody hears the party at `address`.
    pub fn is_heard(&self, address: SocketAddr) -> bool {
        !self.hearers(address).is_empty()
    }

    /// Tells whether some leg talks with the party at `address`.
    pub fn talks_with(&self, address: SocketAddr) -> bool {
        self.legs.values().any(|leg| {
            leg.remote
                .as_ref()
                .is_some_and(|remote| remote.address == address)
        })
    }
}

// Most who are to leave a message do, and fall silent, hang up or press a key then.
fn speak(leg: LegKey, listen: Listen, dice: &mut Dice) -> Vec<After> {
    let milliseconds = |span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
    let spoken = milliseconds(listen.speech) + dice.below(10_000) as u64;
    let speaks = dice.chance(80);
    let spoke = speaks.then_some(After::Event(spoken, MediaEvent::Spoke { leg }));
    let silent = spoken * u64::from(speaks) + milliseconds(listen.silence);
    let quiet = dice.chance(60);
    let quiet = quiet.then_some(After::Event(silent, MediaEvent::Quiet { leg }));
    let digit = Digit::try_from('#').ok().filter(|_| dice.chance(30));
    let ends = digit.map(|digit| After::Event(spoken + 500, MediaEvent::Digit { leg, digit }));
    spoke.into_iter().chain(quiet).chain(ends).collect()
}

fn key(leg: LegKey, dice: &mut Dice) -> Option<MediaEvent> {
    let keys = ['0', '0', '1', '1', '2', '3', '4', '5', '9', '*', '#'];
    let digit = Digit::try_from(*dice.pick(&keys)?).ok()?;
    Some(MediaEvent::Digit { leg, digit })
}

/// When something is due that came at a time of the machines.
pub fn ceil(at: sip::Instant) -> Time {
    u64::try_from(at.since_start().as_micros().div_ceil(1_000)).unwrap_or(u64::MAX)
}
