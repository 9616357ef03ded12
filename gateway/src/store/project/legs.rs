//! Legs.

use hub::{
    Event,
    event::{InCall, NOBODY, Party},
    input::Cause,
};
use rusqlite::{Result, params};
use ws::id::Number;

use super::{To, word};

pub(super) fn fold(to: &To<'_>, event: &Event) -> Result<()> {
    match event {
        Event::LegStarted {
            leg,
            party,
            cause,
            parent,
        } => {
            let (kind, who, trunk) = describe(party);
            let parent = parent.map(|parent| parent.to_string());
            to.run(
                "INSERT OR IGNORE INTO legs (leg, interaction, kind, party, trunk, cause, parent, started_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![leg.to_string(), to.interaction, kind, who, trunk, word(cause), parent, to.at],
            )
        }
        Event::LegAnswered { leg } => to.run(
            "UPDATE legs SET answered_at = ?2 WHERE leg = ?1",
            params![leg.to_string(), to.at],
        ),
        Event::InCall(InCall::Rerouted { leg, trunk, .. }) => to.run(
            "UPDATE legs SET trunk = ?2 WHERE leg = ?1",
            params![leg.to_string(), trunk.to_string()],
        ),
        // An agent's phone is the agent's, wherever it is answered.
        Event::InCall(InCall::Redirected {
            leg, number, trunk, ..
        }) => to.run(
            "UPDATE legs SET party = ?2, trunk = coalesce(?3, trunk)
             WHERE leg = ?1 AND kind IN ('customer_phone', 'outside_phone')",
            params![leg.to_string(), shown(number), trunk.as_ref().map(ToString::to_string)],
        ),
        Event::LegEnded {
            leg,
            cause: Cause { kind, status, text },
        } => to.run(
            "UPDATE legs SET ended_at = ?2, end_kind = ?3, reason = ?4, status = ?5 WHERE leg = ?1",
            params![leg.to_string(), to.at, word(kind), text, status],
        ),
        other => {
            debug_assert!(false, "{other:?} is folded elsewhere");
            Ok(0)
        }
    }
    .map(drop)
}

/// Returns a number as it is written down; none where it was taken out.
pub fn shown(number: &Number) -> Option<String> {
    (number.as_str() != NOBODY).then(|| number.to_string())
}

/// Returns the kind of a party, who it is, and the trunk it is reached by.
pub fn describe(party: &Party) -> (&'static str, Option<String>, Option<String>) {
    match party {
        Party::CustomerPhone { number, trunk } => (
            "customer_phone",
            number.as_ref().map(ToString::to_string),
            trunk.as_ref().map(ToString::to_string),
        ),
        Party::AgentPhone { agent } => ("agent_phone", Some(agent.to_string()), None),
        Party::OutsidePhone { number, trunk } => (
            "outside_phone",
            number.as_ref().map(ToString::to_string),
            Some(trunk.to_string()),
        ),
        Party::CustomerChat { visitor } => ("customer_chat", Some(visitor.to_string()), None),
        Party::AgentChat { agent } => ("agent_chat", Some(agent.to_string()), None),
        Party::CustomerBrowser { visitor } => ("customer_browser", Some(visitor.to_string()), None),
        Party::AgentBrowser { agent } => ("agent_browser", Some(agent.to_string()), None),
        Party::CustomerPage { visitor, .. } => ("customer_page", Some(visitor.to_string()), None),
        Party::AgentPage { agent } => ("agent_page", Some(agent.to_string()), None),
    }
}
