//! What the ends at whom a dialled leg rings described before its answer. Each has a session of its own (RFC 3261 §13.2.2.4),
//! which may change before one of them answers (RFC 3311); those that do not say so reliably are taken for one.

use std::collections::BTreeMap;

use bytes::Bytes;
use sip::{
    endpoint::Fork,
    sdp::{Direction, RemoteMedia, SdpError, SdpSession},
};

/// What was described.
#[derive(Debug, Default)]
pub struct Described {
    ends: BTreeMap<Option<Fork>, End>,
    /// Who described something last.
    latest: Option<Fork>,
}

#[derive(Debug)]
struct End {
    said: Bytes,
    /// What that agrees on; none where it is no answer to our offer.
    agreed: Option<(SdpSession, RemoteMedia)>,
}

impl Described {
    /// Takes what an end describes in answer to the offer that is open in `ours`; tells whether that is news.
    pub fn describe(&mut self, fork: Option<Fork>, said: Bytes, ours: &SdpSession) -> bool {
        let known = self.ends.get(&fork).is_some_and(|end| end.said == said);
        if known && self.latest == fork {
            return false;
        }
        self.latest = fork;
        if !known {
            // Another phone may answer in the end, with another description.
            let mut session = ours.clone();
            let remote = session.accept_answer(&said).ok();
            let agreed = remote.map(|remote| (session, remote));
            self.ends.insert(fork, End { said, agreed });
        }
        true
    }

    /// Whether anybody described something.
    pub fn is_heard(&self) -> bool {
        !self.ends.is_empty()
    }

    /// Returns from where who described something last is heard.
    pub fn heard(&self) -> Option<&RemoteMedia> {
        let end = self.ends.get(&self.latest)?;
        end.agreed.as_ref().map(|(_, remote)| remote)
    }

    /// Answers what an end offers after its description; none where that agreed on nothing.
    pub fn negotiate(
        &mut self,
        fork: Option<Fork>,
        offer: &[u8],
        direction: Direction,
    ) -> Option<Result<Bytes, SdpError>> {
        let (session, remote) = self.ends.get_mut(&fork)?.agreed.as_mut()?;
        let agreed = session.negotiate(offer, direction, Some(remote.codec));
        Some(agreed.map(|agreed| {
            *remote = agreed.remote;
            agreed.answer
        }))
    }

    /// Returns what was agreed on with the end that answers; with the last that described something where it did not.
    pub fn of(mut self, fork: Option<Fork>) -> Option<(SdpSession, RemoteMedia)> {
        let own = self.ends.remove(&fork);
        own.or_else(|| self.ends.remove(&self.latest))?.agreed
    }
}
