//! Memos: what staff write to each other, to one colleague, to all agents of a queue, to all supervisors, to everybody. They
//! are in no customer's record, and the last thousand of a month are all there is.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use ws::{
    frame::{Code, Refusal},
    id::{AgentId, Mid, Timestamp},
    memo::{Memo, MemoTo, Memos as Shown, SHOWN},
};

use crate::{
    event::{Event, Fact},
    hub::Hub,
    input::{Done, refuse},
    scope::check_written,
    setup::AgentSetup,
};

/// How many are kept in the whole house: what a shift of a hundred people reads, at a megabyte or two.
pub const KEPT: usize = 1_000;
/// For how long one is kept: they are about the day, and what people write of customers is not to stay.
pub const KEPT_FOR: Duration = Duration::from_secs(30 * 86_400);
/// The longest, in characters.
const TEXT: usize = 2_000;

/// What an agent does about memos.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MemoAct {
    /// Writes one.
    Send {
        /// Made by the writer.
        mid: Mid,
        /// To whom.
        to: MemoTo,
        /// What.
        text: String,
    },
    /// Has read them up to this number.
    Read {
        /// The number.
        upto: u64,
    },
}

/// What the journal says of a memo; its time is that of the fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// Its number, which grows.
    pub n: u64,
    /// Made by the writer.
    pub mid: Mid,
    /// Who wrote it.
    pub by: AgentId,
    /// Their name.
    pub name: String,
    /// To whom.
    pub to: MemoTo,
    /// 1 to 2,000 characters; empty where it is kept no longer.
    pub text: String,
}

impl Sent {
    fn at(self, at: Timestamp) -> Memo {
        Memo {
            n: self.n,
            at,
            mid: self.mid,
            by: self.by,
            name: self.name,
            to: self.to,
            text: self.text,
        }
    }
}

/// All memos that are kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memos {
    kept: VecDeque<Memo>,
    read: BTreeMap<AgentId, u64>,
}

impl Memos {
    pub(crate) fn apply(&mut self, fact: &Fact) {
        match &fact.event {
            Event::MemoSent(sent) => self.add(sent.clone().at(fact.at)),
            Event::MemosRead { agent, upto } => {
                self.read.insert(agent.clone(), *upto);
            }
            _ => {}
        }
    }

    fn add(&mut self, memo: Memo) {
        let now = memo.at;
        self.kept.push_back(memo);
        let excess = self.kept.len().saturating_sub(KEPT);
        self.kept.drain(..excess);
        while self.kept.front().is_some_and(|one| one.at + KEPT_FOR < now) {
            self.kept.pop_front();
        }
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.kept.len()
    }

    fn last(&self) -> u64 {
        self.kept.back().map_or(0, |memo| memo.n)
    }

    fn read_by(&self, agent: &AgentId) -> u64 {
        self.read.get(agent).copied().unwrap_or(0)
    }
}

impl Hub {
    pub(crate) fn act_on_memos(&mut self, agent: &AgentId, act: MemoAct) -> Result<Done, Refusal> {
        let Some(setup) = self.setup.agents.get(agent) else {
            return refuse(Code::NotFound, format!("there is no agent \"{agent}\""));
        };
        match act {
            MemoAct::Send { mid, to, text } => {
                check_written("memo", &text, TEXT)?;
                let memos = self.state.memos();
                let mut kept = memos.kept.iter();
                if kept.any(|memo| memo.by == *agent && memo.mid == mid) {
                    return Ok(Done::Ok);
                }
                self.check_addressee(agent, setup, &to)?;
                let n = memos.last() + 1;
                let (by, name) = (agent.clone(), setup.name.clone());
                let sent = Sent {
                    n,
                    mid,
                    by,
                    name,
                    to,
                    text,
                };
                self.tell(None, Event::MemoSent(sent));
            }
            MemoAct::Read { upto } => {
                let memos = self.state.memos();
                let upto = upto.min(memos.last());
                if upto > memos.read_by(agent) {
                    let agent = agent.clone();
                    self.tell(None, Event::MemosRead { agent, upto });
                }
            }
        }
        Ok(Done::Ok)
    }

    fn check_addressee(
        &self,
        agent: &AgentId,
        setup: &AgentSetup,
        to: &MemoTo,
    ) -> Result<(), Refusal> {
        match to {
            MemoTo::Agent(other) if other == agent => refuse(
                Code::Conflict,
                "this would be to yourself; choose a colleague",
            ),
            MemoTo::Agent(other) if !self.setup.agents.contains_key(other) => {
                refuse(Code::NotFound, format!("there is no agent \"{other}\""))
            }
            MemoTo::Queue(queue) if !self.setup.queues.contains_key(queue) => {
                refuse(Code::NotFound, format!("there is no queue \"{queue}\""))
            }
            MemoTo::Queue(queue) if !setup.supervisor && !setup.queues.contains(queue) => refuse(
                Code::Forbidden,
                "agents write to the queues they serve; supervisors to all",
            ),
            MemoTo::Everybody if !setup.supervisor => {
                refuse(Code::Forbidden, "only supervisors write to everybody")
            }
            MemoTo::Agent(_) | MemoTo::Queue(_) | MemoTo::Supervisors | MemoTo::Everybody => Ok(()),
        }
    }

    /// Returns the memos that are an agent's to read, at most the last 50.
    pub fn memos_of(&self, agent: &AgentId) -> Shown {
        let Some(setup) = self.setup.agents.get(agent) else {
            return Shown::default();
        };
        let memos = self.state.memos();
        let read = memos.read_by(agent);
        let theirs = |memo: &&Memo| {
            let fresh = memo.at + KEPT_FOR >= self.now;
            fresh && (memo.by == *agent || is_to(memo, agent, setup))
        };
        let mut shown: Vec<_> = memos
            .kept
            .iter()
            .rev()
            .filter(theirs)
            .take(SHOWN)
            .cloned()
            .collect();
        shown.reverse();
        let fresh = shown
            .iter()
            .filter(|memo| memo.n > read && memo.by != *agent);
        let unread = u32::try_from(fresh.count()).unwrap_or(u32::MAX);
        Shown {
            memos: shown,
            read,
            unread,
        }
    }
}

fn is_to(memo: &Memo, agent: &AgentId, setup: &AgentSetup) -> bool {
    match &memo.to {
        MemoTo::Agent(other) => other == agent,
        MemoTo::Queue(queue) => setup.queues.contains(queue),
        MemoTo::Supervisors => setup.supervisor,
        MemoTo::Everybody => true,
    }
}
