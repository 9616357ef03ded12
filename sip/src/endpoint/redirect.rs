//! Redirection (RFC 3261 §8.1.3.4): a callee or carrier names somebody else to be asked. Another place of the same trunk is
//! asked at once; anybody else is the owner's to decide, since nobody outside says whom the house calls.

use std::collections::VecDeque;
use std::net::SocketAddr;

use crate::Instant;
use crate::message::{Message, Uri};

use super::call::{Call, State};
use super::{CallKey, Cause, Elsewhere, Endpoint, Event, Identity, Left, Target, Unreached, reply};

/// How often a call is sent elsewhere; more is a loop.
const MOST: u8 = 5;
/// How many targets of an answer are looked at, and how many may wait for their turn.
const MOST_TARGETS: usize = 16;
const MOST_NAMED: usize = 5;

impl Endpoint {
    /// Takes a 3xx to an INVITE of ours.
    pub(super) fn redirected(&mut self, mut call: Box<Call>, response: &Message, now: Instant) {
        let code = response.status().map_or(0, |status| status.code());
        let targets = targets(response);
        let State::Dialing(dialing) = &mut call.state else {
            return self.keep(call);
        };
        dialing.redirects += 1;
        if targets.is_empty() || dialing.redirects > MOST {
            let reason = match targets.is_empty() {
                true => response.reason().unwrap_or("Redirected To Nobody"),
                false => "Redirected Too Often",
            };
            let reason = reason.to_owned();
            return self.not_reached(call, (code, &reason), reply::cause(response));
        }
        if self.ask_next_door(&mut call, &targets, now) {
            return self.keep(call);
        }
        let trunk = call.side.trunk.as_deref().and_then(|name| self.trunk(name));
        let read = |uri: &Uri| {
            let user = uri.user_decoded().unwrap_or_default();
            trunk.map_or_else(|| user.clone(), |trunk| trunk.manner.numbers.read(&user))
        };
        let to: Vec<String> = targets.iter().map(read).collect();
        let State::Dialing(dialing) = &mut call.state else {
            return self.keep(call);
        };
        // Before those who wait still: whom they name stands for them.
        let mut named = VecDeque::new();
        for one in to.into_iter().chain(std::mem::take(&mut dialing.named)) {
            if named.len() < MOST_NAMED && !named.contains(&one) {
                named.push_back(one);
            }
        }
        (dialing.named, dialing.named_by) = (named, code);
        self.name_others(call, None);
    }

    /// Takes that nobody is reached where a call went: its owner is told who else was named (§8.1.3.4), or that it failed.
    /// What is told for everywhere (§21.6) is not asked again elsewhere.
    pub(super) fn not_reached(
        &mut self,
        call: Box<Call>,
        (code, reason): (u16, &str),
        cause: Option<Cause>,
    ) {
        let more = matches!(&call.state, State::Dialing(dialing) if !dialing.named.is_empty());
        if more && code < 600 {
            let reason = reason.to_owned();
            return self.name_others(
                call,
                Some(Unreached {
                    code,
                    reason,
                    cause,
                }),
            );
        }
        self.fail(call.side.key, code, reason, cause);
        self.release(call);
    }

    fn name_others(&mut self, mut call: Box<Call>, after: Option<Unreached>) {
        let key = call.side.key;
        if let State::Dialing(dialing) = &mut call.state {
            dialing.redirected = true;
            let (code, to) = (dialing.named_by, dialing.named.iter().cloned().collect());
            self.tell(Event::Redirected {
                call: key,
                code,
                to,
                after,
            });
        }
        self.keep(call);
    }

    // The same number at another place of the trunk is its own affair.
    fn ask_next_door(&mut self, call: &mut Call, targets: &[Uri], now: Instant) -> bool {
        let name = call.side.trunk.as_deref();
        let Some(trunk) = name.and_then(|name| self.trunk(name)).cloned() else {
            return false;
        };
        let spots = self.spots(&trunk);
        let State::Dialing(dialing) = &mut call.state else {
            return false;
        };
        let way = &mut dialing.invite.way;
        let called = way.uri.user_decoded();
        let near = |uri: &Uri| {
            let port = uri.port().unwrap_or(way.hop.transport.default_port());
            let address = SocketAddr::from((uri.ip()?, port));
            let own = spots.iter().map(|(_, place)| *place);
            let mut own = own.filter(|place| place.address == address && address != way.hop.to);
            own.next()
        };
        let mut same = targets.iter().filter(|uri| uri.user_decoded() == called);
        let Some(next) = same.find_map(near) else {
            return false;
        };
        let Some(uri) = trunk.uri_at(called.as_deref(), &next.address.into()) else {
            return false;
        };
        way.uri = uri;
        (way.hop.to, way.hop.transport) = (next.address, next.transport);
        self.invite_again(call, now);
        true
    }

    /// Sends a redirected call where its owner says.
    pub(super) fn follow(
        &mut self,
        key: CallKey,
        (to, from): (&Target, &Identity),
        (elsewhere, done): (&[Elsewhere], usize),
        now: Instant,
    ) {
        let Some(mut call) = self.take(key) else {
            return;
        };
        match &mut call.state {
            State::Dialing(dialing) if dialing.redirected => {
                dialing.named.drain(..done.min(dialing.named.len()));
            }
            State::Dialing(_) | State::Incoming(_) | State::Up(_) | State::Leaving(_) => {
                return self.keep(call);
            }
        }
        // Put back meanwhile, so that the table of calls is whole.
        let own = call.side.trunk.clone();
        if let Some(own) = &own {
            self.loads.end(own, key);
        }
        let ways = self.ways(key, to, from, elsewhere, now);
        if let Some(own) = &own {
            self.loads.begin(own, key);
        }
        let mut ways = match ways {
            Ok(ways) => ways,
            Err(why) => return self.not_reached(call, why, None),
        };
        let way = ways.pop_front().expect("the first may be taken");
        self.go_by(&mut call, way, Left::Said(302));
        if let State::Dialing(dialing) = &mut call.state {
            dialing.redirected = false;
            // What who was asked before described is not what this one answers with.
            dialing.early_answer = false;
            dialing.invite.further = ways;
        }
        self.invite_again(&mut call, now);
        self.keep(call);
    }

    /// Gives up a redirected call that nobody is asked for: there is nothing to cancel.
    pub(super) fn leave_redirected(
        &mut self,
        call: Box<Call>,
        (code, reason): (u16, &str),
        cause: Cause,
    ) {
        self.fail(call.side.key, code, reason, Some(cause));
        self.release(call);
    }
}

// In the order of their q, the highest first (§8.1.3.4); equal ones as they stand.
fn targets(response: &Message) -> Vec<Uri> {
    let weighed = response.contacts().take(MOST_TARGETS).map(|contact| {
        let q = contact
            .param("q")
            .and_then(|q| q.trim().parse::<f32>().ok());
        (q.unwrap_or(1.0), contact.uri().detached())
    });
    let mut weighed: Vec<_> = weighed.collect();
    weighed.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let uris = weighed.into_iter().map(|(_, uri)| uri);
    uris.filter(|uri| uri.user().is_some()).collect()
}
