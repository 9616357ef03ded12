//! What people who watch the house are told of SIP in the log: how the ways to carriers stand, and who is shut out.

use sip::endpoint::Event;

/// Writes it to the log where it is for people.
pub fn log(event: &Event) {
    match event {
        Event::TrunkUp { trunk, place } => {
            tracing::info!(trunk, place = %place.address, "the trunk answers again");
        }
        Event::TrunkDown { trunk, place, code } => {
            tracing::warn!(trunk, place = %place.address, code, "the trunk does not answer; its calls go elsewhere");
        }
        Event::TrunkRegistered { trunk } => tracing::info!(trunk, "registered at the trunk"),
        Event::TrunkUnregistered {
            trunk,
            code,
            reason,
        } => {
            tracing::warn!(
                trunk,
                code,
                reason,
                "not registered at the trunk; trying again"
            );
        }
        Event::Located { host, places } => {
            tracing::info!(
                host,
                servers = places.len(),
                "the servers of this name are known"
            );
        }
        Event::NotLocated { host, why } => {
            tracing::warn!(host, %why, "the servers of this name are not known anew");
        }
        Event::OfferRefused { code, .. } => {
            tracing::info!(
                code,
                "a change of a call was refused: a hold is heard there, and a recording announced, but not shown"
            );
        }
        Event::KeyRefused { code, .. } => {
            tracing::debug!(code, "a key was not taken: the peer takes none by INFO");
        }
        Event::Banned { source, offence } => {
            tracing::warn!(%source, ?offence, "nothing of this source is read for a while");
        }
        _ => {}
    }
}
