//! How files are taken in: a few at a time, one of each sender, visitors and agents apart, and none slower than a line may be.
//! Whoever sends slowly or often so holds up themselves only.

use std::{
    collections::BTreeSet,
    pin::pin,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use axum::body::Body;
use futures_util::StreamExt;
use hub::input::Actor;
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::{Instant, timeout, timeout_at},
};
use ws::id::InteractionId;

use super::problem::Problem;
use crate::metrics;

/// Files of visitors, and of agents, taken in at a time; each is in memory while it comes.
const TURNS: usize = 8;
/// How long a sender waits for a turn.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a file may come without any pace.
const GRACE: Duration = Duration::from_secs(10);
/// The slowest pace after that, in bytes a second.
const PACE: u64 = 32 * 1024;
/// How long all around a file's body may take.
const AROUND: Duration = Duration::from_secs(60);

/// Returns how long a request with a file of at most `largest` bytes may take, its answer included.
pub fn whole(largest: usize) -> Duration {
    AROUND + due(largest as u64)
}

// When so many bytes must have come.
fn due(bytes: u64) -> Duration {
    GRACE + Duration::from_secs(bytes / PACE)
}

/// Who sends now, and whose turn it is.
pub struct Intake {
    visitors: Semaphore,
    agents: Semaphore,
    // Held for an insertion or a removal only.
    sending: Mutex<BTreeSet<(InteractionId, Actor)>>,
}

impl Default for Intake {
    fn default() -> Self {
        Self {
            visitors: Semaphore::new(TURNS),
            agents: Semaphore::new(TURNS),
            sending: Mutex::default(),
        }
    }
}

/// A sender's turn; it is given back when this goes.
pub struct Turn<'a> {
    intake: &'a Intake,
    key: (InteractionId, Actor),
    permit: Option<SemaphorePermit<'a>>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.intake.all().remove(&self.key);
    }
}

impl Intake {
    /// Notes that somebody sends a file into a chat; refuses a second one beside it.
    pub fn begin(&self, interaction: InteractionId, by: &Actor) -> Result<Turn<'_>, Problem> {
        let key = (interaction, by.clone());
        if !self.all().insert(key.clone()) {
            metrics::refused("upload");
            return Err(Problem::too_many(
                1,
                "another file of yours is on its way into this chat; send this one when that has arrived",
            ));
        }
        Ok(Turn {
            intake: self,
            key,
            permit: None,
        })
    }

    fn all(&self) -> std::sync::MutexGuard<'_, BTreeSet<(InteractionId, Actor)>> {
        // An insertion or a removal leaves nothing half done.
        self.sending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn<'_> {
    /// Waits for the turn and reads the file, at most `largest` bytes of it.
    pub async fn read(&mut self, body: Body, largest: usize) -> Result<Vec<u8>, Problem> {
        let turns = match self.key.1 {
            Actor::Visitor(_) | Actor::Customer(_) => &self.intake.visitors,
            Actor::Agent(_) | Actor::House(_) => &self.intake.agents,
        };
        let Ok(Ok(permit)) = timeout(PATIENCE, turns.acquire()).await else {
            metrics::refused("upload");
            return Err(Problem::unavailable(
                PATIENCE.as_secs(),
                "many files are on their way at the moment; send this one again in a moment",
            ));
        };
        self.permit = Some(permit);
        bytes(body, largest, due).await
    }
}

async fn bytes(
    body: Body,
    largest: usize,
    due: impl Fn(u64) -> Duration,
) -> Result<Vec<u8>, Problem> {
    let mut parts = pin!(body.into_data_stream());
    let began = Instant::now();
    let mut all = Vec::new();
    loop {
        let Ok(part) = timeout_at(began + due(all.len() as u64), parts.next()).await else {
            metrics::refused("slow");
            return Err(Problem::too_slow_for(format!(
                "a file must come at {} KiB a second or faster",
                PACE / 1024
            )));
        };
        let Some(part) = part else {
            return Ok(all);
        };
        let Ok(part) = part else {
            metrics::refused("body");
            return Err(Problem::bad_request("the file did not come to its end"));
        };
        if all.len() + part.len() > largest {
            metrics::refused("body");
            return Err(Problem::too_large(largest));
        }
        all.extend_from_slice(&part);
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use bytes::Bytes;
    use futures_util::stream;
    use ws::id::{AgentId, VisitorId};

    use super::*;

    fn chat(n: u128) -> InteractionId {
        InteractionId::new(n).unwrap()
    }

    fn visitor(n: u128) -> Actor {
        Actor::Visitor(VisitorId::new(n).unwrap())
    }

    #[test]
    fn a_file_may_come_over_a_slow_line() {
        let slow = PACE * 2;
        for seconds in 1..1_000 {
            let now = Duration::from_secs(seconds);
            assert!(now <= due(slow * seconds), "{seconds}");
        }
        assert!(due(11) < Duration::from_secs(11), "a stuck sender is out");
        assert!(whole(1_000_000) > due(1_000_000));
    }

    #[tokio::test]
    async fn who_sends_too_slowly_too_much_or_half_is_told_so() {
        let never = || Body::from_stream(stream::pending::<Result<Bytes, Infallible>>());
        let half = Body::from_stream(stream::iter([
            Ok(Bytes::from("12")),
            Err(std::io::Error::other("cut")),
        ]));

        let slow = bytes(never(), 9, |_| Duration::ZERO).await;
        let much = bytes(Body::from("1234567890"), 9, due).await;
        let cut = bytes(half, 9, due).await;
        let whole = bytes(Body::from("123456789"), 9, due).await;

        let status = |answer: Result<Vec<u8>, Problem>| answer.unwrap_err().status;
        assert_eq!((status(slow), status(much), status(cut)), (408, 413, 400));
        assert_eq!(whole.unwrap(), b"123456789");
    }

    #[test]
    fn a_sender_has_one_file_on_its_way_into_a_chat() {
        let intake = Intake::default();

        let first = intake.begin(chat(1), &visitor(1)).unwrap();
        let second = intake.begin(chat(1), &visitor(1));
        assert_eq!(second.err().unwrap().status, 429);
        let other = intake.begin(chat(2), &visitor(1));
        assert!(other.is_ok(), "another chat is another matter");
        drop(first);
        assert!(intake.begin(chat(1), &visitor(1)).is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_in_vain_for_a_turn_is_told_to_come_again() {
        let intake = Intake::default();
        let mut all = Vec::new();
        for n in 1..=TURNS as u128 {
            let mut turn = intake.begin(chat(n), &visitor(n)).unwrap();
            turn.read(Body::from("x"), 1).await.unwrap();
            all.push(turn);
        }

        let mut late = intake.begin(chat(99), &visitor(99)).unwrap();
        let answer = late.read(Body::from("x"), 1).await;

        assert_eq!(answer.unwrap_err().status, 503);
    }

    #[test]
    fn the_limits_on_the_page_are_those_in_force() {
        let page = include_str!("../../../PROTOCOL.md");
        let pace = format!(
            "| bytes a second of a file, after its first {} seconds | {},{:03} | 408 |",
            GRACE.as_secs(),
            PACE / 1_000,
            PACE % 1_000
        );
        let turns = format!(
            "| files of visitors, and of agents, on their way at a time; another waits {} seconds | {TURNS} | 503 |",
            PATIENCE.as_secs()
        );
        for row in [pace, turns] {
            assert!(page.contains(&row), "{row}");
        }
    }

    #[tokio::test]
    async fn visitors_who_hold_all_turns_hold_no_agents_turn() {
        let intake = Intake::default();
        let mut all = Vec::new();
        for n in 1..=TURNS as u128 {
            let mut turn = intake.begin(chat(n), &visitor(n)).unwrap();
            turn.read(Body::from("x"), 1).await.unwrap();
            all.push(turn);
        }

        let free = || intake.visitors.available_permits();
        assert_eq!((free(), intake.agents.available_permits()), (0, TURNS));
        let anna = Actor::Agent("anna".parse::<AgentId>().unwrap());
        let mut agent = intake.begin(chat(1), &anna).unwrap();
        assert!(agent.read(Body::from("x"), 1).await.is_ok());
        all.clear();
        assert_eq!(free(), TURNS);
    }
}
