//! What every request handler shares: the way to the hub's loop, keys, limits, and whether new work is taken.

mod signed_in;

use std::{
    collections::{BTreeMap, btree_map::Entry},
    net::IpAddr,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Context;
use arc_swap::ArcSwap;
use axum::http::HeaderMap;
use hub::{
    Hub,
    consent::Subject,
    house::House,
    input::{Asker, Done, Input},
};
use tokio::sync::{Notify, Semaphore, mpsc, oneshot, watch};
use ws::{
    agent::Request,
    frame::Refusal,
    id::{AgentId, Number, Timestamp},
};

use super::{
    api::{access::Accesses, asyncapi, document, once::Running},
    intake::Intake,
    limits::Limits,
    problem::Problem,
    streams::Streams,
};
use crate::{
    admission::Admission,
    auth::{Mint, roll::Roll},
    clock::Clock,
    config::Config,
    export::seal::Seal,
    metrics,
    run::{Glance, Seen, Told, pulse::Pulse, sockets::Sockets},
    sharing::room::Room,
    store::{Health, Journal, agents::AgentRow, ledger::Ledger},
};

/// Readers of the database at a time; each has a connection of its own while it reads.
const READERS: usize = 8;
/// Passwords hashed at a time; each takes 19 MiB and some tens of milliseconds.
const HASHERS: usize = 2;

/// Shared by all handlers.
pub struct App {
    /// The configuration in force.
    pub config: ArcSwap<Config>,
    /// The way to the hub's loop.
    pub tell: mpsc::Sender<Told>,
    /// The way to it that does not wait for the disk.
    glance: mpsc::Sender<Glance>,
    /// When the loop last came round.
    pub pulse: Pulse,
    /// Whether the loop keeps up.
    pub admission: Admission,
    /// The open WebSockets.
    pub sockets: Arc<Sockets>,
    /// The connections of SIP peers.
    pub streams: Arc<Streams>,
    /// Signs and proves credentials.
    pub mint: Mint,
    /// The clock.
    pub clock: Clock,
    /// How often one may ask.
    pub limits: Limits,
    /// The journal's writer.
    pub journal: Journal,
    /// Its health.
    pub health: watch::Receiver<Health>,
    /// The OpenAPI document.
    pub openapi: String,
    /// The AsyncAPI document.
    pub asyncapi: String,
    /// What it asks of callers.
    pub accesses: Accesses,
    /// Signs exported records.
    pub seal: Seal,
    /// Tokens, and answers by idempotency key.
    pub ledger: Ledger,
    /// Files that are being taken in.
    pub intake: Intake,
    /// How much of the disk shared files take.
    pub room: Arc<Room>,
    /// Requests with an idempotency key that run now.
    pub running: Running,
    /// Whose sign-ins count.
    roll: ArcSwap<Roll>,
    /// Says that it changed, to those who were let in by one.
    changed: watch::Sender<()>,
    /// Asks for the agents on record to be read again, because they have changed.
    pub reload: Notify,
    draining: AtomicBool,
    next: AtomicU64,
    open: AtomicUsize,
    /// How many WebSockets each address has open; one without any is not in it.
    addresses: Mutex<BTreeMap<IpAddr, usize>>,
    closed: Notify,
    readers: Semaphore,
    hashers: Arc<Semaphore>,
}

/// An open WebSocket, counted for as long as it lives.
pub struct Place {
    app: Arc<App>,
    from: IpAddr,
}

/// Why there is no place for a WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPlace {
    /// Too many are open.
    Full,
    /// Too many are open from its address.
    FullFor,
}

/// What the loop says when it is asked, whatever the disk does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alive {
    /// It answers.
    ComesRound,
    /// It does not.
    StandsStill,
    /// There is none any more.
    HasStopped,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.app.leave(self.from);
        self.app.open.fetch_sub(1, Ordering::Release);
        // A waiter that comes later finds the count, or the permit this leaves.
        self.app.closed.notify_one();
    }
}

impl App {
    /// Puts the parts together.
    pub fn new(
        config: Config,
        (tell, glance): (mpsc::Sender<Told>, mpsc::Sender<Glance>),
        mint: Mint,
        clock: Clock,
        (journal, ledger): (Journal, Ledger),
        streams: Arc<Streams>,
        (agents, ended): (&[AgentRow], Vec<(String, Timestamp)>),
    ) -> anyhow::Result<Self> {
        let document = document::document();
        Ok(Self {
            limits: Limits::new(&config.web),
            admission: Admission::new(tell.clone(), journal.lag(), config.admission.wait.0),
            seal: Seal::open(&config.store.path)?,
            config: ArcSwap::from_pointee(config),
            tell,
            glance,
            pulse: Pulse::start(Instant::now()),
            sockets: Arc::new(Sockets::default()),
            streams,
            mint,
            clock,
            health: journal.health(),
            journal,
            openapi: document.to_string(),
            asyncapi: asyncapi::document().to_string(),
            accesses: Accesses::read(&document)?,
            ledger,
            running: Running::default(),
            roll: ArcSwap::from_pointee(Roll::new(agents, ended)),
            changed: watch::Sender::new(()),
            reload: Notify::new(),
            draining: AtomicBool::new(false),
            next: AtomicU64::new(1),
            open: AtomicUsize::new(0),
            addresses: Mutex::default(),
            closed: Notify::new(),
            readers: Semaphore::new(READERS),
            intake: Intake::default(),
            room: Arc::default(),
            hashers: Arc::new(Semaphore::new(HASHERS)),
        })
    }

    /// Returns a number no other socket or request has.
    pub fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// Returns a number as the house reads it, which is how it is kept.
    pub fn read_number(&self, number: &Number) -> Number {
        self.config.load().numbering().read(number)
    }

    /// Returns of whom something is said, as the house reads numbers.
    pub fn subject(&self, subject: Subject) -> Subject {
        match subject {
            Subject::Number(number) => Subject::Number(self.read_number(&number)),
            Subject::Customer(_) | Subject::Mail(_) => subject,
        }
    }

    /// Returns the time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Stops taking new work.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Tells whether the daemon is leaving.
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// Tells why new work is not taken, if it is not.
    pub fn unready(&self) -> Option<Problem> {
        let retry_after = self.config.load().drain.retry_after.0.as_secs().max(1);
        if self.is_draining() {
            metrics::refused("draining");
            return Some(Problem::unavailable(
                retry_after,
                "the server is leaving; come back in a moment",
            ));
        }
        match &*self.health.borrow() {
            Health::Well if self.admission.admits() => None,
            Health::Well => Some(Problem::unavailable(
                retry_after,
                "the server has too much to do at the moment",
            )),
            Health::Refusing(_) => {
                metrics::refused("store");
                Some(Problem::unavailable(
                    retry_after,
                    "the server cannot write anything down at the moment",
                ))
            }
        }
    }

    /// Takes work of a visitor's page from an address, or tells why not; `what` is what there may be too many of.
    pub fn admit_visitor(
        &self,
        peer: IpAddr,
        headers: &HeaderMap,
        what: &str,
    ) -> Result<(), Problem> {
        if let Some(problem) = self.unready() {
            return Err(problem);
        }
        if self.limits.visitor(self.address(peer, headers)) {
            return Ok(());
        }
        metrics::refused("rate");
        let text = format!("too many {what} from this address; wait a minute");
        Err(Problem::too_many(60, text))
    }

    /// Waits until no WebSocket is open.
    pub async fn emptied(&self) {
        while self.open.load(Ordering::Acquire) > 0 {
            self.closed.notified().await;
        }
    }

    /// Takes a place for a WebSocket of an address, if there is one.
    pub fn place(self: &Arc<Self>, from: IpAddr) -> Result<Place, NoPlace> {
        let config = self.config.load();
        let taken = self.open.fetch_add(1, Ordering::Relaxed);
        let own = {
            let mut addresses = self.addresses();
            let open = addresses.entry(from).or_default();
            *open += 1;
            *open
        };
        let place = Place {
            app: self.clone(),
            from,
        };
        if taken >= config.web.sockets {
            return Err(NoPlace::Full);
        }
        if own > config.web.sockets_per_address {
            return Err(NoPlace::FullFor);
        }
        Ok(place)
    }

    fn addresses(&self) -> MutexGuard<'_, BTreeMap<IpAddr, usize>> {
        self.addresses
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn leave(&self, from: IpAddr) {
        if let Entry::Occupied(mut open) = self.addresses().entry(from) {
            *open.get_mut() -= 1;
            if *open.get() == 0 {
                open.remove();
            }
        }
    }

    /// Asks the hub for something and waits for its answer.
    pub async fn ask(&self, make: impl FnOnce(Asker) -> Input) -> Result<Done, Problem> {
        let socket = self.number();
        let (answer, answered) = oneshot::channel::<Result<Done, Refusal>>();
        let input = make(Asker { socket, id: 0 });
        self.tell
            .send(Told::Ask {
                socket,
                input: Box::new(input),
                answer,
            })
            .await
            .ok()
            .context("the hub's loop has stopped")?;
        let result = answered.await.context("the hub's loop has stopped")?;
        result.map_err(Problem::from)
    }

    /// Does something as an agent, as their console would, at the one that is named if one is, and waits for the answer.
    pub async fn act(
        &self,
        agent: AgentId,
        console: Option<u64>,
        request: Request,
    ) -> Result<Done, Problem> {
        let socket = self.number();
        let (answer, answered) = oneshot::channel::<Result<Done, Refusal>>();
        self.tell
            .send(Told::Act {
                socket,
                agent,
                console,
                request: Box::new(request),
                answer,
            })
            .await
            .ok()
            .context("the hub's loop has stopped")?;
        let result = answered.await.context("the hub's loop has stopped")?;
        result.map_err(Problem::from)
    }

    /// Looks at the hub as it stands, and waits until what is seen is durable.
    pub async fn look<T: Send + 'static>(
        &self,
        at: impl FnOnce(&Hub) -> T + Send + 'static,
    ) -> anyhow::Result<T> {
        self.look_round(move |house| at(&house.hub)).await
    }

    /// The same for the hub together with its edges.
    pub async fn look_round<T: Send + 'static>(
        &self,
        at: impl FnOnce(&House) -> T + Send + 'static,
    ) -> anyhow::Result<T> {
        let (tell, told) = oneshot::channel();
        let look = Box::new(move |house: &House| -> Seen {
            let seen = at(house);
            // Who asked may have gone.
            Box::new(move || drop(tell.send(seen)))
        });
        self.tell
            .send(Told::Look(look))
            .await
            .ok()
            .context("the hub's loop has stopped")?;
        told.await.context("the hub's loop has stopped")
    }

    /// Looks at the hub as it stands, whatever the disk does: for those who watch the daemon itself.
    pub async fn glance<T: Send + 'static>(
        &self,
        at: impl FnOnce(&Hub) -> T + Send + 'static,
    ) -> anyhow::Result<T> {
        let (tell, told) = oneshot::channel();
        let glance = Box::new(move |hub: &Hub| {
            // Who asked may have gone.
            let _ = tell.send(at(hub));
        });
        self.glance
            .send(glance)
            .await
            .ok()
            .context("the hub's loop has stopped")?;
        told.await.context("the hub's loop has stopped")
    }

    /// Asks the loop whether it still comes round, and waits for so long.
    pub async fn alive(&self, within: Duration) -> Alive {
        match tokio::time::timeout(within, self.glance(|_| ())).await {
            Ok(Ok(())) => Alive::ComesRound,
            Ok(Err(_)) => Alive::HasStopped,
            Err(_) => Alive::StandsStill,
        }
    }

    /// Reads the database, with everything in it that was durable when this was called.
    pub async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&rusqlite::Connection) -> anyhow::Result<T> + Send + 'static,
    ) -> anyhow::Result<T> {
        let _turn = self
            .readers
            .acquire()
            .await
            .context("the readers are closed")?;
        self.journal.settle().await?;
        let path = self.store();
        tokio::task::spawn_blocking(move || read(&crate::store::open_to_read(&path)?))
            .await
            .context("a reader failed")?
    }

    /// Does something slow with passwords, a few at a time.
    pub async fn hash<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> anyhow::Result<T> {
        let turn = self
            .hashers
            .clone()
            .acquire_owned()
            .await
            .context("the hashers are closed")?;
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        done.await.context("checking a password failed")
    }

    /// Returns the store's directory.
    pub fn store(&self) -> PathBuf {
        self.config.load().store.path.clone()
    }

    /// Returns the address a request counts for: the peer's, or what a proxy of ours says it was.
    pub fn address(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        if !self.config.load().web.behind_proxy {
            return peer;
        }
        let said = headers
            .get("x-forwarded-for")
            .and_then(|value| value.to_str().ok());
        // The last is the one our own proxy wrote.
        said.and_then(|list| list.rsplit(',').next()?.trim().parse().ok())
            .unwrap_or(peer)
    }
}
