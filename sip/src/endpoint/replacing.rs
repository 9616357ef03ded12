//! Calls that take the place of others: INVITE with Replaces (RFC 3891 §3).

use crate::message::{Header, Message, Method, Replaces};

use super::call::{Call, Dialing, LocalTag, State};
use super::reply::Refusal;
use super::{CallKey, Endpoint, Peer};

/// The option tag.
pub(super) const REPLACES: &str = "replaces";

/// How many ends that ring are remembered by their tag.
const MOST_RINGING: usize = 16;

/// Refuses Replaces where it has no place, or stands twice.
pub(super) fn sole(request: &Message) -> Result<(), Refusal> {
    let found = request.lines(Header::Replaces).count();
    let most = usize::from(*request.method() == Method::Invite && request.to().tag().is_none());
    if found > most {
        return Err(Refusal::because(400, "Bad Request: Replaces"));
    }
    Ok(())
}

impl Dialing {
    /// Remembers the end that rings.
    pub fn note_ringing(&mut self, response: &Message) {
        let tag = response.to().tag().unwrap_or_default();
        let known = self.ringing.iter().any(|known| known == tag);
        if !known && !tag.is_empty() && self.ringing.len() < MOST_RINGING {
            self.ringing.push(tag.to_owned());
        }
    }
}

impl Endpoint {
    /// Finds the call that a new one is to take the place of, and refuses where it may not.
    pub(super) fn replaced(
        &self,
        request: &Message,
        peer: &Peer,
        trusted: bool,
    ) -> Result<Option<CallKey>, Refusal> {
        let Some(text) = request.header(Header::Replaces) else {
            return Ok(None);
        };
        let replaces: Replaces = text
            .parse()
            .map_err(|error| Refusal::because(400, format!("Bad Request: Replaces: {error}")))?;
        let call = self
            .call_named(&replaces)
            .ok_or_else(|| Refusal::new(481))?;
        // Whoever is in the call may replace it, and nobody else: an account's own phones, a trusted trunk.
        let own = match peer {
            Peer::Trunk(name) => trusted && call.side.trunk.as_ref() == Some(name),
            Peer::Phone(user) => call.side.phone.as_ref() == Some(user),
        };
        if !own {
            return Err(Refusal::new(403));
        }
        match &call.state {
            State::Up(_) if replaces.early_only => Err(Refusal::new(486)),
            State::Up(_) | State::Dialing(_) => Ok(Some(call.side.key)),
            // An early dialog that we did not begin.
            State::Incoming(_) => Err(Refusal::new(481)),
            State::Leaving(_) => Err(Refusal::new(603)),
        }
    }

    /// Finds the call with a dialog of that name.
    pub(super) fn call_named(&self, replaces: &Replaces) -> Option<&Call> {
        let tag = LocalTag::read(&replaces.to_tag)?;
        let call = self.calls.get(self.tags.get(&tag)?)?.as_deref()?;
        let far = match &call.state {
            State::Up(up) => up.dialog.is_with(&replaces.from_tag),
            State::Dialing(dialing) => dialing.ringing.contains(&replaces.from_tag),
            State::Incoming(incoming) => {
                let invite = self.servers.request(incoming.server)?;
                invite.from().tag() == Some(replaces.from_tag.as_str())
            }
            State::Leaving(leaving) => leaving
                .dialog()
                .is_some_and(|dialog| dialog.is_with(&replaces.from_tag)),
        };
        (far && call.side.call_id == replaces.call_id).then_some(call)
    }

    /// Names the dialog of an answered call as its peer is to read it, with where the peer is.
    pub(super) fn dialog_name(&self, key: CallKey) -> Option<(String, Replaces)> {
        let call = self.calls.get(&key)?.as_deref()?;
        let State::Up(up) = &call.state else {
            return None;
        };
        let replaces = Replaces {
            call_id: call.side.call_id.clone(),
            to_tag: up.dialog.remote_tag()?.to_owned(),
            from_tag: call.side.tag.to_string(),
            early_only: false,
        };
        Some((up.dialog.target().to_string(), replaces))
    }
}
