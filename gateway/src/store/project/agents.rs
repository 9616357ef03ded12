//! Agents: their presence, and what a restart needs of it.

use hub::Event;
use rusqlite::{Result, params};
use ws::{agent::Presence, id::AgentId};

use super::To;

pub(super) fn fold(to: &To<'_>, event: &Event) -> Result<()> {
    match event {
        Event::PresenceSet {
            agent, presence, ..
        } => {
            last(to, agent, "presence")?;
            let (state, reason) = match presence {
                Presence::Ready => ("ready", None),
                Presence::Away { reason } => ("away", Some(reason)),
                Presence::Gone => ("gone", None),
            };
            to.run(
                "UPDATE agent_states SET to_at = ?2
                 WHERE row = (SELECT max(row) FROM agent_states WHERE agent = ?1) AND to_at IS NULL",
                params![agent.as_str(), to.at],
            )?;
            to.run(
                "INSERT OR IGNORE INTO agent_states (row, agent, state, reason, from_at) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![to.row, agent.as_str(), state, reason, to.at],
            )
            .map(drop)
        }
        Event::MemosRead { agent, .. } => last(to, agent, "memos"),
        Event::MemoSent(sent) => to
            .run(
                "INSERT OR IGNORE INTO memos (row, at, text) VALUES (?1, ?2, ?3)",
                params![to.row, to.at, sent.text],
            )
            .map(drop),
        Event::PhoneRegistered { agent, .. } | Event::PhoneGone { agent } => {
            last(to, agent, "phone")
        }
        other => {
            debug_assert!(false, "{other:?} is folded elsewhere");
            Ok(())
        }
    }
}

fn last(to: &To<'_>, agent: &AgentId, kind: &str) -> Result<()> {
    to.run(
        "INSERT INTO agent_rows VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET row = excluded.row",
        params![agent.as_str(), kind, to.row],
    )
    .map(drop)
}
