//! A synthetic SIP client in a page (RFC 7118): the SIP endpoint machine on a WebSocket, whose sound is a headset's.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use sip::{
    endpoint::{
        CallKey, Cause, Command, Config, Endpoint, Event, Flow, Identity, Output, SessionId, Tag,
        Target, Transport,
    },
    families::Families,
    trunk::{Network, Source, Trunk, TrunkCredentials},
};
use tokio::time;
use tokio_tungstenite::tungstenite::Message;

use crate::{
    browser::PATIENCE,
    door::{Door, Socket},
    house::House,
};

const PATH: &str = "/sip";
const PROTOCOL: &str = "sip";
const TANDEM: &str = "tandem";
const CALL: CallKey = CallKey::Out(1);
/// Its socket is one, and never another.
const CONNECTION: u64 = 1;

/// A page with one call at most.
pub struct WebPhone {
    user: String,
    socket: Socket,
    endpoint: Endpoint,
    flow: Flow,
    events: VecDeque<Event>,
    began: Instant,
}

impl WebPhone {
    /// Opens the socket of `user`, who proves who it is when asked.
    pub async fn open(house: &House, user: &str) -> Result<Self> {
        let peer: SocketAddr = house.web.host().parse().context("the web side's address")?;
        let credentials = TrunkCredentials {
            user: user.to_owned(),
            password: house.password(user)?,
        };
        let local = SocketAddr::new(peer.ip(), 9);
        let mut config = Config::new(local);
        config.listen.insert(Transport::Ws, local.into());
        config.trunks = vec![Trunk {
            name: TANDEM.to_owned(),
            sources: vec![Source::Network(Network::host(peer.ip()))],
            target: peer.into(),
            transport: Transport::Ws,
            certificate: None,
            credentials: Some(credentials),
            trusted: true,
            login: None,
            max_calls: None,
            reach: sip::trunk::Reach::default(),
            manner: Default::default(),
        }];
        let socket = Door::from(&house.web).open(PATH, Some(PROTOCOL)).await?;
        let flow = Flow {
            transport: Transport::Ws,
            local,
            peer,
            connection: CONNECTION,
        };
        Ok(Self {
            user: user.to_owned(),
            socket,
            endpoint: Endpoint::new(config, rand::random()),
            flow,
            events: VecDeque::new(),
            began: Instant::now(),
        })
    }

    /// Calls `number` with a page's offer; [`Self::answer`] has what comes of it.
    pub async fn dial(&mut self, number: &str, offer: String) -> Result<()> {
        let from = Identity {
            user: self.user.clone(),
            ..Identity::default()
        };
        self.tell(Command::Dial {
            call: CALL,
            to: Target::Trunk {
                trunk: TANDEM.to_owned(),
                number: number.to_owned(),
            },
            from,
            elsewhere: Vec::new(),
            sdp: Families::V4(Bytes::from(offer)).into(),
            tag: Tag {
                session: SessionId(rand::random()),
                headers: Vec::new(),
            },
            headers: Vec::new(),
            hops: sip::endpoint::HOPS,
            ring_for: Duration::from_secs(120),
        })
        .await
    }

    /// Waits for the answer's description.
    pub async fn answer(&mut self) -> Result<String> {
        let sdp = self
            .until("the answer", |event| match event {
                Event::Answered { sdp, .. } => Some(sdp.context("an answer without sound")),
                Event::Failed { code, .. } => Some(Err(anyhow::anyhow!("refused with {code}"))),
                _ => None,
            })
            .await??;
        Ok(String::from_utf8(sdp.to_vec())?)
    }

    /// Hangs up, and waits until that is answered.
    pub async fn hang_up(&mut self) -> Result<()> {
        let (call, cause) = (CALL, Cause::normal());
        self.tell(Command::HangUp { call, cause }).await?;
        self.until("the end of the call", |event| {
            matches!(event, Event::Ended { .. }).then_some(())
        })
        .await
    }

    fn now(&self) -> sip::Instant {
        sip::Instant::after_start(self.began.elapsed())
    }

    async fn tell(&mut self, command: Command) -> Result<()> {
        let now = self.now();
        self.endpoint.handle_command(command, now);
        self.drain().await
    }

    async fn drain(&mut self) -> Result<()> {
        while let Some(output) = self.endpoint.poll_output() {
            match output {
                Output::Transmit { bytes, .. } => {
                    let text = String::from_utf8(bytes.to_vec())?;
                    self.socket.send(Message::text(text)).await?;
                }
                Output::Ask(_) | Output::Doubt { .. } | Output::KeepAlive { .. } => {}
                Output::Event(event) => self.events.push_back(event),
            }
        }
        Ok(())
    }

    async fn until<T>(
        &mut self,
        what: &str,
        mut wanted: impl FnMut(Event) -> Option<T>,
    ) -> Result<T> {
        let found = time::timeout(PATIENCE, async {
            loop {
                while let Some(event) = self.events.pop_front() {
                    if let Some(found) = wanted(event) {
                        return anyhow::Ok(found);
                    }
                }
                self.wait().await?;
            }
        });
        match found.await {
            Ok(found) => found.with_context(|| format!("while waiting for {what}")),
            Err(_) => bail!("waited in vain for {what}"),
        }
    }

    async fn wait(&mut self) -> Result<()> {
        let due = self.endpoint.poll_timeout();
        let wake = due.map_or_else(
            || Instant::now() + PATIENCE,
            |due| self.began + due.since_start(),
        );
        tokio::select! {
            came = self.socket.next() => match came.context("the socket ended")?? {
                Message::Text(text) => self.receive(Bytes::copy_from_slice(text.as_bytes())),
                Message::Binary(bytes) => self.receive(bytes),
                Message::Close(frame) => bail!("the server closed the socket: {frame:?}"),
                Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            },
            () = time::sleep_until(wake.into()) => {
                let now = self.now();
                self.endpoint.handle_timeout(now);
            }
        }
        self.drain().await
    }

    fn receive(&mut self, bytes: Bytes) {
        let now = self.now();
        self.endpoint.handle_message(&self.flow, bytes, now);
    }
}
