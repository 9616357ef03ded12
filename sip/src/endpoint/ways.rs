//! Where a call that goes out may be sent: a phone's contact, or the places of one trunk after the other, each with what it
//! is to be told of the caller (RFC 3323, RFC 3325).

use std::net::IpAddr;

use crate::Instant;
use crate::message::{Header, NameAddr, Uri, host_of};
use crate::registrar::Binding;
use crate::transaction::Hop;
use crate::trunk::{Destination, MarkSet, Place, Trunk};

use super::call::{Call, Invite, State};
use super::route::{Over, Route};
use super::{CallKey, Elsewhere, Endpoint, Event, Identity, Lack, Left, Target};

/// One place that an INVITE may be sent to, and what it is told there.
#[derive(Clone, Debug)]
pub(super) struct Way {
    pub uri: Uri,
    pub to: String,
    pub hop: Hop,
    /// The proxies on the way (RFC 3327 §5.3).
    pub routes: Vec<String>,
    /// From, without our tag.
    pub from: String,
    /// What else is said of the caller.
    pub said: Vec<(Header, String)>,
    pub trunk: Option<String>,
    pub phone: Option<String>,
    /// Whether a phone in a browser is there, as far as is known.
    pub in_browser: bool,
    /// The flow that the phone keeps, by the name that the registrar has for it (RFC 5626).
    pub flow: Option<String>,
    pub trusted: bool,
    pub sends: MarkSet,
}

/// Where a call goes now, and where it may go next.
#[derive(Debug)]
pub(super) struct Ways {
    pub first: Way,
    /// The trunks before that, untried.
    pub over: Vec<Over>,
    pub further: Route,
}

impl Way {
    pub(super) const fn place(&self) -> Place {
        Place {
            transport: self.hop.transport,
            address: self.hop.to,
        }
    }
}

impl Endpoint {
    /// Returns where a call may be sent, in order of preference; the first may be taken now.
    pub(super) fn ways(
        &mut self,
        key: CallKey,
        target: &Target,
        from: &Identity,
        elsewhere: &[Elsewhere],
        now: Instant,
    ) -> Result<Ways, (u16, &'static str)> {
        let is_full = match target {
            Target::Recorder { .. } => self.recorders.len() >= self.config.limits.calls,
            Target::Phone { .. } => self.phones.len() >= self.config.limits.calls,
            Target::Trunk { .. } => self.is_full(),
        };
        if is_full {
            return Err((503, "Too Many Calls"));
        }
        let (trunk, number) = match target {
            Target::Phone { user } => {
                let route = Route::to_phone(self.ways_to_phone(user, from));
                return self
                    .first_of(key, route, now)
                    .ok_or((480, "Not Registered"));
            }
            Target::Trunk { trunk, number } => (trunk, number),
            Target::Recorder { trunk, user } => (trunk, user),
        };
        let own = Elsewhere {
            trunk: trunk.clone(),
            from: from.clone(),
            lack: None,
        };
        let all = std::iter::once(&own).chain(elsewhere);
        let all = all.map(|one| self.ways_by(one, number, now)).collect();
        let Some(route) = self.in_order(key, all, now) else {
            return Err(match self.trunk(trunk) {
                Some(_) => (503, "Trunk Not Found In The DNS"),
                None => (404, "No Such Trunk"),
            });
        };
        self.first_of(key, route, now).ok_or((503, "Trunk Is Full"))
    }

    // A trunk that does not answer, or wants no calls now, is left out while another takes them; none where no trunk has a place.
    fn in_order(
        &self,
        key: CallKey,
        all: Vec<(&Elsewhere, Vec<Way>)>,
        now: Instant,
    ) -> Option<Route> {
        if all.iter().all(|(_, ways)| ways.is_empty()) {
            return None;
        }
        let takes = |ways: &[Way]| ways.iter().any(|way| self.welcomes(way, now));
        let any = all.iter().any(|(_, ways)| takes(ways));
        let mut route = Route::default();
        for (one, ways) in all {
            match one.lack {
                Some(lack) => route.pass(one.trunk.clone(), lack),
                None if ways.is_empty() || any && !takes(&ways) => {
                    let lack = self.lack(&one.trunk, key, now);
                    route.pass(one.trunk.clone(), lack);
                }
                None => route.extend(ways),
            }
        }
        Some(route)
    }

    // None where no trunk has room.
    fn first_of(&mut self, key: CallKey, mut further: Route, now: Instant) -> Option<Ways> {
        let mut over = Vec::new();
        let first = further.next(&mut over, |way| self.lacks(key, way, now))?;
        Some(Ways {
            first,
            over,
            further,
        })
    }

    /// Says of each trunk that a call was not tried by why, as it goes on by another, or ends where it was.
    pub(super) fn tell_over(&mut self, call: CallKey, by: Option<&String>, over: Vec<Over>) {
        for Over { trunk: over, lack } in over {
            let Some(trunk) = by.cloned() else { return };
            self.tell(Event::PassedOver {
                call,
                trunk,
                over,
                lack,
            });
        }
    }

    // Why a trunk is not given a call.
    fn lack(&self, name: &str, call: CallKey, now: Instant) -> Lack {
        let Some(trunk) = self.trunk(name) else {
            return Lack::Unlocated;
        };
        let places = self.places(trunk);
        let (is_up, _) = self.outreach.state(trunk, &places);
        match self.loads.lack(trunk, call, now) {
            Some(bound) => bound,
            None if places.is_empty() => Lack::Unlocated,
            None if is_up => Lack::Resting,
            None => Lack::Down,
        }
    }

    fn answers(&self, way: &Way) -> bool {
        let trunk = way.trunk.as_deref();
        trunk.is_none_or(|trunk| self.outreach.is_up(trunk, way.place()))
    }

    fn welcomes(&self, way: &Way, now: Instant) -> bool {
        let trunk = way.trunk.as_deref();
        trunk.is_none_or(|trunk| self.outreach.takes(trunk, way.place(), now))
    }

    /// Tells whether a call that is being dialled went to a place that is known not to answer, and nothing was heard of it.
    pub(super) fn is_lost(&self, call: &Call) -> bool {
        match &call.state {
            State::Dialing(dialing) => {
                let silent = dialing.ringing.is_empty() && dialing.early.is_empty();
                silent && !dialing.redirected && !self.answers(&dialing.invite.way)
            }
            State::Incoming(_) | State::Up(_) | State::Leaving(_) => false,
        }
    }

    /// Ends such a call, for which nothing is to be taken back.
    pub(super) fn give_up_lost(&mut self, call: Box<Call>) {
        self.not_dialled(call.side.key, 503, "Trunk Does Not Answer");
        self.release(call);
    }

    // What its trunk lacks for one more call; one that is let through counts.
    fn lacks(&mut self, key: CallKey, way: &Way, now: Instant) -> Option<Lack> {
        let name = way.trunk.as_ref()?;
        let mut trunks = self.config.trunks.iter();
        let trunk = trunks.find(|trunk| trunk.name == *name)?;
        self.loads.admit(trunk, key, now).err()
    }

    // The most wanted contact; where that is a flow, the others of the same phone come after it, but no other phone does (RFC
    // 5626 §7).
    fn ways_to_phone(&self, user: &str, from: &Identity) -> Vec<Way> {
        let bindings = self.registrar.bindings(user);
        let instance = |binding: &Binding| binding.flow.as_ref().map(|flow| flow.instance.clone());
        let Some((first, others)) = bindings.split_first() else {
            return Vec::new();
        };
        let same = |other: &&&Binding| first.flow.is_some() && instance(other) == instance(first);
        let all = std::iter::once(first).chain(others.iter().filter(same));
        all.filter_map(|binding| self.way_to_contact(user, binding, from))
            .collect()
    }

    fn way_to_contact(&self, user: &str, binding: &Binding, from: &Identity) -> Option<Way> {
        let uri: Uri = binding.contact.parse().ok()?;
        let own = Uri::sip(Some(user), &self.config.realm, None);
        let to = own.map_or_else(
            |_| format!("<{}>", binding.contact),
            |own| format!("<{own}>"),
        );
        let hop = Hop {
            connection: binding.connection,
            ..Hop::to(binding.transport, binding.peer)
        };
        Some(Way {
            uri,
            to,
            hop,
            routes: binding.path.clone(),
            from: from_value(from, &host_of(self.address(hop).ip())),
            said: Vec::new(),
            trunk: None,
            phone: Some(user.to_owned()),
            in_browser: binding.is_in_browser(),
            flow: binding.flow.as_ref().map(|_| binding.key()),
            trusted: true,
            sends: MarkSet::ALL,
        })
    }

    // The places of a trunk; none of one that is passed over.
    fn ways_by<'a>(
        &mut self,
        one: &'a Elsewhere,
        number: &str,
        now: Instant,
    ) -> (&'a Elsewhere, Vec<Way>) {
        let name = one.trunk.as_str();
        let Some(trunk) = self.trunk(name).filter(|_| one.lack.is_none()).cloned() else {
            return (one, Vec::new());
        };
        let number = trunk.manner.numbers.write(number);
        let mut spots = self.spots(&trunk);
        let outreach = &self.outreach;
        let takes = |(_, place): &(Destination, Place)| outreach.takes(name, *place, now);
        // Where none does all are tried: one may be back, or answer no probes.
        if spots.iter().any(takes) {
            spots.retain(takes);
        }
        let at = |(there, place): &(Destination, Place)| {
            self.way_to_place(&trunk, &number, &one.from, (there, *place))
        };
        (one, spots.iter().filter_map(at).collect())
    }

    fn way_to_place(
        &self,
        trunk: &Trunk,
        number: &str,
        from: &Identity,
        (there, place): (&Destination, Place),
    ) -> Option<Way> {
        let hop = Hop::to(place.transport, place.address);
        let (from, said) = introduced(trunk, from, self.address(hop).ip());
        Some(Way {
            uri: trunk.uri_at(Some(number), there)?,
            to: format!("<{}>", trunk.known_as(number)?),
            hop,
            routes: Vec::new(),
            from,
            said,
            trunk: Some(trunk.name.clone()),
            phone: None,
            in_browser: false,
            flow: None,
            trusted: trunk.trusted,
            sends: trunk.marks(),
        })
    }

    /// Sends the INVITE to the next place (RFC 3263 §4.3), or by the next trunk; false when there is none, or somebody was
    /// there.
    pub(super) fn dial_elsewhere(&mut self, call: &mut Call, why: Left, now: Instant) -> bool {
        let State::Dialing(dialing) = &mut call.state else {
            return false;
        };
        if !dialing.early.is_empty() || dialing.early_answer {
            return false;
        }
        let mut further = std::mem::take(&mut dialing.invite.further);
        let (key, own) = (call.side.key, call.side.trunk.clone());
        let mut over = Vec::new();
        let next = further.next(&mut over, |way| match way.trunk == own {
            true => None,
            false => self.lacks(key, way, now),
        });
        let Some(way) = next else {
            self.tell_over(key, own.as_ref(), over);
            return false;
        };
        if let State::Dialing(dialing) = &mut call.state {
            dialing.invite.further = further;
            let left = &dialing.invite.way;
            if let (Left::Silent, Some(user), Some(key)) = (why, &left.phone, &left.flow) {
                self.registrar.doubt(user, key);
            }
        }
        self.go_by(call, way, why);
        self.tell_over(key, call.side.trunk.as_ref(), over);
        self.invite_again(call, now);
        if let State::Dialing(dialing) = &mut call.state {
            dialing.patience = self.patience(&dialing.invite, now);
        }
        true
    }

    /// Sends the INVITE to the next place of a trunk after 503 (RFC 3263 §4.3), or over another flow of the same phone where the
    /// one it went by has failed or brought no answer (RFC 5626 §7); false when there is none, or somebody was there.
    pub(super) fn dial_after(&mut self, call: &mut Call, code: u16, now: Instant) -> bool {
        let State::Dialing(dialing) = &call.state else {
            return false;
        };
        let way = &dialing.invite.way;
        let goes_on = match (&way.phone, &way.flow) {
            (None, _) => code == 503,
            (Some(user), Some(key)) => {
                if code == 430 {
                    self.registrar.forget(user, key);
                }
                dialing.ringing.is_empty() && matches!(code, 408 | 430)
            }
            (Some(_), None) => false,
        };
        self.report_bindings();
        goes_on && self.dial_elsewhere(call, Left::Said(code), now)
    }

    /// Takes that whoever refused the offer of a browser's is in none; false where none was offered.
    pub(super) fn is_no_browser(call: &mut Call) -> bool {
        let State::Dialing(dialing) = &mut call.state else {
            return false;
        };
        let invite = &mut dialing.invite;
        invite.sdp.in_browser.is_some() && std::mem::take(&mut invite.way.in_browser)
    }

    /// Returns until when a place may say nothing at all: where there is another, or it is known not to answer.
    pub(super) fn patience(&self, invite: &Invite, now: Instant) -> Option<Instant> {
        let bounded = invite.further.leads_on() || !self.answers(&invite.way);
        bounded.then(|| now + self.config.timing.elsewhere)
    }

    pub(super) fn go_by(&mut self, call: &mut Call, way: Way, why: Left) {
        let State::Dialing(dialing) = &mut call.state else {
            return;
        };
        let side = &mut call.side;
        side.auth.clear();
        let left = dialing.invite.way.place();
        // Whom a place named is told as that.
        let moves =
            side.trunk != way.trunk || left != way.place() && !matches!(why, Left::Said(300..400));
        if let (true, Some(trunk)) = (moves, way.trunk.clone()) {
            self.tell(Event::Rerouted {
                call: side.key,
                trunk,
                left: Some(left),
                why,
            });
        }
        (side.marks.trusted, side.marks.sends) = (way.trusted, way.sends);
        if side.trunk != way.trunk {
            if let Some(old) = &side.trunk {
                self.loads.end(old, side.key);
            }
            if let Some(new) = &way.trunk {
                self.loads.begin(new, side.key);
            }
            side.trunk.clone_from(&way.trunk);
        }
        dialing.invite.way = way;
    }

    /// Sends the INVITE of a call that is being dialled once more, with the next CSeq.
    pub(super) fn invite_again(&mut self, call: &mut Call, now: Instant) {
        self.settle_early(call, now);
        let State::Dialing(dialing) = &mut call.state else {
            return;
        };
        dialing.invite.cseq += 1;
        dialing.early.clear();
        dialing.ringing.clear();
        let invite = dialing.invite.clone();
        let client = self.invite(&mut call.side, &invite, now);
        if let State::Dialing(dialing) = &mut call.state {
            dialing.client = client;
        }
    }
}

/// Returns From, and what else a trunk is told of the caller.
fn introduced(trunk: &Trunk, from: &Identity, host: IpAddr) -> (String, Vec<(Header, String)>) {
    let vouched = from.vouched.clone();
    let from = Identity {
        user: trunk.manner.numbers.write(&from.user),
        display: from.display.clone(),
        ..Identity::default()
    };
    // RFC 3261 §8.1.1.3: an account is known by its domain, wherever we are.
    let host = match trunk.reach.domain.as_str() {
        "" => host_of(host),
        domain => domain.to_owned(),
    };
    let known = (!from.user.is_empty()).then(|| from_value(&from, &host));
    // RFC 3325 §5: an identity is asserted to whom we trust, and to nobody else.
    let asserted = known.filter(|_| trunk.trusted);
    let mut said: Vec<_> = asserted
        .map(|value| (Header::PAssertedIdentity, value))
        .into_iter()
        .collect();
    if !trunk.manner.withhold {
        said.extend(vouched.into_iter().map(|value| (Header::Identity, value)));
        return (from_value(&from, &host), said);
    }
    said.push((Header::Privacy, "id".to_owned()));
    (from_value(&Identity::default(), &host), said)
}

fn from_value(from: &Identity, host: &str) -> String {
    let user = Some(from.user.as_str()).filter(|user| !user.is_empty());
    let uri = match user {
        Some(user) => Uri::sip(Some(user), host, None),
        // RFC 3323 §4.1.
        None => Uri::sip(Some("anonymous"), "anonymous.invalid", None),
    };
    let uri = uri.expect("a user is escaped, and an address is a host");
    let display = match (user, from.display.as_str()) {
        (None, "") => "Anonymous",
        (Some(_) | None, display) => display,
    };
    NameAddr::new(&uri).with_display(display).to_string()
}
