//! The thread that owns every media socket, and the handle that commands it.
//!
//! A thread of its own rather than a tokio task: it sleeps in one poll over all sockets, needs no
//! wake-up between reactor and task for each packet, and no chat or request ever runs before audio.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use mio::{Events, Poll, Token, Waker};
use sip::families::Families;
use sip::media::{
    BROWSER, IgnoredReason, LegKey, LegStats, MediaCommand, MediaEvent, OpenError, Security,
};
use sip::sdp::RemoteMedia;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::{TryRecvError, TrySendError};

use super::browser_port::{BROWSERS, BrowserPort};
use super::library::Sounds;
use super::ports::{Place, Ports, bind_pairs, owner};
use super::seals::{Opened, Seals};
use super::secure::Identity;
use super::shared::Settings;
use super::switchboard::Switchboard;
use super::tally::Published;
use super::wire::{Channel, LegIndex};
use crate::recorder::Recorder;

mod secured;

/// Commands that may wait for the worker.
const COMMANDS: usize = 1024;
/// Readiness taken from one poll.
const READY: usize = 1024;
/// Datagrams taken from one socket before the others have their turn.
const TURN: usize = 16;
/// More than any RTP packet of ours; a longer datagram is cut, and refused for it.
const DATAGRAM: usize = 2048;
/// How often counters are published, and full event channels tried again.
const PUBLISH: Duration = Duration::from_secs(1);
const RETRY: Duration = Duration::from_millis(5);
/// From this many packets a second on, the worker rests for [`REST`] between polls: packets then
/// come in batches, and waking up is shared among them. It costs at most that much delay.
const BUSY: u64 = 2000;
const REST: Duration = Duration::from_millis(1);
/// From the NTP epoch (1900) to the Unix epoch (RFC 5905 §6).
const NTP_UNIX: u64 = 2_208_988_800;
const COMMANDED: Token = Token(usize::MAX);

/// The media plane's handle. When the last one is dropped, every leg is closed and the thread ends.
#[derive(Clone, Debug)]
pub struct Media {
    // Declared before the bell, so that the last ring finds the channel closed.
    commands: mpsc::Sender<MediaCommand>,
    bell: Arc<Bell>,
}

/// The media worker has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the media worker has ended")]
pub struct MediaGone;

// The worker has the waker too: were it closed right after the last ring, that ring would be lost with it.
#[derive(Debug)]
struct Bell(Arc<Waker>);

impl Bell {
    fn ring(&self) {
        if let Err(error) = self.0.wake() {
            tracing::error!(%error, "the media worker cannot be woken");
        }
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        self.ring();
    }
}

impl Media {
    /// Starts the worker. `seed` names its streams; events go to `events`; browsers come by `browsers`, if they are served;
    /// SIP peers are shown `identity`, and what is recorded goes to `recorder`.
    /// A metrics recorder must be installed before, or the counters go nowhere.
    ///
    /// # Errors
    /// When the system gives no poll or no thread.
    pub fn start(
        settings: Settings,
        sounds: Sounds,
        seed: u64,
        mut browsers: Option<BrowserPort>,
        recorder: Option<Recorder>,
        identity: Identity,
        events: mpsc::Sender<MediaEvent>,
    ) -> io::Result<Self> {
        let poll = Poll::new()?;
        if let Some(port) = &mut browsers {
            port.watch(poll.registry())?;
        }
        let waker = Arc::new(Waker::new(poll.registry(), COMMANDED)?);
        let bell = Arc::new(Bell(Arc::clone(&waker)));
        let (commands, receiver) = mpsc::channel(COMMANDS);
        std::thread::Builder::new()
            .name("media".to_owned())
            .spawn(move || {
                let dscp = settings.dscp;
                let switchboard =
                    Switchboard::new(settings, sounds, seed, ntp_now(), Instant::now());
                Worker {
                    poll,
                    _waker: waker,
                    switchboard,
                    ports: Ports::new(
                        browsers,
                        recorder,
                        Seals::new(identity),
                        dscp,
                        Instant::now(),
                    ),
                    commands: receiver,
                    events,
                    unfinished: Vec::new(),
                    crowd: Crowd::Quiet,
                    published: Published::register(),
                    publish_at: Instant::now() + PUBLISH,
                    pace: Pace::Awake,
                }
                .run();
            })?;
        Ok(Self { commands, bell })
    }

    /// Asks the worker to do something; waits while its queue is full.
    ///
    /// # Errors
    /// When the worker has ended.
    pub async fn ask(&self, command: MediaCommand) -> Result<(), MediaGone> {
        self.ask_all([command]).await
    }

    /// Asks the worker to do several things, in order, and wakes it once.
    ///
    /// # Errors
    /// When the worker has ended.
    pub async fn ask_all(
        &self,
        commands: impl IntoIterator<Item = MediaCommand>,
    ) -> Result<(), MediaGone> {
        let mut asked = false;
        for command in commands {
            // A full queue means that the worker is to be woken before there is room.
            match self.commands.try_send(command) {
                Ok(()) => {}
                Err(TrySendError::Full(command)) => {
                    self.bell.ring();
                    self.commands.send(command).await.map_err(|_| MediaGone)?;
                }
                Err(TrySendError::Closed(_)) => return Err(MediaGone),
            }
            asked = true;
        }
        if asked {
            self.bell.ring();
        }
        Ok(())
    }
}

struct Worker {
    poll: Poll,
    _waker: Arc<Waker>,
    switchboard: Switchboard,
    ports: Ports,
    commands: mpsc::Receiver<MediaCommand>,
    events: mpsc::Sender<MediaEvent>,
    /// Sockets that had more to read when their turn was over.
    unfinished: Vec<Place>,
    crowd: Crowd,
    published: Published,
    publish_at: Instant,
    pace: Pace,
}

/// How the worker waits for packets.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// Each packet wakes it.
    Awake,
    /// It rests first, and takes what has come.
    Resting,
}

/// Whether the port of all browsers has more to read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Crowd {
    Quiet,
    Waiting,
}

/// Whether the worker goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Life {
    On,
    Over,
}

impl Worker {
    fn run(mut self) {
        let mut ready = Events::with_capacity(READY);
        let mut buffer = [0; DATAGRAM];
        let mut life = Life::On;
        while life == Life::On {
            if self.pace == Pace::Resting {
                std::thread::sleep(REST);
            }
            let timeout = self.timeout(Instant::now());
            if let Err(error) = self.poll.poll(&mut ready, timeout) {
                if error.kind() == io::ErrorKind::Interrupted {
                    continue;
                }
                tracing::error!(%error, "the media worker cannot poll its sockets");
                break;
            }
            let now = Instant::now();
            self.ports.tick(now);
            if ready.iter().any(|event| event.token() == BROWSERS) {
                self.crowd = Crowd::Waiting;
            }
            self.attend_browsers(&mut buffer, now);
            let again = std::mem::take(&mut self.unfinished);
            let fresh = ready.iter().map(|event| event.token());
            for place in again.into_iter().chain(
                fresh
                    .filter(|&token| token != COMMANDED && token != BROWSERS)
                    .map(owner),
            ) {
                let leg = self.switchboard.key(place.index);
                self.guard(leg, |worker| {
                    worker.read(place, &mut buffer, now);
                });
            }
            self.attend_seals(now);
            life = self.obey(now);
            while let Some(index) = self.switchboard.poll_due(now) {
                let leg = self.switchboard.key(index);
                self.guard(leg, |worker| {
                    worker.switchboard.handle_due(index, &mut worker.ports, now);
                });
            }
            if self.deliver() == Life::Over {
                life = Life::Over;
            }
            if now >= self.publish_at {
                self.publish(now);
            }
        }
        self.finish();
    }

    // A panic is an error of ours; it ends the leg at which it happened, and every other goes on.
    fn guard(&mut self, leg: Option<LegKey>, act: impl FnOnce(&mut Self)) {
        if catch_unwind(AssertUnwindSafe(|| act(self))).is_ok() {
            return;
        }
        let Some(leg) = leg else { return };
        tracing::error!(leg = leg.0, "media failed at a leg; it ends");
        self.switchboard.tell(MediaEvent::Failed { leg });
        self.switchboard.stop_recording(leg, true, &mut self.ports);
        // Nothing more is asked of the leg itself.
        if let Some(index) = self.switchboard.forget(leg, Instant::now()) {
            self.ports.remove(index);
        }
        let stats = LegStats::default();
        self.switchboard.tell(MediaEvent::Stats { leg, stats });
    }

    fn timeout(&self, now: Instant) -> Option<Duration> {
        if !self.unfinished.is_empty() || self.crowd == Crowd::Waiting {
            return Some(Duration::ZERO);
        }
        let retry = self.switchboard.has_events().then_some(now + RETRY);
        let publish = self
            .published
            .is_behind(self.switchboard.tally())
            .then_some(self.publish_at);
        let browsers = self.ports.browsers.as_ref();
        let browsers = browsers.and_then(BrowserPort::poll_timeout);
        let seals = self.ports.seals.poll_timeout();
        [
            self.switchboard.poll_timeout(),
            retry,
            publish,
            browsers,
            seals,
        ]
        .into_iter()
        .flatten()
        .min()
        .map(|due| due.saturating_duration_since(now))
    }

    // The poll tells a socket once, so it is read until it is empty, in turns.
    fn read(&mut self, place: Place, buffer: &mut [u8; DATAGRAM], now: Instant) {
        let Place { index, channel, .. } = place;
        for _ in 0..TURN {
            let Some(taken) = self.ports.receive(place, buffer) else {
                return;
            };
            // An error here is an ICMP answer to something sent; the next read goes on.
            let Ok((length, source)) = taken else {
                continue;
            };
            let datagram = &mut buffer[..length];
            let seals = &mut self.ports.seals;
            match seals.open((index, channel), source, datagram, now) {
                Opened::Clear => self.take(index, channel, source, datagram, now),
                Opened::Packet(mut opened) => self.take(index, channel, source, &mut opened, now),
                Opened::Handshake => self.ports.flush(),
                Opened::Forged => self.switchboard.ignore(index, IgnoredReason::Unsecured),
            }
        }
        self.unfinished.push(place);
    }

    fn take(
        &mut self,
        index: LegIndex,
        channel: Channel,
        source: SocketAddr,
        datagram: &mut [u8],
        now: Instant,
    ) {
        let (switchboard, ports) = (&mut self.switchboard, &mut self.ports);
        match channel {
            Channel::Rtp => switchboard.handle_rtp(index, source, datagram, ports, now),
            Channel::Rtcp => switchboard.handle_rtcp(index, source, datagram, now),
        }
    }

    fn obey(&mut self, now: Instant) -> Life {
        loop {
            match self.commands.try_recv() {
                Ok(command) => {
                    let leg = command.leg();
                    self.guard(Some(leg), |worker| worker.carry_out(command, now));
                }
                Err(TryRecvError::Empty) => return Life::On,
                Err(TryRecvError::Disconnected) => return Life::Over,
            }
        }
    }

    fn carry_out(&mut self, command: MediaCommand, now: Instant) {
        let switchboard = &mut self.switchboard;
        match command {
            MediaCommand::Open {
                leg,
                addresses,
                port,
            } => {
                let event = match self.open(leg, addresses, port) {
                    Ok(port) => MediaEvent::Opened { leg, port },
                    Err(error) => MediaEvent::OpenFailed { leg, port, error },
                };
                self.switchboard.tell(event);
            }
            MediaCommand::Browser { leg, security } => self.expect(leg, security, now),
            MediaCommand::Remote { leg, media } => self.agree(leg, media, now),
            MediaCommand::Bridge { a, b } => switchboard.bridge(a, b, now),
            MediaCommand::Hear { leg, whom } => switchboard.hear(leg, &whom, now),
            MediaCommand::Unbridge { leg } => switchboard.unbridge(leg, now),
            MediaCommand::Play {
                leg,
                turn,
                what,
                repeat,
                witnessed,
            } => {
                switchboard.play((leg, turn), &what, repeat, now);
                if witnessed {
                    switchboard.witness(leg);
                }
            }
            MediaCommand::StopPlaying { leg } => switchboard.stop_playing(leg),
            MediaCommand::Watch { leg } => switchboard.watch(leg, now),
            MediaCommand::Record { leg, name, listen } => {
                switchboard.record(leg, name, listen, &mut self.ports, now);
            }
            MediaCommand::PauseRecording { leg, on } => switchboard.pause_recording(leg, on),
            MediaCommand::StopRecording { leg, keep } => {
                switchboard.stop_recording(leg, keep, &mut self.ports);
            }
            MediaCommand::Digit { leg, digit } => {
                if !switchboard.press(leg, digit, now) {
                    tracing::debug!("a key was not sent: the peer takes no telephone events");
                }
            }
            MediaCommand::Close { leg } => self.close(leg, now),
        }
    }

    fn open(
        &mut self,
        leg: LegKey,
        addresses: Families<IpAddr>,
        port: u16,
    ) -> Result<u16, OpenError> {
        let system = |error: io::Error| OpenError::System(error.kind());
        if self.switchboard.index(leg).is_some() {
            return Err(OpenError::LegInUse);
        }
        let pairs = bind_pairs(addresses, port, self.ports.dscp)?;
        let port = pairs.first().port().map_err(system)?;
        let index = self.switchboard.open(leg).ok_or(OpenError::LegInUse)?;
        let watched = self.ports.insert(index, pairs, self.poll.registry());
        if let Err(error) = watched {
            self.switchboard.forget(leg, Instant::now());
            return Err(system(error));
        }
        Ok(port)
    }

    fn close(&mut self, leg: LegKey, now: Instant) {
        if let Some(index) = self.switchboard.close(leg, &mut self.ports, now) {
            self.ports.remove(index);
        }
    }

    // Events that find the channel full wait in the switchboard.
    fn deliver(&mut self) -> Life {
        while self.switchboard.has_events() {
            match self.events.try_reserve() {
                Ok(permit) => permit.send(self.switchboard.poll_event().expect("it has events")),
                Err(TrySendError::Full(())) => return Life::On,
                Err(TrySendError::Closed(())) => return Life::Over,
            }
        }
        Life::On
    }

    fn publish(&mut self, now: Instant) {
        let packets = self.published.publish(self.switchboard.tally());
        self.publish_at = now + PUBLISH;
        self.pace = if packets > BUSY {
            Pace::Resting
        } else {
            Pace::Awake
        };
    }

    fn finish(&mut self) {
        let now = Instant::now();
        for leg in self.switchboard.open_legs() {
            self.close(leg, now);
        }
        // Whoever still listens gets what fits; nobody can be made to wait for the rest.
        self.deliver();
        self.published.publish(self.switchboard.tally());
    }
}

fn ntp_now() -> u64 {
    // A clock before 1970 tells the peer a wrong time and nothing else.
    let unix = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let fraction = (u64::from(unix.subsec_nanos()) << 32) / 1_000_000_000;
    (unix.as_secs().wrapping_add(NTP_UNIX) << 32) | fraction
}
