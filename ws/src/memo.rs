//! What staff write to each other: to one colleague or to a group, in no customer's record.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::id::{AgentId, Mid, QueueId, Timestamp};

/// How many memos a desk shows at most; every whole desk brings them.
pub const SHOWN: usize = 50;

/// To whom a memo goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemoTo {
    /// One agent or supervisor.
    Agent(AgentId),
    /// Everybody who serves a queue.
    Queue(QueueId),
    /// All supervisors.
    Supervisors,
    /// All agents and supervisors.
    Everybody,
}

/// What somebody wrote to colleagues.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Memo {
    /// Its number, which grows.
    #[ts(type = "number")]
    pub n: u64,
    /// When.
    pub at: Timestamp,
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

/// The memos of one agent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Memos {
    /// What they wrote and what was written to them, the oldest first, at most 50.
    pub memos: Vec<Memo>,
    /// Up to which number they read.
    #[ts(type = "number")]
    pub read: u64,
    /// How many of others they did not read yet.
    pub unread: u32,
}

impl Memos {
    /// Takes what came since, and lets go of the oldest above [`SHOWN`].
    pub fn extend(&mut self, news: &Self) {
        self.memos.extend(news.memos.iter().cloned());
        let excess = self.memos.len().saturating_sub(SHOWN);
        self.memos.drain(..excess);
        (self.read, self.unread) = (news.read, news.unread);
    }

    /// Tells whether nothing need be said of them.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memo(n: u64) -> Memo {
        Memo {
            n,
            at: Timestamp(1_000),
            mid: format!("m-{n}").parse().unwrap(),
            by: "sam".parse().unwrap(),
            name: "Sam".to_owned(),
            to: MemoTo::Everybody,
            text: "cake at four".to_owned(),
        }
    }

    #[test]
    fn a_desk_that_hears_of_memos_all_day_shows_the_last_fifty() {
        let mut desk = Memos::default();

        for n in 1..=60 {
            let (memos, unread) = (vec![memo(n)], 50);
            desk.extend(&Memos {
                memos,
                read: 7,
                unread,
            });
        }

        let shown: Vec<_> = desk.memos.iter().map(|memo| memo.n).collect();
        assert_eq!(shown, (11..=60).collect::<Vec<_>>());
        assert_eq!((desk.read, desk.unread), (7, 50));
    }
}
