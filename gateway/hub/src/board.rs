//! Who is free and what waits for anybody, kept in order so that a match is found without walking either. It is worked
//! out from state, setup and open consoles, and can be thrown away at any time.

use std::collections::BTreeSet;

use ws::{
    agent::Channel,
    id::{InteractionId, Timestamp},
};

use crate::{
    event::{Leaning, Verdict},
    ids::ByRandomId,
    line::Key,
    roster::{Roster, Seat, Team},
};

/// How far a free agent stands from the next offer: who prefers the channel first, then the least loaded, then the longest
/// idle.
pub(crate) type Rank = (Leaning, u16, Timestamp, Seat);

#[derive(Clone, Debug, Default)]
pub(crate) struct Board {
    lanes: Vec<[Lane; 2]>,
    reserved: Vec<[BTreeSet<Key>; 2]>,
    listed: ByRandomId<InteractionId, Listed>,
    free: Vec<Free>,
}

#[derive(Clone, Debug, Default)]
struct Lane {
    free: BTreeSet<Rank>,
    open: BTreeSet<Key>,
}

/// To whom a waiting entry may be offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stand {
    /// To anybody of a team.
    Open(Team),
    /// To one agent only.
    Reserved(Seat),
}

impl Stand {
    pub(crate) fn team(self) -> Option<Team> {
        match self {
            Self::Open(team) => Some(team),
            Self::Reserved(_) => None,
        }
    }
}

/// A waiting entry on the board.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Listed {
    pub(crate) channel: Channel,
    pub(crate) key: Key,
    pub(crate) stand: Stand,
}

/// Whether an agent is free in each channel, how loaded they are, and since when idle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Free {
    /// Why they take no calls; nothing when they do.
    pub(crate) voice: Option<Verdict>,
    /// Why they take no chats.
    pub(crate) chat: Option<Verdict>,
    /// The channel they are asked first for.
    pub(crate) prefers: Option<Channel>,
    pub(crate) load: u16,
    pub(crate) since: Timestamp,
}

const CHANNELS: [Channel; 2] = [Channel::Voice, Channel::Chat];

fn of(channel: Channel) -> usize {
    match channel {
        Channel::Voice => 0,
        Channel::Chat => 1,
    }
}

impl Free {
    /// Makes one that is free for nothing.
    pub(crate) fn not(why: Verdict) -> Self {
        Self {
            voice: Some(why.clone()),
            chat: Some(why),
            prefers: None,
            load: 0,
            since: Timestamp::default(),
        }
    }

    /// Tells why an agent takes no work of a channel.
    pub(crate) fn why_not(&self, channel: Channel) -> Option<&Verdict> {
        match channel {
            Channel::Voice => self.voice.as_ref(),
            Channel::Chat => self.chat.as_ref(),
        }
    }

    fn is(&self, channel: Channel) -> bool {
        self.why_not(channel).is_none()
    }

    fn rank(&self, channel: Channel, seat: Seat) -> Option<Rank> {
        let leaning = Leaning::of(self.prefers, channel);
        let rank = (leaning, self.load, self.since, seat);
        self.is(channel).then_some(rank)
    }
}

impl Board {
    pub(crate) fn new(roster: &Roster) -> Self {
        Self {
            lanes: Vec::new(),
            reserved: vec![Default::default(); roster.seats()],
            listed: ByRandomId::default(),
            free: vec![Free::not(Verdict::SignedOut); roster.seats()],
        }
    }

    /// Walks the agents of a team who are free, best first.
    pub(crate) fn free(&self, team: Team, channel: Channel) -> impl Iterator<Item = &Rank> {
        let lane = self.lanes.get(team.index());
        lane.into_iter()
            .flat_map(move |lane| &lane[of(channel)].free)
    }

    /// Walks the entries open to anybody of a team, first in line first.
    pub(crate) fn open(&self, team: Team, channel: Channel) -> impl Iterator<Item = &Key> {
        let lane = self.lanes.get(team.index());
        lane.into_iter()
            .flat_map(move |lane| &lane[of(channel)].open)
    }

    /// Walks the entries kept for one agent.
    pub(crate) fn reserved(&self, seat: Seat, channel: Channel) -> impl Iterator<Item = &Key> {
        self.reserved[seat.index()][of(channel)].iter()
    }

    /// Returns how free an agent is.
    pub(crate) fn seated(&self, seat: Seat) -> &Free {
        &self.free[seat.index()]
    }

    /// Tells whether an agent is free in a channel.
    pub(crate) fn is_free(&self, seat: Seat, channel: Channel) -> bool {
        self.free[seat.index()].is(channel)
    }

    /// Returns how a waiting entry is listed.
    pub(crate) fn listed(&self, id: InteractionId) -> Option<&Listed> {
        self.listed.get(&id)
    }

    /// Tells whether entries are open to a team.
    pub(crate) fn is_waited_for(&self, team: Team) -> bool {
        CHANNELS
            .iter()
            .any(|channel| self.open(team, *channel).next().is_some())
    }

    /// Lists a waiting entry, or takes it off the board.
    pub(crate) fn list(&mut self, id: InteractionId, new: Option<Listed>) {
        let old = self.listed.get(&id).copied();
        if old == new {
            return;
        }
        if let Some(old) = old {
            self.keys(&old).remove(&old.key);
        }
        match new {
            Some(new) => {
                self.keys(&new).insert(new.key);
                self.listed.insert(id, new);
            }
            None => {
                self.listed.remove(&id);
            }
        }
    }

    fn keys(&mut self, listed: &Listed) -> &mut BTreeSet<Key> {
        let channel = of(listed.channel);
        match listed.stand {
            Stand::Open(team) => &mut self.lane(team)[channel].open,
            Stand::Reserved(seat) => &mut self.reserved[seat.index()][channel],
        }
    }

    fn lane(&mut self, team: Team) -> &mut [Lane; 2] {
        if self.lanes.len() <= team.index() {
            self.lanes.resize_with(team.index() + 1, Default::default);
        }
        &mut self.lanes[team.index()]
    }

    /// Puts the free agents of a new team before it.
    pub(crate) fn open_team(&mut self, team: Team, members: &[Seat]) {
        for seat in members {
            let free = self.seated(*seat).clone();
            for channel in CHANNELS {
                let rank = free.rank(channel, *seat);
                self.lane(team)[of(channel)].free.extend(rank);
            }
        }
    }

    /// Forgets a team that nothing waits for.
    pub(crate) fn close_team(&mut self, team: Team) {
        *self.lane(team) = Default::default();
    }

    /// Notes how free an agent is for the teams they are in.
    pub(crate) fn seat(&mut self, seat: Seat, teams: &[Team], new: Free) {
        if *self.seated(seat) == new {
            return;
        }
        let old = std::mem::replace(&mut self.free[seat.index()], new.clone());
        for channel in CHANNELS {
            let (was, is) = (old.rank(channel, seat), new.rank(channel, seat));
            if was == is {
                continue;
            }
            for team in teams {
                let lane = &mut self.lane(*team)[of(channel)];
                if let Some(was) = &was {
                    lane.free.remove(was);
                }
                lane.free.extend(is);
            }
        }
    }
}
