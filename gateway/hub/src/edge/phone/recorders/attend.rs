//! Who is in a call that is sent to a recorder: seats for those who come, and what changed is told.

use std::collections::BTreeSet;

use rand::RngExt;
use sip::{
    endpoint::{Command as SipCommand, Target},
    media::{LegKey, MediaCommand},
    siprec::UniqueId,
};

use super::{
    super::Phones,
    session::{Fed, MOST_SEATS, Person, Ports, Seat, Session, Stage},
};
use crate::recorder::RecorderNews;

impl Phones {
    /// Follows the call of a recording: seats those who came, lets go who left, and tells the recorder what it does not know.
    pub(super) fn attend(&mut self, mut session: Session) {
        let gone = session.people.keys();
        let gone: Vec<_> = gone
            .filter(|key| !self.legs.contains_key(key))
            .copied()
            .collect();
        for key in gone {
            session.leaves(key, self.now);
        }
        let present = self.present(session.customer);
        // The customer is the first.
        for key in [session.customer]
            .into_iter()
            .chain(present.iter().copied())
        {
            if present.contains(&key) && !session.people.contains_key(&key) {
                self.welcome(&mut session, key);
            }
        }
        self.feed(&mut session, &present);
        let opening = session
            .seats
            .iter()
            .any(|seat| seat.ports == Ports::Opening);
        match session.stage {
            Stage::Opening if opening => self.recorders.put(session),
            Stage::Opening => self.dial_recorder(session),
            Stage::Up { asking: false } if !opening && !present.is_empty() => {
                self.go_on(session, &present);
            }
            // Without its customer the call is over, which the hub says.
            Stage::Called | Stage::Up { .. } => self.recorders.put(session),
        }
    }

    /// Returns the customer and those they talk with; nobody when the customer is gone.
    pub(super) fn present(&self, customer: LegKey) -> BTreeSet<LegKey> {
        if !self.legs.contains_key(&customer) {
            return BTreeSet::new();
        }
        let others = self.rooms.others(customer);
        let others = others.filter(|key| self.legs.contains_key(key));
        others.chain([customer]).collect()
    }

    fn welcome(&mut self, session: &mut Session, key: LegKey) {
        let Some(who) = self.legs.get(&key).map(|leg| leg.who.clone()) else {
            return;
        };
        if !session.has_room() {
            return;
        }
        session.came = session.came.saturating_add(1);
        let person = Person {
            n: session.came,
            id: UniqueId(self.rng.random()),
            stream: UniqueId(self.rng.random()),
            who,
            since: self.now,
            until: None,
        };
        let label = person.n.to_string();
        session.people.insert(key, person);
        self.recorders.by_party.insert(key, session.recording);
        let mut free = session.seats.iter_mut();
        if let Some(seat) = free.find(|seat| seat.of.is_none() && seat.ports == Ports::Open) {
            // Nothing is sent there until the recorder knows whose it is now.
            (seat.of, seat.remote, seat.rests) = (Some(key), None, false);
            if let Some(line) = seat.line {
                session.sdp.relabel(line, label);
            }
        } else if session.seats.len() < MOST_SEATS {
            self.add_seat(session, key);
        }
    }

    pub(super) fn add_seat(&mut self, session: &mut Session, key: LegKey) {
        let Some(port) = self.ports.take_for_recorder(self.now) else {
            return;
        };
        let leg = self.next_key();
        session.seats.push(Seat {
            media: leg,
            port,
            tries: 0,
            ports: Ports::Opening,
            of: Some(key),
            line: None,
            remote: None,
            rests: false,
            shaken: false,
            fed: Fed::Nothing,
        });
        self.recorders.by_seat.insert(leg, session.recording);
        let addresses = self.settings.bind;
        self.media(MediaCommand::Open {
            leg,
            addresses,
            port,
        });
    }

    /// Gives seats that somebody has a line in the description.
    pub(super) fn lay_lines(&mut self, session: &mut Session) {
        let Some(trunk) = session.trunk().map(ToString::to_string) else {
            return;
        };
        let to = Target::Recorder {
            user: String::new(),
            trunk,
        };
        for at in 0..session.seats.len() {
            let seat = &session.seats[at];
            let person = seat.of.and_then(|key| session.people.get(&key));
            let is_laid = seat.line.is_some() || seat.ports != Ports::Open;
            let Some(label) = person.filter(|_| !is_laid).map(|one| one.n.to_string()) else {
                continue;
            };
            let local = self.local_to(&to, session.leg.interaction, seat.port);
            session.seats[at].line = session.sdp.add(label, local);
        }
    }

    /// Tells the media plane what each seat hears now. Who is muted is heard as silence, as the customer hears them.
    pub(super) fn feed(&mut self, session: &mut Session, present: &BTreeSet<LegKey>) {
        let (paused, customer) = (session.paused, session.customer);
        for seat in &mut session.seats {
            let heard = seat.of.filter(|key| !paused && present.contains(key));
            let heard = heard.filter(|_| seat.remote.is_some() && seat.ports == Ports::Open);
            let row = self.told.get(&customer);
            let fed = match heard {
                None => Fed::Nothing,
                Some(key) if key == customer || row.is_some_and(|row| row.contains(&key)) => {
                    Fed::Voice(key)
                }
                Some(_) => Fed::Silence,
            };
            if std::mem::replace(&mut seat.fed, fed) == fed || seat.ports == Ports::Gone {
                continue;
            }
            let leg = seat.media;
            let command = match fed {
                Fed::Nothing => MediaCommand::Unbridge { leg },
                Fed::Silence => MediaCommand::Hear {
                    leg,
                    whom: Vec::new(),
                },
                Fed::Voice(key) => MediaCommand::Hear {
                    leg,
                    whom: vec![key],
                },
            };
            self.media(command);
        }
    }

    fn tell_recorder(&mut self, session: &mut Session, present: &BTreeSet<LegKey>) {
        self.lay_lines(session);
        if session.says(present) == session.said {
            return;
        }
        let sdp = session.offer(present);
        session.stage = Stage::Up { asking: true };
        let call = session.call;
        self.sip(SipCommand::Offer { call, sdp });
    }

    // A recorder is told what it does not know. Once it knows all there is it has the call, unless somebody must be heard
    // whom it does not hear.
    fn go_on(&mut self, mut session: Session, present: &BTreeSet<LegKey>) {
        if let Some(why) = session.lack(present) {
            return self.lose_recorder(session, why);
        }
        self.tell_recorder(&mut session, present);
        if session.stage != (Stage::Up { asking: false }) {
            return self.recorders.put(session);
        }
        if session.is_untaken(present) {
            return self.lose_recorder(session, "it does not take every stream");
        }
        let recorder = session.trunk().filter(|_| session.sealing.is_empty());
        if let (Some(recorder), false) = (recorder.cloned(), session.opened) {
            session.opened = true;
            self.recorder_news(session.recording, RecorderNews::Opened { recorder });
        }
        let rests = session
            .opened
            .then(|| session.rests_anew(present))
            .flatten();
        if let Some(on) = rests {
            self.recorder_news(session.recording, RecorderNews::Rests { on });
        }
        self.recorders.put(session);
    }

    /// Lets recorders follow a change of who talks with whom.
    pub(in super::super) fn recorders_follow(&mut self, near: &BTreeSet<LegKey>) {
        let known = near
            .iter()
            .filter_map(|key| self.recorders.by_party.get(key));
        let recordings: BTreeSet<_> = known.copied().collect();
        for recording in recordings {
            if let Some(session) = self.recorders.take(Some(recording)) {
                self.attend(session);
            }
        }
    }

    /// Takes that a leg is gone.
    pub(in super::super) fn party_left(&mut self, key: LegKey) {
        self.recorders_follow(&BTreeSet::from([key]));
        self.recorders.by_party.remove(&key);
    }

    /// Takes that the media plane let nobody hear a leg any more.
    pub(in super::super) fn seats_are_cut(&mut self, key: LegKey) {
        let recording = self.recorders.by_party.get(&key);
        let session = recording.and_then(|at| self.recorders.sessions.get_mut(at));
        for seat in session.into_iter().flat_map(|session| &mut session.seats) {
            if seat.fed == Fed::Voice(key) {
                seat.fed = Fed::Nothing;
            }
        }
    }
}
