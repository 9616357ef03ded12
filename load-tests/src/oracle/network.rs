//! A bad network between browsers and the daemon's web side: it delays, stalls, cuts, closes one half, or lets nothing
//! through in one direction while the other goes on.

use std::{
    fmt,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::Result;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::{AbortHandle, JoinSet},
    time,
};

/// How long anything takes from one side to the other, in milliseconds.
const DELAY: std::ops::Range<u64> = 0..40;
/// How long a stalled connection stands still, in milliseconds.
const STALL: std::ops::Range<u64> = 200..4_000;
/// What fits between the two sides.
const PIECE: usize = 16 * 1024;

/// What may become of a connection, with how often of a hundred.
const FATES: [(Fate, u32); 5] = [
    (Fate::Cut, 40),
    (Fate::Stall, 35),
    (Fate::HalfUp, 8),
    (Fate::HalfDown, 8),
    (Fate::Deaf, 9),
];

/// What becomes of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// Both sides see it end, by a reset in half of the cases.
    Cut,
    /// Nothing passes for a while.
    Stall,
    /// What browsers send ends; what the daemon sends still arrives.
    HalfUp,
    /// What the daemon sends ends; what browsers send still arrives.
    HalfDown,
    /// What one side sends vanishes until somebody gives the connection up.
    Deaf,
}

/// The way a byte goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Up,
    Down,
}

/// What passes at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weather {
    Fair,
    Stalled,
    Ended(Way),
    Vanishing(Way),
}

/// How often what happened.
#[derive(Debug, Default)]
pub struct Tally([AtomicU64; FATES.len()]);

impl Tally {
    fn count(&self, fate: Fate) {
        if let Some(place) = FATES.iter().position(|(known, _)| *known == fate) {
            self.0[place].fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Returns what never happened.
    pub fn missed(&self) -> Vec<String> {
        let counts = self.0.iter().map(|count| count.load(Ordering::Relaxed));
        FATES
            .iter()
            .zip(counts)
            .filter(|(_, count)| *count == 0)
            .map(|((fate, _), _)| format!("no connection met {fate:?}, so nothing was shown of it"))
            .collect()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = self.0.iter().map(|count| count.load(Ordering::Relaxed));
        let words: Vec<_> = FATES
            .iter()
            .zip(counts)
            .map(|((fate, _), count)| format!("{fate:?} {count}"))
            .collect();
        f.write_str(&words.join(", "))
    }
}

/// The network. It ends when this is dropped.
pub struct Network {
    /// Where browsers find it.
    pub here: SocketAddr,
    /// How often what happened.
    pub tally: Arc<Tally>,
    calm: watch::Sender<bool>,
    task: AbortHandle,
}

impl Network {
    /// Stands before `target`; a connection meets something about every `mean`.
    pub async fn start(target: SocketAddr, mean: Duration, seed: u64) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let here = listener.local_addr()?;
        let tally = Arc::new(Tally::default());
        let (calm, calmed) = watch::channel(false);
        let count = tally.clone();
        let task = tokio::spawn(async move {
            let mut dice = StdRng::seed_from_u64(seed);
            let mut lines = JoinSet::new();
            // It fails only when this process has no more descriptors; browsers then find nobody, and try again.
            while let Ok((browser, _)) = listener.accept().await {
                while lines.try_join_next().is_some() {}
                let dice = StdRng::from_rng(&mut dice);
                lines.spawn(carry(
                    browser,
                    target,
                    Line {
                        mean,
                        dice,
                        calm: calmed.clone(),
                        tally: count.clone(),
                    },
                ));
            }
        });
        Ok(Self {
            here,
            tally,
            calm,
            task: task.abort_handle(),
        })
    }

    /// From now on nothing bad happens any more to a connection.
    pub fn calm(&self) {
        self.calm.send_replace(true);
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Line {
    mean: Duration,
    dice: StdRng,
    calm: watch::Receiver<bool>,
    tally: Arc<Tally>,
}

// A connection from its begin to its end.
async fn carry(browser: TcpStream, target: SocketAddr, mut line: Line) {
    let Ok(daemon) = TcpStream::connect(target).await else {
        return;
    };
    let ready = [&browser, &daemon].into_iter().all(|stream| {
        let reset = line.dice.random_bool(0.5).then_some(Duration::ZERO);
        stream.set_nodelay(true).is_ok() && socket2::SockRef::from(stream).set_linger(reset).is_ok()
    });
    if !ready {
        return;
    }
    let (weather, seen) = watch::channel(Weather::Fair);
    let (from_browser, to_browser) = browser.into_split();
    let (from_daemon, to_daemon) = daemon.into_split();
    let mut dice = || StdRng::from_rng(&mut line.dice);
    let up = pump(from_browser, to_daemon, Way::Up, seen.clone(), dice());
    let down = pump(from_daemon, to_browser, Way::Down, seen, dice());
    let both = async { tokio::join!(up, down) };
    tokio::select! {
        _ = both => {}
        () = blow(&weather, line) => {}
    }
}

// Lets happen what happens; returns when the connection is cut.
async fn blow(weather: &watch::Sender<Weather>, mut line: Line) {
    loop {
        // Exponential: no moment is likelier than another.
        let wait = line
            .mean
            .mul_f64(-line.dice.random_range(f64::EPSILON..1.0).ln());
        let calm = &mut line.calm;
        let well = tokio::select! {
            () = time::sleep(wait) => false,
            well = async { calm.wait_for(|calm| *calm).await.is_ok() } => well,
        };
        if well {
            // What is lost already stays lost: whoever notices opens another connection.
            return std::future::pending().await;
        }
        let fate = draw(&mut line.dice);
        line.tally.count(fate);
        match fate {
            Fate::Cut => return,
            Fate::Stall => {
                let span = Duration::from_millis(line.dice.random_range(STALL));
                weather.send_replace(Weather::Stalled);
                time::sleep(span).await;
                weather.send_replace(Weather::Fair);
                continue;
            }
            Fate::HalfUp => weather.send_replace(Weather::Ended(Way::Up)),
            Fate::HalfDown => weather.send_replace(Weather::Ended(Way::Down)),
            Fate::Deaf => {
                let way = if line.dice.random_bool(0.5) {
                    Way::Up
                } else {
                    Way::Down
                };
                weather.send_replace(Weather::Vanishing(way))
            }
        };
        return std::future::pending().await;
    }
}

fn draw(dice: &mut StdRng) -> Fate {
    let mut left = dice.random_range(0..FATES.iter().map(|(_, share)| share).sum());
    for (fate, share) in FATES {
        if left < share {
            return fate;
        }
        left -= share;
    }
    Fate::Cut
}

// Carries what one side says, as the weather is.
async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    way: Way,
    mut weather: watch::Receiver<Weather>,
    mut dice: StdRng,
) {
    let mut piece = vec![0; PIECE];
    loop {
        let count = tokio::select! {
            read = from.read(&mut piece) => read.unwrap_or(0),
            _ = weather.wait_for(|now| *now == Weather::Ended(way)) => 0,
        };
        if count == 0 {
            // The other side is told; it is gone already when that fails.
            let _ = to.shutdown().await;
            return;
        }
        time::sleep(Duration::from_millis(dice.random_range(DELAY))).await;
        let now = match weather.wait_for(|now| *now != Weather::Stalled).await {
            Ok(now) => *now,
            Err(_) => return,
        };
        if now == Weather::Vanishing(way) {
            continue;
        }
        if to.write_all(&piece[..count]).await.is_err() {
            return;
        }
    }
}
