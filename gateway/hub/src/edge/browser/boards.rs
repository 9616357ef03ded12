//! The supervisors' boards: one stream of the whole house, told to every console that watches it. Facts only mark it as
//! stale; it is drawn and compared a few times a second at most, and not at all while nobody watches.

mod latest;
mod trunks;
mod view;

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use sip::endpoint::TrunkStanding;
use ws::{
    agent::{DeskResume, Push},
    board::{Board, Change},
    frame::Told,
    id::{AgentId, Seq, Timestamp},
};

use super::Out;
use crate::{
    Hub,
    event::{Event, Fact},
};
use latest::Latest;
use trunks::Trunks;

/// How often the board is told at most.
const TICK: Duration = Duration::from_millis(500);
/// How often it is drawn although nothing happened, as expected waits grow by themselves.
const ANYHOW: Duration = Duration::from_secs(10);
/// Changes kept for consoles that come back.
const RING: usize = 64;

/// The stream and who follows it.
#[derive(Debug, Default)]
pub(super) struct Boards {
    latest: Latest,
    trunks: Trunks,
    presences: BTreeMap<AgentId, Timestamp>,
    watchers: BTreeMap<u64, Watcher>,
    board: Option<Board>,
    seq: Seq,
    ring: VecDeque<(Seq, Push)>,
    stale: bool,
    drawn: Timestamp,
}

/// How a console follows.
#[derive(Debug)]
enum Watcher {
    /// It is told where it was, or everything, with the next drawing.
    Waits(Option<DeskResume>),
    /// It is told every change.
    Follows,
}

impl Boards {
    /// Takes in a fact of the time before this start.
    pub(super) fn replay(&mut self, fact: &Fact) {
        if let Event::PresenceSet { agent, .. } = &fact.event {
            self.presences.insert(agent.clone(), fact.at);
        }
    }

    /// Takes in a fact, with the state as of its batch.
    pub(super) fn note(&mut self, fact: &Fact, hub: &Hub) {
        self.replay(fact);
        self.latest.note(fact, hub);
        if !matches!(fact.event, Event::Said { .. }) {
            self.stale = true;
        }
    }

    /// Takes in how the trunks stand.
    pub(super) fn trunks(&mut self, standings: &[TrunkStanding], now: Timestamp) {
        self.stale |= self.trunks.take(standings, now);
    }

    /// Takes in that the configuration changed: who is no supervisor any more watches no more.
    pub(super) fn note_setup(&mut self, allowed: impl Fn(u64) -> bool) {
        self.stale = true;
        self.watchers.retain(|socket, _| allowed(*socket));
    }

    /// Draws the board as it stands.
    pub(super) fn draw(&self, hub: &Hub, now: Timestamp) -> Board {
        let mut board = view::board(hub, &self.latest, &self.presences, now);
        board.trunks = self.trunks.views().to_vec();
        board
    }

    /// Lets a console watch, from where it was if that is known.
    pub(super) fn watch(&mut self, socket: u64, resume: Option<DeskResume>) {
        self.watchers.insert(socket, Watcher::Waits(resume));
    }

    /// Forgets a socket; without anybody left nothing is drawn any more.
    pub(super) fn close(&mut self, socket: u64) {
        self.watchers.remove(&socket);
        if self.watchers.is_empty() && self.board.take().is_some() {
            self.ring.clear();
            // What changes from now on is in no change: whoever comes back is told everything.
            self.seq = Seq(self.seq.0 + 1);
        }
    }

    /// Returns when [`Self::handle_timeout`] is next due.
    pub(super) fn poll_timeout(&self) -> Option<Timestamp> {
        if self.watchers.is_empty() {
            return None;
        }
        let waits = |watcher: &Watcher| matches!(watcher, Watcher::Waits(_));
        let soon = self.stale || self.watchers.values().any(waits);
        Some(self.drawn + if soon { TICK } else { ANYHOW })
    }

    /// Draws the board and tells what changed.
    pub(super) fn handle_timeout(&mut self, epoch: &str, hub: &Hub, now: Timestamp, out: &mut Out) {
        if self.poll_timeout().is_none_or(|due| due > now) {
            return;
        }
        self.drawn = now;
        self.stale = false;
        let board = self.draw(hub, now);
        let changes = self.board.as_ref().map(|before| changes(before, &board));
        self.board = Some(board);
        let push = changes
            .filter(|changes| !changes.is_empty())
            .map(|changes| {
                self.seq = Seq(self.seq.0 + 1);
                let (seq, at) = (self.seq, now);
                Push::BoardChange { seq, at, changes }
            });
        if let Some(push) = &push {
            self.ring.push_back((self.seq, push.clone()));
            let excess = self.ring.len().saturating_sub(RING);
            self.ring.drain(..excess);
        }
        self.tell(epoch, push.as_ref(), out);
    }

    fn tell(&mut self, epoch: &str, push: Option<&Push>, out: &mut Out) {
        let Some(board) = &self.board else {
            return;
        };
        for (socket, watcher) in &mut self.watchers {
            match std::mem::replace(watcher, Watcher::Follows) {
                Watcher::Follows => {
                    if let Some(push) = push {
                        out.agent(*socket, Told::Push(push.clone()));
                    }
                }
                Watcher::Waits(resume) => {
                    let known = resume.filter(|from| from.epoch == epoch);
                    let from = known
                        .map(|from| from.seq)
                        .filter(|from| reaches(&self.ring, self.seq, *from));
                    match from {
                        Some(from) => {
                            for (_, push) in self.ring.iter().filter(|(seq, _)| *seq > from) {
                                out.agent(*socket, Told::Push(push.clone()));
                            }
                        }
                        None => {
                            let (seq, board) = (self.seq, Box::new(board.clone()));
                            out.agent(*socket, Told::Push(Push::Board { seq, board }));
                        }
                    }
                }
            }
        }
    }
}

fn reaches(ring: &VecDeque<(Seq, Push)>, top: Seq, seq: Seq) -> bool {
    let oldest = ring.front().map_or(top.0 + 1, |(seq, _)| seq.0);
    seq <= top && seq.0 + 1 >= oldest
}

// What leads from one board to the next. Lists that have an end are told anew when anything in them changed.
fn changes(before: &Board, after: &Board) -> Vec<Change> {
    let mut changes = Vec::new();
    for queue in after.queues.iter().filter(|q| !before.queues.contains(q)) {
        let queue = queue.clone();
        changes.push(Change::Queue { queue });
    }
    for gone in &before.queues {
        if after.queues.iter().all(|queue| queue.queue != gone.queue) {
            let queue = gone.queue.clone();
            changes.push(Change::QueueGone { queue });
        }
    }
    let known: BTreeMap<_, _> = before.agents.iter().map(|a| (&a.agent, a)).collect();
    for agent in &after.agents {
        if known.get(&agent.agent) != Some(&agent) {
            let agent = agent.clone();
            changes.push(Change::Agent { agent });
        }
    }
    let still: std::collections::BTreeSet<_> = after.agents.iter().map(|a| &a.agent).collect();
    for gone in before.agents.iter().filter(|a| !still.contains(&a.agent)) {
        let agent = gone.agent.clone();
        changes.push(Change::AgentGone { agent });
    }
    if before.waiting != after.waiting {
        let waiting = after.waiting.clone();
        changes.push(Change::Waiting { waiting });
    }
    if before.callbacks != after.callbacks {
        let callbacks = after.callbacks.clone();
        changes.push(Change::Callbacks { callbacks });
    }
    if before.decisions != after.decisions {
        let decisions = after.decisions.clone();
        changes.push(Change::Decisions { decisions });
    }
    if before.tolls != after.tolls {
        let tolls = after.tolls.clone();
        changes.push(Change::Tolls { tolls });
    }
    if before.trunks != after.trunks {
        let trunks = after.trunks.clone();
        changes.push(Change::Trunks { trunks });
    }
    if before.ratings != after.ratings {
        let ratings = after.ratings.clone();
        changes.push(Change::Ratings { ratings });
    }
    for quarter in after.day.iter().filter(|q| !before.day.contains(q)) {
        changes.push(Change::Quarter { quarter: *quarter });
    }
    changes
}
