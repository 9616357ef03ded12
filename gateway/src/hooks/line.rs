//! The line before another system: so many questions are asked at a time, so many more wait, and none longer than it may.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout_at},
};

/// A line.
#[derive(Clone, Debug)]
pub struct Line {
    turns: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

/// A place in it.
#[derive(Debug)]
pub struct Place {
    turns: Arc<Semaphore>,
    until: Instant,
    _place: OwnedSemaphorePermit,
}

/// That it is a question's turn, until this is dropped.
#[derive(Debug)]
pub struct Turn(#[allow(dead_code, reason = "it is held")] OwnedSemaphorePermit);

impl Line {
    /// Opens a line of which `together` have their turn at a time while `waiting` more wait.
    pub fn new(together: usize, waiting: usize) -> Self {
        Self {
            turns: Arc::new(Semaphore::new(together)),
            places: Arc::new(Semaphore::new(waiting)),
        }
    }

    /// Takes a place for at most `span`; none while the line is full.
    pub fn join(&self, span: Duration) -> Option<Place> {
        let place = self.places.clone().try_acquire_owned().ok()?;
        Some(Place {
            turns: self.turns.clone(),
            until: Instant::now() + span,
            _place: place,
        })
    }
}

impl Place {
    /// Waits for its turn, first come first served, and leaves the line; none if it does not come in time.
    pub async fn turn(self) -> Option<Turn> {
        let turn = timeout_at(self.until, self.turns.acquire_owned()).await;
        turn.ok()?.ok().map(Turn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPAN: Duration = Duration::from_millis(300);

    // What was spawned does what it can, then the time passes.
    async fn pass(span: Duration) {
        tokio::task::yield_now().await;
        tokio::time::advance(span).await;
        tokio::task::yield_now().await;
    }

    #[tokio::test(start_paused = true)]
    async fn who_comes_while_all_turns_are_taken_waits_for_the_next() {
        let line = Line::new(1, 8);
        let first = line.join(SPAN).unwrap().turn().await.unwrap();
        let waiting = tokio::spawn(line.join(SPAN).unwrap().turn());

        pass(SPAN - Duration::from_millis(1)).await;
        assert!(!waiting.is_finished());
        drop(first);

        assert!(waiting.await.unwrap().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_longer_than_they_may_counted_from_when_they_came() {
        let line = Line::new(1, 8);
        let first = line.join(SPAN).unwrap().turn().await.unwrap();
        let place = line.join(SPAN).unwrap();
        pass(Duration::from_millis(200)).await;
        let waiting = tokio::spawn(place.turn());

        pass(Duration::from_millis(99)).await;
        assert!(!waiting.is_finished());
        pass(Duration::from_millis(2)).await;
        assert!(waiting.is_finished());

        assert!(waiting.await.unwrap().is_none());
        drop(first);
        assert!(line.join(SPAN).unwrap().turn().await.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_line_takes_nobody_and_a_turn_makes_room() {
        let line = Line::new(1, 1);
        let first = line.join(SPAN).unwrap().turn().await.unwrap();
        let waiting = tokio::spawn(line.join(SPAN).unwrap().turn());
        assert!(line.join(SPAN).is_none());

        drop(first);
        let second = waiting.await.unwrap();

        assert!(second.is_some());
        assert!(line.join(SPAN).is_some());
    }
}
