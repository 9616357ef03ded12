//! A synthetic phone, or many behind one port: the SIP endpoint machine on a UDP socket, with a tone as its voice.

mod line;
mod socket;

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use sip::{endpoint::CallKey, sdp::Direction};
use tokio::{sync::mpsc, time};

use crate::{audio::Ear, browser::PATIENCE, registration::Registration, voices::Voices};
use line::Line;
use socket::Socket;

/// How many asks and reports may wait.
const QUEUE: usize = 65_536;
/// How numbers end whose phone is busy.
pub const BUSY: &str = "486";
/// How numbers end whose phone rings, and nobody is there.
pub const ALONE: &str = "180";
/// What a phone is told at birth.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Where Tandem takes SIP.
    pub server: SocketAddr,
    /// Where the phone takes SIP; port 0 for any.
    pub local: SocketAddr,
    /// The tone it sounds; none for a phone without media.
    pub tone: Option<u32>,
    /// The voices of its calls, where it has many and none is listened to; goes before the tone.
    pub voices: Option<Arc<Voices>>,
    /// What it offers to do when it dials.
    pub direction: Direction,
    /// What makes its ids its own.
    pub seed: [u8; 32],
    /// Whether every message that comes in is kept in [`Phone::seen`].
    pub trace: bool,
    /// How long its registrations last, where not as usual.
    pub registered: Option<Duration>,
}

/// One thing a phone is asked.
#[derive(Debug)]
enum Ask {
    Register(Box<Registration>),
    Dial(CallKey, String),
    HangUp(CallKey),
    Offer(CallKey, Direction),
}

/// One thing that happened to a phone.
#[derive(Debug)]
pub enum Happened {
    /// The account is registered.
    Registered(String),
    /// The account is not registered, and why.
    Unregistered(String),
    /// A dialled call is answered provisionally.
    Ringing,
    /// A dialled call was answered so long after its INVITE.
    Answered(CallKey, Duration, Option<Ear>),
    /// A call to this number came in. One whose number ends in 486 is busy; every other is answered.
    Called(CallKey, String),
    /// A call came in and was answered.
    Taken(CallKey, Option<Ear>),
    /// A dialled call was refused so long after its INVITE; or an offer of ours was, and the call goes on.
    Failed(CallKey, u16, Duration),
    /// A call is over.
    Ended(CallKey),
    /// The peer answered an offer of ours.
    Changed(CallKey),
    /// The peer changed the call, and we agreed.
    Told,
}

/// Ends calls of a phone that somebody else holds.
pub struct Ender(mpsc::Sender<Ask>);

impl Ender {
    /// Ends a call, if the phone is still there.
    pub async fn hang_up(&self, call: CallKey) {
        self.0.send(Ask::HangUp(call)).await.ok();
    }
}

/// A message as it came in: its first line, its Call-ID, and its Session-ID.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Request or status line.
    pub first: String,
    /// The method, of a response that of its request.
    pub method: String,
    /// The Session-ID header as written.
    pub session: Option<String>,
}

/// A handle on a running phone.
pub struct Phone {
    /// What happened, in order.
    pub events: mpsc::Receiver<Happened>,
    asks: mpsc::Sender<Ask>,
    address: SocketAddr,
    server: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    dialled: u64,
    registered: Option<Duration>,
}

impl Phone {
    /// Opens the socket and begins.
    pub async fn start(setup: Setup) -> Result<Self> {
        let socket = Socket::open(setup.local)?;
        let address = socket.address()?;
        let (asks, asked) = mpsc::channel(QUEUE);
        let (happened, events) = mpsc::channel(QUEUE);
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (server, registered) = (setup.server, setup.registered);
        let line = Line::new(setup, address, socket, happened, seen.clone());
        tokio::spawn(line.run(asked));
        Ok(Self {
            events,
            asks,
            address,
            server,
            seen,
            dialled: 0,
            registered,
        })
    }

    /// Registers an account and waits for the answer.
    pub async fn register(&mut self, user: &str, password: &str) -> Result<()> {
        let registration =
            Registration::new(user, password, self.server, self.address, rand::random());
        let registration = match self.registered {
            Some(lasts) => registration.lasting(lasts),
            None => registration,
        };
        self.ask(Ask::Register(Box::new(registration))).await?;
        self.until(
            &format!("the registration of {user}"),
            |happened| match happened {
                Happened::Registered(name) if name == user => Some(Ok(())),
                Happened::Unregistered(why) => Some(Err(anyhow::anyhow!(why))),
                _ => None,
            },
        )
        .await?
    }

    /// Dials; returns the call.
    pub async fn dial(&mut self, number: &str) -> Result<CallKey> {
        self.dialled += 1;
        let call = CallKey::Out(self.dialled);
        self.ask(Ask::Dial(call, number.to_owned())).await?;
        Ok(call)
    }

    /// Ends a call.
    pub async fn hang_up(&self, call: CallKey) -> Result<()> {
        self.ask(Ask::HangUp(call)).await
    }

    /// Puts a call on hold, or takes it back.
    pub async fn offer(&self, call: CallKey, direction: Direction) -> Result<()> {
        self.ask(Ask::Offer(call, direction)).await
    }

    /// Returns what can end calls from another task.
    pub fn ender(&self) -> Ender {
        Ender(self.asks.clone())
    }

    /// Waits for something that `wanted` takes; what happens before it is passed over.
    pub async fn until<T>(
        &mut self,
        what: &str,
        mut wanted: impl FnMut(Happened) -> Option<T>,
    ) -> Result<T> {
        let mut last = String::from("nothing");
        let found = time::timeout(PATIENCE, async {
            loop {
                let happened = self.events.recv().await.context("the phone stopped")?;
                last = format!("{happened:?}");
                if let Some(found) = wanted(happened) {
                    return Ok(found);
                }
            }
        });
        match found.await {
            Ok(found) => found,
            Err(_) => bail!("waited in vain for {what}; the last that happened was {last}"),
        }
    }

    /// Waits for the end of a call.
    pub async fn ended(&mut self, call: CallKey) -> Result<()> {
        self.until("the end of the call", |happened| {
            matches!(happened, Happened::Ended(key) if key == call).then_some(())
        })
        .await
    }

    /// Takes what came in since the last time.
    pub fn seen(&self) -> Vec<Seen> {
        std::mem::take(
            &mut *self
                .seen
                .lock()
                .expect("nobody panics while they hold the trace"),
        )
    }

    async fn ask(&self, ask: Ask) -> Result<()> {
        self.asks.send(ask).await.ok().context("the phone stopped")
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};

    use super::*;

    fn setup(server: SocketAddr, tone: u32) -> Setup {
        Setup {
            server,
            local: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            tone: Some(tone),
            voices: None,
            direction: Direction::SendRecv,
            seed: [tone as u8; 32],
            trace: true,
            registered: None,
        }
    }

    #[tokio::test]
    async fn two_phones_call_each_other_and_hear_each_others_tone() {
        let nobody = SocketAddr::from((Ipv4Addr::LOCALHOST, 9));
        let mut called = Phone::start(setup(nobody, 440)).await.unwrap();
        let mut caller = Phone::start(setup(called.address, 660)).await.unwrap();

        let call = caller.dial("support").await.unwrap();
        let (taken, mut called_ear) = called
            .until("the call", |happened| match happened {
                Happened::Taken(call, ear) => Some((call, ear.unwrap())),
                _ => None,
            })
            .await
            .unwrap();
        let mut caller_ear = caller
            .until("the answer", |happened| match happened {
                Happened::Answered(_, _, ear) => ear,
                _ => None,
            })
            .await
            .unwrap();
        called_ear.hears(660).await.unwrap();
        caller_ear.hears(440).await.unwrap();
        called.hang_up(taken).await.unwrap();
        caller.ended(call).await.unwrap();

        let ids: Vec<_> = called.seen().into_iter().map(|seen| seen.session).collect();
        assert!(ids.len() >= 2 && ids.iter().all(Option::is_some), "{ids:?}");
    }
}
