//! Redirection (RFC 3261 §8.1.3.4): a callee or carrier names others to be asked, in the order of their q. The same number at
//! another place of the trunk needs nobody's word; any other number is the owner's to decide, since nobody outside says whom
//! the house calls. Once another number is called, places of the one before are not gone back to.

use std::collections::VecDeque;
use std::net::SocketAddr;

use crate::Instant;
use crate::message::{Message, Uri};
use crate::trunk::Place;

use super::call::{Call, State};
use super::ways::Ways;
use super::{CallKey, Cause, Elsewhere, Endpoint, Event, Identity, Left, Target, Unreached, reply};

/// How often a call is sent elsewhere; more is a loop.
const MOST: u8 = 5;
/// How many targets of an answer are looked at, and how many may wait for their turn.
const MOST_TARGETS: usize = 16;
const MOST_NAMED: usize = 5;

/// Who was named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// The number that is called, at another place of its trunk.
    Place(Place),
    /// Somebody else, by user part or number.
    Number(String),
}

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
            let why = (Left::Said(code), reason.as_str());
            return self.not_reached(call, why, reply::cause(response), now);
        }
        let to = self.named(&call, &targets);
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
        self.ask_next(call, Left::Said(code), None, now);
    }

    // Who is meant by `targets`, in their order.
    fn named(&mut self, call: &Call, targets: &[Uri]) -> Vec<Named> {
        let name = call.side.trunk.as_deref();
        let trunk = name.and_then(|name| self.trunk(name)).cloned();
        let spots = trunk.as_ref().map(|trunk| self.spots(trunk));
        let way = match &call.state {
            State::Dialing(dialing) => Some(&dialing.invite.way),
            State::Incoming(_) | State::Up(_) | State::Leaving(_) => None,
        };
        let near = |uri: &Uri| {
            let way = way.filter(|way| way.uri.user_decoded() == uri.user_decoded())?;
            let port = uri.port().unwrap_or(way.hop.transport.default_port());
            let address = SocketAddr::from((uri.ip()?, port));
            let mut own = spots.iter().flatten().map(|(_, place)| *place);
            own.find(|place| place.address == address && address != way.hop.to)
        };
        let read = |uri: &Uri| {
            let user = uri.user_decoded().unwrap_or_default();
            let plan = trunk.as_ref().map(|trunk| &trunk.manner.numbers);
            plan.map_or_else(|| user.clone(), |plan| plan.read(&user))
        };
        let each = targets.iter().map(|uri| match near(uri) {
            Some(place) => Named::Place(place),
            None => Named::Number(read(uri)),
        });
        each.collect()
    }

    /// Takes that nobody is reached where a call went: its owner is told who else was named (§8.1.3.4), or that it failed.
    /// What is told for everywhere (§21.6) is not asked again elsewhere.
    pub(super) fn not_reached(
        &mut self,
        call: Box<Call>,
        (why, reason): (Left, &str),
        cause: Option<Cause>,
        now: Instant,
    ) {
        let code = why.status();
        let more = matches!(&call.state, State::Dialing(dialing) if !dialing.named.is_empty());
        if more && code < 600 {
            let reason = reason.to_owned();
            let after = Unreached {
                code,
                reason,
                cause,
            };
            return self.ask_next(call, why, Some(after), now);
        }
        self.fail(call.side.key, code, reason, cause);
        self.release(call);
    }

    // The next place is asked, or the owner is told of the numbers up to the next place; `left` is why who was asked is not.
    fn ask_next(
        &mut self,
        mut call: Box<Call>,
        left: Left,
        after: Option<Unreached>,
        now: Instant,
    ) {
        let key = call.side.key;
        while let State::Dialing(dialing) = &mut call.state {
            let place = match dialing.named.front() {
                Some(Named::Place(place)) => *place,
                Some(Named::Number(_)) => {
                    dialing.redirected = true;
                    let code = dialing.named_by;
                    let (to, more) = leading(&dialing.named);
                    self.tell(Event::Redirected {
                        call: key,
                        code,
                        to,
                        more,
                        after,
                    });
                    return self.keep(call);
                }
                None => {
                    let code = dialing.named_by;
                    let why = after.unwrap_or_else(|| Unreached {
                        code,
                        reason: "Redirected To Nobody".to_owned(),
                        cause: None,
                    });
                    self.fail(key, why.code, &why.reason, why.cause);
                    return self.release(call);
                }
            };
            dialing.named.pop_front();
            if self.ask_next_door(&mut call, place, left, now) {
                break;
            }
        }
        self.keep(call);
    }

    /// Passes over all whom the owner was told of: who stands behind them is asked.
    pub(super) fn pass_over(&mut self, key: CallKey, now: Instant) {
        let Some(mut call) = self.take(key) else {
            return;
        };
        let left = match &mut call.state {
            State::Dialing(dialing) if dialing.redirected => {
                dialing.redirected = false;
                let (numbers, _) = leading(&dialing.named);
                dialing.named.drain(..numbers.len());
                Left::Said(dialing.named_by)
            }
            State::Dialing(_) | State::Incoming(_) | State::Up(_) | State::Leaving(_) => {
                return self.keep(call);
            }
        };
        self.ask_next(call, left, None, now);
    }

    // False where its trunk has gone meanwhile.
    fn ask_next_door(&mut self, call: &mut Call, next: Place, why: Left, now: Instant) -> bool {
        let State::Dialing(dialing) = &mut call.state else {
            return false;
        };
        let way = &mut dialing.invite.way;
        let (name, called) = (call.side.trunk.as_deref(), way.uri.user_decoded());
        let there = next.address.into();
        let trunk = name.and_then(|name| self.trunk(name));
        let uri = trunk.and_then(|trunk| {
            let uri = trunk.uri_at(called.as_deref(), &there)?;
            Some((trunk.name.clone(), uri))
        });
        let Some((trunk, uri)) = uri else {
            return false;
        };
        let (key, left) = (call.side.key, Some(way.place()));
        // What who was asked before described is not what this one answers with.
        dialing.early_answer = false;
        way.uri = uri;
        (way.hop.to, way.hop.transport) = (next.address, next.transport);
        self.tell(Event::Rerouted {
            call: key,
            trunk,
            left,
            why,
        });
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
                // They are places of the number that was called until now.
                let stays = |one: &Named| matches!(one, Named::Number(_));
                dialing.named.retain(stays);
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
        let Ways {
            first,
            over,
            further,
        } = match ways {
            Ok(ways) => ways,
            Err((code, reason)) => {
                return self.not_reached(call, (Left::Said(code), reason), None, now);
            }
        };
        self.go_by(&mut call, first, Left::Said(302));
        self.tell_over(key, call.side.trunk.as_ref(), over);
        if let State::Dialing(dialing) = &mut call.state {
            dialing.redirected = false;
            // What who was asked before described is not what this one answers with.
            dialing.early_answer = false;
            dialing.invite.further = further;
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

// The numbers up to the next place, and whether one follows.
fn leading(named: &VecDeque<Named>) -> (Vec<String>, bool) {
    let numbers = named.iter().map_while(|one| match one {
        Named::Number(number) => Some(number.clone()),
        Named::Place(_) => None,
    });
    let numbers: Vec<_> = numbers.collect();
    let more = numbers.len() < named.len();
    (numbers, more)
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
