//! The task behind a phone: the SIP endpoint machine, its socket, its calls.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use bytes::Bytes;
use sip::{
    endpoint::{
        CallKey, Cause, Command, Config, Endpoint, Event, Flow, Identity, Output, SessionId, Tag,
        Target, Transport,
    },
    message::{Header, Message},
    sdp::{Codec, Direction, Local, RemoteMedia, SdpSession},
    trunk::{Network, Source, Trunk},
};
use tokio::{sync::mpsc, time};

use super::{
    ALONE, Ask, BUSY, Happened, Seen, Setup,
    socket::{Datagram, Socket},
};
use crate::{
    audio::Audio,
    browser::PATIENCE,
    registration::{Registration, Step},
};

/// The name of the only peer a phone knows.
const TANDEM: &str = "tandem";
/// What a phone without a voice writes into its SDP.
const NO_PORT: u16 = 9;

/// One call of the phone.
struct Call {
    dialled: Option<Instant>,
    sdp: SdpSession,
    audio: Option<Audio>,
}

impl Call {
    // How long after its INVITE something came in.
    fn took(&self, came: Instant) -> Duration {
        let dialled = self.dialled.unwrap_or(came);
        came.saturating_duration_since(dialled)
    }
}

/// The task behind a phone.
pub(super) struct Line {
    setup: Setup,
    address: SocketAddr,
    socket: Socket,
    happened: mpsc::Sender<Happened>,
    seen: Arc<Mutex<Vec<Seen>>>,
    endpoint: Endpoint,
    calls: BTreeMap<CallKey, Call>,
    registrations: Vec<Registration>,
    began: Instant,
    /// When the message came in that is dealt with.
    came: Instant,
    tag: Tag,
}

impl Line {
    pub(super) fn new(
        setup: Setup,
        address: SocketAddr,
        socket: Socket,
        happened: mpsc::Sender<Happened>,
        seen: Arc<Mutex<Vec<Seen>>>,
    ) -> Self {
        let mut config = Config::new(address);
        config.server = "tandem-load".to_owned();
        config.trunks = vec![Trunk {
            name: TANDEM.to_owned(),
            sources: vec![Source::Network(Network::host(setup.server.ip()))],
            target: setup.server.into(),
            transport: Transport::Udp,
            certificate: None,
            credentials: None,
            trusted: true,
            login: None,
            max_calls: None,
            reach: sip::trunk::Reach::default(),
            manner: Default::default(),
        }];
        let endpoint = Endpoint::new(config, setup.seed);
        let half = setup.seed[..16].try_into().expect("half of 32 bytes");
        let tag = Tag {
            session: SessionId(u128::from_ne_bytes(half)),
            headers: Vec::new(),
        };
        Self {
            setup,
            address,
            socket,
            happened,
            seen,
            endpoint,
            calls: BTreeMap::new(),
            registrations: Vec::new(),
            began: Instant::now(),
            came: Instant::now(),
            tag,
        }
    }

    pub(super) async fn run(mut self, mut asked: mpsc::Receiver<Ask>) {
        let mut buffer = vec![0; 65_536];
        loop {
            if let Err(error) = self.drain().await {
                eprintln!("phone {}: {error:#}", self.address);
            }
            let wake = self.endpoint.poll_timeout().map_or_else(
                || Instant::now() + PATIENCE,
                |due| self.began + due.since_start(),
            );
            tokio::select! {
                received = self.socket.receive(&mut buffer) => match received {
                    Ok(Datagram { length, peer, came }) => {
                        self.came = came;
                        self.receive(&buffer[..length], peer).await;
                    }
                    Err(error) => eprintln!("phone {}: {error}", self.address),
                },
                ask = asked.recv() => match ask {
                    Some(ask) => self.carry_out(ask).await,
                    None => return,
                },
                () = time::sleep_until(wake.into()) => {
                    let now = self.now();
                    self.endpoint.handle_timeout(now);
                }
            }
        }
    }

    fn now(&self) -> sip::Instant {
        sip::Instant::after_start(self.began.elapsed())
    }

    async fn drain(&mut self) -> Result<()> {
        while let Some(output) = self.endpoint.poll_output() {
            match output {
                Output::Transmit { to, bytes, .. } => {
                    self.socket.send_to(&bytes, to).await?;
                }
                // Its one trunk is an address.
                Output::Ask(_) | Output::Doubt { .. } | Output::KeepAlive { .. } => {}
                Output::Event(event) => self.handle(event).await?,
            }
        }
        Ok(())
    }

    async fn receive(&mut self, datagram: &[u8], peer: SocketAddr) {
        let bytes = Bytes::copy_from_slice(datagram);
        let wanted = self.setup.trace || !self.registrations.is_empty();
        if wanted && let Ok(message) = Message::parse(bytes.clone()) {
            if self.answer_registration(&message).await {
                return;
            }
            self.note(&message);
        }
        let flow = Flow {
            transport: Transport::Udp,
            local: self.address,
            peer,
            connection: 0,
        };
        let now = self.now();
        self.endpoint.handle_message(&flow, bytes, now);
    }

    fn note(&self, message: &Message) {
        if !self.setup.trace {
            return;
        }
        let first = message
            .as_bytes()
            .split(|&byte| byte == b'\r')
            .next()
            .unwrap_or_default();
        self.seen
            .lock()
            .expect("nobody panics while they hold the trace")
            .push(Seen {
                first: String::from_utf8_lossy(first).into_owned(),
                method: message.method().to_string(),
                session: message.header(Header::SessionId).map(str::to_owned),
            });
    }

    // The endpoint is a registrar, not a client of one; answers to REGISTER are taken out before it.
    async fn answer_registration(&mut self, message: &Message) -> bool {
        let Some(at) = self
            .registrations
            .iter()
            .position(|one| one.is_answered_by(message))
        else {
            return false;
        };
        match self.registrations[at].handle(message) {
            Ok(None) => {}
            Ok(Some(Step::Again(bytes))) => {
                if let Err(error) = self.socket.send_to(&bytes, self.setup.server).await {
                    eprintln!("phone {}: {error}", self.address);
                }
            }
            Ok(Some(Step::Registered)) => {
                let user = self.registrations.remove(at).user().to_owned();
                self.report(Happened::Registered(user)).await;
            }
            Err(error) => {
                self.registrations.remove(at);
                self.report(Happened::Unregistered(format!("{error:#}")))
                    .await;
            }
        }
        true
    }

    async fn report(&self, happened: Happened) {
        // Whoever let go of the phone no longer wants to know.
        self.happened.send(happened).await.ok();
    }

    async fn carry_out(&mut self, ask: Ask) {
        let done = match ask {
            Ask::Register(registration) => self.register(*registration).await,
            Ask::Dial(call, number) => self.dial(call, number).await,
            Ask::HangUp(call) => {
                let now = self.now();
                self.endpoint.handle_command(
                    Command::HangUp {
                        call,
                        cause: Cause::normal(),
                    },
                    now,
                );
                Ok(())
            }
            Ask::Offer(call, direction) => self.offer(call, direction),
        };
        if let Err(error) = done {
            eprintln!("phone {}: {error:#}", self.address);
        }
    }

    async fn register(&mut self, mut registration: Registration) -> Result<()> {
        self.socket
            .send_to(&registration.request()?, self.setup.server)
            .await?;
        self.registrations.push(registration);
        Ok(())
    }

    async fn dial(&mut self, call: CallKey, number: String) -> Result<()> {
        let mut new = self.new_call().await?;
        let sdp = new.sdp.make_offers(self.setup.direction);
        new.dialled = Some(Instant::now());
        self.calls.insert(call, new);
        let dial = Command::Dial {
            call,
            to: Target::Trunk {
                trunk: TANDEM.to_owned(),
                number,
            },
            from: Identity {
                display: "Load".to_owned(),
                // A caller of their own each time: a known one would wait for the agent they had before.
                user: format!("4930{:08}", rand::random_range(0..100_000_000)),
                ..Identity::default()
            },
            elsewhere: Vec::new(),
            sdp,
            tag: self.tag.clone(),
            headers: Vec::new(),
            hops: sip::endpoint::HOPS,
            ring_for: Duration::from_secs(120),
        };
        let now = self.now();
        self.endpoint.handle_command(dial, now);
        Ok(())
    }

    fn offer(&mut self, call: CallKey, direction: Direction) -> Result<()> {
        let one = self.calls.get_mut(&call).context("no such call")?;
        let sdp = one.sdp.make_offer(direction);
        let now = self.now();
        self.endpoint
            .handle_command(Command::Offer { call, sdp }, now);
        Ok(())
    }

    async fn new_call(&self) -> Result<Call> {
        let (voices, tone) = (self.setup.voices.as_ref(), self.setup.tone);
        let audio = match tone.filter(|_| voices.is_none()) {
            Some(tone) => Some(Audio::open(self.address, tone).await?),
            None => None,
        };
        let port = match voices {
            Some(voices) => voices.port(),
            None => audio.as_ref().map_or(Ok(NO_PORT), Audio::port)?,
        };
        let spoken = voices.map(|voices| vec![voices.codec()]);
        let codecs = spoken.unwrap_or_else(|| vec![Codec::Pcmu, Codec::Pcma]);
        let local = Local {
            address: self.address.ip().into(),
            port,
            codecs,
            srtp: sip::sdp::Srtp::default(),
            ice: None,
        };
        Ok(Call {
            dialled: None,
            sdp: SdpSession::new(u64::from(rand::random::<u32>()), local),
            audio,
        })
    }

    async fn handle(&mut self, event: Event) -> Result<()> {
        match event {
            Event::Arrived { call, arrival } => {
                let number = arrival.to_user.clone();
                self.report(Happened::Called(call, number)).await;
                match arrival.to_user {
                    alone if alone.ends_with(ALONE) => self.ring(call),
                    to => self.take(call, arrival.offer, to.ends_with(BUSY)).await?,
                }
            }
            Event::Progress { .. } => self.report(Happened::Ringing).await,
            Event::Answered { call, sdp, .. } => self.answered(call, sdp).await?,
            Event::Failed { call, code, .. } => {
                let took = self.calls.get(&call).map(|one| one.took(self.came));
                self.forget(call);
                let took = took.unwrap_or_default();
                self.report(Happened::Failed(call, code, took)).await;
            }
            Event::Cancelled { call, .. } | Event::Ended { call, .. } => {
                self.forget(call);
                self.report(Happened::Ended(call)).await;
            }
            Event::Offered { call, sdp, .. } => self.offered(call, sdp).await?,
            Event::OfferAnswered { call, sdp } => {
                let one = self.calls.get_mut(&call).context("an answer for no call")?;
                let media = one.sdp.accept_answer(&sdp)?;
                self.sound(call, media);
                self.report(Happened::Changed(call)).await;
            }
            Event::OfferRefused { call, code } => {
                self.report(Happened::Failed(call, code, Duration::ZERO))
                    .await;
            }
            // An ACK's SDP is told as OfferAnswered too, and as the gateway takes UPDATE nothing is refreshed; no other is a phone's.
            Event::Confirmed { .. }
            | Event::Refreshed { .. }
            | Event::RecordAware { .. }
            | Event::Rerouted { .. }
            | Event::PassedOver { .. }
            | Event::Redirected { .. }
            | Event::Digit { .. }
            | Event::KeyRefused { .. }
            | Event::Referred { .. }
            | Event::ReferProgress { .. }
            | Event::Registered { .. }
            | Event::Unregistered { .. }
            | Event::Located { .. }
            | Event::NotLocated { .. }
            | Event::TrunkUp { .. }
            | Event::TrunkDown { .. }
            | Event::TrunkRegistered { .. }
            | Event::TrunkUnregistered { .. }
            | Event::Banned { .. } => {}
        }
        Ok(())
    }

    // Lets a call be heard as agreed.
    fn sound(&mut self, call: CallKey, media: RemoteMedia) {
        if let Some(voices) = &self.setup.voices {
            voices.join(call, &media);
        } else if let Some(audio) = self.calls.get_mut(&call).and_then(|one| one.audio.as_mut()) {
            audio.start(media);
        }
    }

    fn forget(&mut self, call: CallKey) {
        self.calls.remove(&call);
        if let Some(voices) = &self.setup.voices {
            voices.leave(call);
        }
    }

    // Until it is cancelled.
    fn ring(&mut self, call: CallKey) {
        let (now, tag) = (self.now(), self.tag.clone());
        self.endpoint
            .handle_command(Command::Adopt { call, tag }, now);
        let ring = Command::Ring {
            call,
            code: 180,
            reason: None,
            sdp: None,
        };
        self.endpoint.handle_command(ring, now);
    }

    async fn take(&mut self, call: CallKey, offer: Option<Bytes>, busy: bool) -> Result<()> {
        let mut new = self.new_call().await?;
        let now = self.now();
        self.endpoint.handle_command(
            Command::Adopt {
                call,
                tag: self.tag.clone(),
            },
            now,
        );
        let Some(offer) = offer.filter(|_| !busy) else {
            let reject = Command::Reject {
                call,
                code: if busy { 486 } else { 488 },
                reason: None,
                retry_after: None,
                warning: None,
            };
            self.endpoint.handle_command(reject, now);
            return Ok(());
        };
        let agreed = new.sdp.negotiate(&offer, Direction::SendRecv, None)?;
        self.endpoint.handle_command(
            Command::Ring {
                call,
                code: 180,
                reason: None,
                sdp: None,
            },
            now,
        );
        self.endpoint.handle_command(
            Command::Answer {
                call,
                sdp: agreed.answer,
            },
            now,
        );
        let ear = new.audio.as_ref().map(Audio::ear);
        self.calls.insert(call, new);
        self.sound(call, agreed.remote);
        self.report(Happened::Taken(call, ear)).await;
        Ok(())
    }

    async fn answered(&mut self, call: CallKey, sdp: Option<Bytes>) -> Result<()> {
        let one = self.calls.get_mut(&call).context("an answer for no call")?;
        let took = one.took(self.came);
        let ear = one.audio.as_ref().map(Audio::ear);
        if let Some(sdp) = sdp {
            let media = one.sdp.accept_answer(&sdp)?;
            self.sound(call, media);
        }
        self.report(Happened::Answered(call, took, ear)).await;
        Ok(())
    }

    async fn offered(&mut self, call: CallKey, sdp: Option<Bytes>) -> Result<()> {
        let now = self.now();
        let one = self.calls.get_mut(&call).context("an offer for no call")?;
        let Some(sdp) = sdp else {
            self.endpoint.handle_command(
                Command::RefuseOffer {
                    call,
                    fork: None,
                    code: 488,
                    warning: None,
                },
                now,
            );
            return Ok(());
        };
        let agreed = one.sdp.negotiate(&sdp, Direction::SendRecv, None)?;
        self.sound(call, agreed.remote);
        self.endpoint.handle_command(
            Command::AcceptOffer {
                call,
                fork: None,
                sdp: agreed.answer,
            },
            now,
        );
        self.report(Happened::Told).await;
        Ok(())
    }
}
